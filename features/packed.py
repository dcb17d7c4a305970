"""Which bytes polars would unpack unasked, to any size, where it was given them for a CSV."""

STARTS = {"gzip": (b"\x1f\x8b",), "zstd": (b"\x28\xb5\x2f\xfd",), "zlib": (b"\x78\x01", b"\x78\x9c", b"\x78\xda")}


def packed_by(start: bytes) -> str:
    """The method by which content that begins so is packed; empty for plain text."""
    return next((method for method, marks in STARTS.items() if start.startswith(marks)), "")
