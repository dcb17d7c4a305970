"""Files written aside, put on disk and moved into place, so that a reader finds the old one or the new one, whole."""

import os
from pathlib import Path

from features.bad_input import BadInput


def write_atomically(path: Path, content: bytes, lasting: bool = False) -> None:
    """Write beside the old file and move over it; a lasting one is on disk before, whatever the file system.

    Raises OSError where it cannot be written, and leaves the old one.
    """
    aside = path.with_name(f"{path.name}.new")
    try:
        with aside.open("wb") as file:
            file.write(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def sync_to_disk(path: Path) -> None:
    """Have the disk hold what was written before anything rests on it; a folder only where the system opens one."""
    windows = os.name == "nt"
    if windows and path.is_dir():
        return
    # Windows flushes only what is open to write.
    handle = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place; a full disk is refused in one line."""
    try:
        write_atomically(path, content)
    except OSError as error:
        raise BadInput(f"{path}: cannot be saved ({error.strerror}); earlier outputs are as they were") from None
