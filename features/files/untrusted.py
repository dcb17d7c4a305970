"""JSON from a file that somebody may have altered: whatever cannot be read is a ValueError, nesting without end too."""

import json
from typing import Any

COMPRESSION_MARKS = {
    "gzip": (b"\x1f\x8b",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
    "zlib": (b"\x78\x01", b"\x78\x9c", b"\x78\xda"),
}


def parse_json(content: bytes | str) -> Any:
    """The value that a JSON text holds; ValueError where it holds none."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deep to be read") from None


def detect_compression(start: bytes) -> str:
    """The method by which content that begins so is packed; empty for plain text."""
    return next((method for method, marks in COMPRESSION_MARKS.items() if start.startswith(marks)), "")
