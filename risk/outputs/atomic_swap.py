"""Atomic replacement of outputs: an interrupted swap is undone, and a reader sees only one run's outputs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from features.bad_input import BadInput
from features.files.locks import can_lock, hold_alone, hold_lock, share_lock

STAGING_FOLDER, PREVIOUS_FOLDER = ".staging", ".previous"
RUN_LOCK, WRITE_LOCK, READ_LOCK = ".run", ".lock", ".reading"


class FolderBusy(BadInput):
    """Another run is using the folder."""


@contextmanager
def hold_run_lock(folder: Path, lock: str = RUN_LOCK) -> Iterator[None]:
    """Hold a lock of the folder; the system releases it even if the run is killed.

    Raises FolderBusy if another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder / lock, FolderBusy(f"{folder}: another run is writing here; try again when it ends")):
        yield


@contextmanager
def hold_read_lock(folder: Path) -> Iterator[None]:
    """Keep the outputs unchanged while they are read, after undoing any interrupted swap.

    Read several tables of one run within one such block. Blocks may be nested.
    """
    lock, previous = folder / READ_LOCK, folder / PREVIOUS_FOLDER
    if not can_lock(lock):
        # Without a folder, or without write permission, there is nothing this user could undo.
        yield
        return
    while True:
        with share_lock(lock):
            if not previous.exists():
                yield
                return
        with hold_alone(lock):
            # A live run holds this lock exclusively while the folder exists, so its writer was killed.
            _restore_outputs(folder, _list_names(previous))


def swap_in_outputs(folder: Path) -> None:
    """Move every staged file and folder into place once no reader is left; on failure, restore the previous ones."""
    names = _list_names(folder / STAGING_FOLDER)
    with hold_alone(folder / READ_LOCK):
        (folder / PREVIOUS_FOLDER).mkdir()
        try:
            for name in names:
                if (folder / name).exists():
                    (folder / name).replace(folder / PREVIOUS_FOLDER / name)
                (folder / STAGING_FOLDER / name).replace(folder / name)
            # This rename completes the swap: from here on nothing is restored.
            (folder / PREVIOUS_FOLDER).replace(folder / STAGING_FOLDER / PREVIOUS_FOLDER)
        except BaseException:
            _restore_outputs(folder, names)
            raise


def _list_names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []


def _restore_outputs(folder: Path, names: Sequence[str]) -> None:
    """Undo an incomplete swap of this run or of a killed one."""
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
