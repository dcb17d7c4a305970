"""Adds your own indicators to the snapshot or removes them, one command at a time."""

from pathlib import Path

from features.intake.own_indicator import CheckedIndicator, delete_own_source, install_own_source, read_own_indicator
from features.snapshot.own_sources import find_own_folder
from features.snapshot.snapshot import Snapshot
from risk.outputs.atomic_swap import WRITE_LOCK, hold_run_lock


def add_indicator(folder: Path, snapshot: Snapshot) -> CheckedIndicator:
    """Check a folder (card.yaml and a CSV a table) and put it among the own indicators, in place of an older version.

    Raises BadInput where it cannot be used; what stood there before is then unchanged.
    """
    intake = read_own_indicator(folder, snapshot.folder)
    with hold_run_lock(find_own_folder(snapshot.folder), WRITE_LOCK):
        install_own_source(intake, snapshot.folder)
    return intake


def remove_indicator(source: str, snapshot: Snapshot) -> None:
    """Leave a source out again; BadInput where there is none of that name."""
    with hold_run_lock(find_own_folder(snapshot.folder), WRITE_LOCK):
        delete_own_source(source, snapshot.folder)
