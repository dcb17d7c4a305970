"""JSON from untrusted files: anything unreadable is a ValueError, including endless nesting."""

import json
from typing import Any

COMPRESSION_MARKS = {
    "gzip": (b"\x1f\x8b",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
    "zlib": (b"\x78\x01", b"\x78\x9c", b"\x78\xda"),
}


def parse_json(content: bytes | str) -> Any:
    """The value of a JSON text; ValueError if it is not valid JSON."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply to be read") from None


def detect_compression(start: bytes) -> str:
    """The compression method of content, from its first bytes; empty for plain text."""
    return next((method for method, marks in COMPRESSION_MARKS.items() if start.startswith(marks)), "")
