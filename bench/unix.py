"""The bench's system requirements: process groups and memory counts, which Windows lacks."""

import os

from features.bad_input import BadInput


def require_unix(command: str) -> None:
    """Raise BadInput on Windows."""
    if os.name == "nt":
        raise BadInput(f"{command}: needs Linux or macOS, because it kills process groups and reads their peak memory")
