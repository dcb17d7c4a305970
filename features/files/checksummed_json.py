"""JSON that contains its own checksum, so that any altered byte is detected."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from features.bad_input import BadInput, quote_value
from features.files.untrusted import parse_json

CHECKSUM_KEY = "checksum"


def dump_with_checksum(facts: Mapping[str, Any]) -> bytes:
    """The facts as indented JSON with sorted keys, including their own SHA-256."""
    return _dump_json({**facts, CHECKSUM_KEY: sha256(_dump_json(facts)).hexdigest()})


def load_with_checksum(content: bytes, path: Path) -> dict[str, Any]:
    """The facts of JSON with a checksum; BadInput names the file if any byte was altered."""
    try:
        facts: dict[str, Any] = parse_json(content)
        stated = facts.pop(CHECKSUM_KEY)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{path}: altered or cut off: not JSON with its own checksum") from None
    if stated != sha256(_dump_json(facts)).hexdigest() or dump_with_checksum(facts) != content:
        raise BadInput(f"{path}: altered: its content does not match its checksum ({quote_value(stated):.13}…)")
    return facts


def _dump_json(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, indent=1, sort_keys=True).encode()
