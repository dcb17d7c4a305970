"""Outputs put in place by renames: an exchange that a kill cut short is undone, and a reader sees one run's."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from features.bad_input import BadInput

STAGING, PREVIOUS = ".staging", ".previous"
RUN_LOCK, WRITE_LOCK, READ_LOCK = ".run", ".lock", ".reading"


class Busy(BadInput):
    """Another run works in the folder."""


@contextmanager
def only_run(folder: Path, lock: str = RUN_LOCK) -> Iterator[None]:
    """Hold a lock of the folder, which the system frees even when the run is killed.

    Raises Busy when another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / lock).open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"{folder}: another run is writing here; try again when it ends") from error
        yield


@contextmanager
def steady(folder: Path) -> Iterator[None]:
    """Keep the outputs as they are while they are read; an exchange that a kill cut short is undone first.

    Whoever reads several tables of one run reads them within one such block. It may stand within another.
    """
    try:
        held = (folder / READ_LOCK).open("a")
    except OSError:
        # Where this user cannot write, or there is no folder, no command of theirs can undo anything.
        yield
        return
    with held:
        fcntl.flock(held, fcntl.LOCK_SH)
        while (folder / PREVIOUS).exists():
            # A living run holds this lock alone while the folder stands: its writer was killed.
            fcntl.flock(held, fcntl.LOCK_EX)
            _put_back(folder, _names(folder / PREVIOUS))
            fcntl.flock(held, fcntl.LOCK_SH)
        yield


def move_into_place(folder: Path) -> None:
    """Move every staged file and folder into place, once nobody reads; on a failure, put the previous ones back."""
    names = _names(folder / STAGING)
    with _alone(folder):
        (folder / PREVIOUS).mkdir()
        try:
            for name in names:
                if (folder / name).exists():
                    (folder / name).replace(folder / PREVIOUS / name)
                (folder / STAGING / name).replace(folder / name)
            # One rename ends the exchange: from here on nothing would be put back.
            (folder / PREVIOUS).replace(folder / STAGING / PREVIOUS)
        except BaseException:
            _put_back(folder, names)
            raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for those who read, and keep others out for the moment of the exchange."""
    with (folder / READ_LOCK).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []


def _put_back(folder: Path, names: Sequence[str]) -> None:
    """Undo an exchange that did not end, whether in this run or in one that was killed."""
    previous = folder / PREVIOUS
    if not previous.exists():
        return
    (folder / STAGING).mkdir(exist_ok=True)
    for name in names:
        moved_in = not (folder / STAGING / name).exists()
        if moved_in and (folder / name).exists():
            (folder / name).replace(folder / STAGING / name)
        if (previous / name).exists():
            (previous / name).replace(folder / name)
    previous.rmdir()
