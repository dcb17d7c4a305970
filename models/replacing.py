"""A model's file moved into place whole, or one line on why not."""

from pathlib import Path

from features.bad_input import BadInput
from features.moved import put_in_place


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place; a full disk is refused in one line."""
    try:
        put_in_place(path, content)
    except OSError as error:
        raise BadInput(f"{path}: cannot be saved ({error.strerror}); earlier outputs are as they were") from None
