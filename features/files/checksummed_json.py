"""JSON that carries its own checksum, so that one altered byte anywhere in it is noticed."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from features.bad_input import BadInput, quote_value
from features.files.untrusted import parse_json

CHECKSUM_KEY = "checksum"


def dump_with_checksum(facts: Mapping[str, Any]) -> bytes:
    """The facts as readable JSON, keys in order, with the SHA-256 of themselves among them."""
    return _dump_json({**facts, CHECKSUM_KEY: sha256(_dump_json(facts)).hexdigest()})


def load_with_checksum(content: bytes, path: Path) -> dict[str, Any]:
    """The facts of sealed JSON; BadInput names the file if a byte of it is not as it was written."""
    try:
        facts: dict[str, Any] = parse_json(content)
        said = facts.pop(CHECKSUM_KEY)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{path}: altered or cut off: not JSON with a checksum of itself") from None
    if said != sha256(_dump_json(facts)).hexdigest() or dump_with_checksum(facts) != content:
        raise BadInput(f"{path}: altered: it does not have the checksum that it carries ({quote_value(said):.13}…)")
    return facts


def _dump_json(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, indent=1, sort_keys=True).encode()
