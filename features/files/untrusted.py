"""YAML that says no more than it seems to: without tags, aliases, depth or numbers that only serve to do harm."""

import json
from pathlib import Path
from typing import Any

import yaml

from features.bad_input import BadInput

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_BYTES, MOST_DEEP = 1_000_000, 12
STARTS = {"gzip": (b"\x1f\x8b",), "zstd": (b"\x28\xb5\x2f\xfd",), "zlib": (b"\x78\x01", b"\x78\x9c", b"\x78\xda")}


def read_plain_yaml(content: bytes, path: Path, most: int = MOST_BYTES, deepest: int = MOST_DEEP) -> Any:
    """The value in a file's content; BadInput names the file and what in it cannot be read or is not plain."""
    if len(content) > most:
        raise BadInput(f"{path}: {len(content):,} bytes, at most {most:,} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    try:
        _refuse_tricks(text, path, deepest)
        return yaml.load(text, Loader=LOADER)
    except BadInput:
        raise
    # A date or number that looks like one and is none ends in a ValueError of Python's own.
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(f"{path}: not readable as YAML: {' '.join(str(error).split())[:200]}") from None


def _refuse_tricks(text: str, path: Path, deepest: int) -> None:
    """Read through it before anything is built: a few aliases stand for billions, and depth ends the interpreter."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > deepest:
            raise BadInput(f"{path}: holds a YAML alias (*name) or nests deeper than {deepest}; write it out plainly")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise BadInput(f"{path}: {event.tag!r} gives a value a type; write the value alone")


def packed_by(start: bytes) -> str:
    """The method by which content that begins so is packed; empty for plain text."""
    return next((method for method, marks in STARTS.items() if start.startswith(marks)), "")


def parsed(content: bytes | str) -> Any:
    """The value that a JSON text holds; ValueError where it holds none."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deep to be read") from None
