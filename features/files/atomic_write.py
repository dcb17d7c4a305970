"""Atomic writes: a reader finds either the complete old file or the complete new one."""

import os
from pathlib import Path

from features.bad_input import BadInput


def write_atomically(path: Path, content: bytes, lasting: bool = False) -> None:
    """Write a temporary file and rename it over the old one; if `lasting`, sync it to disk before the rename.

    Raises OSError if it cannot be written, and keeps the old file.
    """
    temporary = path.with_name(f"{path.name}.new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def sync_to_disk(path: Path) -> None:
    """Flush a file to disk before anything depends on it; a folder only where the system allows opening one."""
    windows = os.name == "nt"
    if windows and path.is_dir():
        return
    # Windows flushes only files opened for writing.
    handle = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file atomically; raises BadInput in one line if it cannot be saved, such as on a full disk."""
    try:
        write_atomically(path, content)
    except OSError as error:
        raise BadInput(f"{path}: cannot be saved ({error.strerror}); earlier outputs are unchanged") from None
