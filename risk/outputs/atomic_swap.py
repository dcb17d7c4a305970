"""Outputs put in place by renames: an exchange that a kill cut short is undone, and a reader sees one run's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from features.bad_input import BadInput
from features.files.locks import can_lock, hold_alone, hold_lock, share_lock

STAGING_FOLDER, PREVIOUS_FOLDER = ".staging", ".previous"
RUN_LOCK, WRITE_LOCK, READ_LOCK = ".run", ".lock", ".reading"


class FolderBusy(BadInput):
    """Another run works in the folder."""


@contextmanager
def hold_run_lock(folder: Path, lock: str = RUN_LOCK) -> Iterator[None]:
    """Hold a lock of the folder, which the system frees even when the run is killed.

    Raises Busy when another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder / lock, FolderBusy(f"{folder}: another run is writing here; try again when it ends")):
        yield


@contextmanager
def hold_read_lock(folder: Path) -> Iterator[None]:
    """Keep the outputs as they are while they are read; an exchange that a kill cut short is undone first.

    Whoever reads several tables of one run reads them within one such block. It may stand within another.
    """
    lock, previous = folder / READ_LOCK, folder / PREVIOUS_FOLDER
    if not can_lock(lock):
        # Where this user cannot write, or there is no folder, no command of theirs can undo anything.
        yield
        return
    while True:
        with share_lock(lock):
            if not previous.exists():
                yield
                return
        with hold_alone(lock):
            # A living run holds this lock alone while the folder stands: its writer was killed.
            _restore_outputs(folder, _list_names(previous))


def swap_in_outputs(folder: Path) -> None:
    """Move every staged file and folder into place, once nobody reads; on a failure, put the previous ones back."""
    names = _list_names(folder / STAGING_FOLDER)
    with hold_alone(folder / READ_LOCK):
        (folder / PREVIOUS_FOLDER).mkdir()
        try:
            for name in names:
                if (folder / name).exists():
                    (folder / name).replace(folder / PREVIOUS_FOLDER / name)
                (folder / STAGING_FOLDER / name).replace(folder / name)
            # One rename ends the exchange: from here on nothing would be put back.
            (folder / PREVIOUS_FOLDER).replace(folder / STAGING_FOLDER / PREVIOUS_FOLDER)
        except BaseException:
            _restore_outputs(folder, names)
            raise


def _list_names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []


def _restore_outputs(folder: Path, names: Sequence[str]) -> None:
    """Undo an exchange that did not end, whether in this run or in one that was killed."""
    previous = folder / PREVIOUS_FOLDER
    if not previous.exists():
        return
    (folder / STAGING_FOLDER).mkdir(exist_ok=True)
    for name in names:
        moved_in = not (folder / STAGING_FOLDER / name).exists()
        if moved_in and (folder / name).exists():
            (folder / name).replace(folder / STAGING_FOLDER / name)
        if (previous / name).exists():
            (previous / name).replace(folder / name)
    previous.rmdir()
