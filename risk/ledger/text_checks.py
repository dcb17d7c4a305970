"""Checks texts and names that people enter, so that they display safely on one line."""

import re
from urllib.parse import urlsplit

from features.bad_input import BadInput
from risk.ledger.writer import get_user_name

LONGEST_TEXT, LONGEST_NAME = 2000, 100
# Characters that could move the cursor, hide text or change its direction.
UNSAFE_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def check_text(text: str, name: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text on one line; raises BadInput if it is empty, too long or has unsafe characters."""
    plain = " ".join(text.split())
    if not plain or len(plain) > longest:
        raise BadInput(f"--{name}: {len(plain)} characters, expected 1 to {longest}")
    if match := UNSAFE_CHARACTERS.search(plain):
        raise BadInput(f"--{name}: character U+{ord(match[0]):04X} cannot be displayed; remove it")
    return plain


def check_web_address(source: str) -> str:
    """Return a valid http or https address; raises BadInput for any other."""
    plain = check_text(source, "source", 500)
    try:
        parts = urlsplit(plain)
        valid = parts.scheme in ("https", "http") and bool(parts.hostname) and " " not in plain
    except ValueError:
        valid = False
    if not valid:
        raise BadInput(f"--source {plain!r}: expected a web address that starts with https:// or http://")
    return plain


def check_signature(who: str | None) -> str:
    """Return the name that signs an entry: the argument, or else the system user's name."""
    return check_text(get_user_name() if who is None else who, "by", LONGEST_NAME)
