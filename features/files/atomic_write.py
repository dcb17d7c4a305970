"""A file written aside and moved into place, so that whoever reads it finds the old one or the new one, whole."""

import os
from pathlib import Path

from features.bad_input import BadInput


def put_in_place(path: Path, content: bytes, lasting: bool = False) -> None:
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


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place; a full disk is refused in one line."""
    try:
        put_in_place(path, content)
    except OSError as error:
        raise BadInput(f"{path}: cannot be saved ({error.strerror}); earlier outputs are as they were") from None
