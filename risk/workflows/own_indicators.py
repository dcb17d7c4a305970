"""Adds your own indicators to the snapshot or removes them, one command at a time."""

from pathlib import Path

from features.intake.own_indicator import CheckedIndicator, delete_own_source, install_own_source, read_own_indicator
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.own_sources import find_own_folder
from risk.outputs.atomic_swap import WRITE_LOCK, hold_run_lock


def add_indicator(folder: Path, raw: Path = RAW_FOLDER) -> CheckedIndicator:
    """Check a folder (card.yaml and a CSV a table) and put it among the own indicators, in place of an older version.

    Raises BadInput where it cannot be used; what stood there before is then unchanged.
    """
    intake = read_own_indicator(folder, raw)
    with hold_run_lock(find_own_folder(raw), WRITE_LOCK):
        install_own_source(intake, raw)
    return intake


def remove_indicator(source: str, raw: Path = RAW_FOLDER) -> None:
    """Leave a source out again; BadInput where there is none of that name."""
    with hold_run_lock(find_own_folder(raw), WRITE_LOCK):
        delete_own_source(source, raw)
