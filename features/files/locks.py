"""Locks on files, alike on every system, that are freed even when their holder is killed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local
from time import monotonic, sleep

from filelock import FileLock, ReadWriteLock, Timeout

from features.bad_input import BadInput

# Seconds between two looks at a lock that another holds.
PAUSE = 0.005


class _Mine(local):
    """Locks of this thread: those it shares now, and when it let go of others."""

    def __init__(self) -> None:
        self.shared: set[Path] = set()
        self.released: dict[Path, float] = {}


_mine = _Mine()


@contextmanager
def hold_lock(path: Path, refusal: BadInput, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock that one command at a time has; raise the refusal where another still has it after `patience` s."""
    # Windows alone would remove the file; a soft lock would outlive a killed holder.
    lock = FileLock(path, patience, poll_interval=PAUSE, preserve_lock_file=os.name == "nt", fallback_to_soft=False)
    if patience:
        _let_others_go_first(path)
    try:
        lock.acquire()
    except Timeout:
        raise refusal from None
    try:
        yield
    finally:
        lock.release()
        _mine.released[path.absolute()] = monotonic()


def _let_others_go_first(path: Path) -> None:
    """Whoever has just let go would be first again and again; after two pauses everyone who waits has looked."""
    sleep(max(0.0, _mine.released.get(path.absolute(), -2 * PAUSE) + 2 * PAUSE - monotonic()))


@contextmanager
def share_lock(path: Path) -> Iterator[None]:
    """Hold a lock together with others who share it, once nobody holds it alone; it may stand within another."""
    key = path.absolute()
    # While another waits to be alone, nobody could share the lock a second time.
    if key in _mine.shared:
        yield
        return
    lock = _open_lock(path, alone=False)
    _mine.shared.add(key)
    try:
        yield
    finally:
        _mine.shared.remove(key)
        lock.close()


@contextmanager
def hold_alone(path: Path) -> Iterator[None]:
    """Hold a lock that others share, once none of them has it, and keep them out meanwhile."""
    lock = _open_lock(path, alone=True)
    try:
        yield
    finally:
        lock.close()


def can_lock(path: Path) -> bool:
    """Whether this user can open the lock; its file is made, where there is none, with the rights that files have."""
    try:
        path.open("a").close()
    except OSError:
        return False
    return True


def _open_lock(path: Path, alone: bool) -> ReadWriteLock:
    path.open("a").close()
    lock = ReadWriteLock(path, is_singleton=False)
    try:
        lock.acquire_write() if alone else lock.acquire_read()
    except (sqlite3.Error, ValueError) as error:
        raise BadInput(f"{path}: cannot be locked ({error}); remove the file where no command runs") from None
    return lock
