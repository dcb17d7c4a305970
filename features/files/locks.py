"""File locks that work the same on every system and are released even when their holder is killed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local
from time import monotonic, sleep

from filelock import FileLock, ReadWriteLock, Timeout

from features.bad_input import BadInput

# Seconds between two attempts to acquire a lock that another process holds.
PAUSE = 0.005


class _ThreadLocks(local):
    """Locks of this thread: those it now shares, and when it released others."""

    def __init__(self) -> None:
        self.shared: set[Path] = set()
        self.released: dict[Path, float] = {}


_thread_locks = _ThreadLocks()


@contextmanager
def hold_lock(path: Path, refusal: BadInput, patience: float = 0.0) -> Iterator[None]:
    """Hold an exclusive lock; raise the refusal if another command still holds it after `patience` seconds."""
    # Only Windows would remove the file; a soft lock would outlive a killed holder.
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
        _thread_locks.released[path.absolute()] = monotonic()


def _let_others_go_first(path: Path) -> None:
    """Wait two pauses after a release, so that every waiting process tries before the last holder does again."""
    sleep(max(0.0, _thread_locks.released.get(path.absolute(), -2 * PAUSE) + 2 * PAUSE - monotonic()))


@contextmanager
def share_lock(path: Path) -> Iterator[None]:
    """Hold a shared lock, once no process holds it exclusively; calls may be nested."""
    key = path.absolute()
    # While another process waits for exclusive access, a second shared lock could not be acquired.
    if key in _thread_locks.shared:
        yield
        return
    lock = _open_lock(path, alone=False)
    _thread_locks.shared.add(key)
    try:
        yield
    finally:
        _thread_locks.shared.remove(key)
        lock.close()


@contextmanager
def hold_alone(path: Path) -> Iterator[None]:
    """Hold a shared lock exclusively, once no other process holds it, and keep others out."""
    lock = _open_lock(path, alone=True)
    try:
        yield
    finally:
        lock.close()


def can_lock(path: Path) -> bool:
    """Whether this user can open the lock file, which is created if missing."""
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
        raise BadInput(f"{path}: cannot be locked ({error}); if no command is running, remove the file") from None
    return lock
