"""A file written aside and moved into place."""

from pathlib import Path

from features.bad_input import BadInput


def replace_file(path: Path, content: bytes) -> None:
    """Write a file aside and move it into place; a full disk is refused in one line."""
    aside = path.with_suffix(".new")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise BadInput(f"{path}: cannot be saved ({error.strerror}); earlier outputs are as they were") from None
