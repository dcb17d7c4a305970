"""Your own indicators added to the snapshot or left out again, one command at a time."""

from pathlib import Path

from features.intake.own_indicator import Intake, put_in_place, read_own, remove_own
from features.snapshot.cards import RAW
from features.snapshot.own_sources import own_folder
from risk.outputs.atomic_swap import WRITE_LOCK, only_run


def add_indicator(folder: Path, raw: Path = RAW) -> Intake:
    """Check a folder (card.yaml and a CSV a table) and put it among the own indicators, in place of an older version.

    Raises BadInput where it cannot be used; what stood there before is then unchanged.
    """
    intake = read_own(folder, raw)
    with only_run(own_folder(raw), WRITE_LOCK):
        put_in_place(intake, raw)
    return intake


def remove_indicator(source: str, raw: Path = RAW) -> None:
    """Leave a source out again; BadInput where there is none of that name."""
    with only_run(own_folder(raw), WRITE_LOCK):
        remove_own(source, raw)
