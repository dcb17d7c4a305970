"""What the bench needs of a system: process groups, and counts of memory that Windows does not keep."""

import os

from features.bad_input import BadInput


def require_unix(what: str) -> None:
    """Refuse, in one line, to measure or break anything on Windows."""
    if os.name == "nt":
        raise BadInput(f"{what}: needs Linux or macOS: it kills groups of processes and reads their peak memory")
