"""What people write and sign with, checked: fit to be shown anywhere, on one line."""

import re
from urllib.parse import urlsplit

from features.bad_input import BadInput
from risk.ledger.writer import get_user_name

LONGEST_TEXT, LONGEST_NAME = 2000, 100
# Anything that could move a cursor, hide text or turn its direction where it is shown.
UNSAFE_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def check_text(said: str, name: str, longest: int = LONGEST_TEXT) -> str:
    """What a person wrote, if it is fit to be shown anywhere on one line."""
    plain = " ".join(said.split())
    if not plain or len(plain) > longest:
        raise BadInput(f"--{name}: {len(plain)} characters, expected 1 to {longest}")
    if found := UNSAFE_CHARACTERS.search(plain):
        raise BadInput(f"--{name}: character U+{ord(found[0]):04X} cannot be shown; leave it out")
    return plain


def check_web_address(source: str) -> str:
    """A web address that a reader can follow."""
    plain = check_text(source, "source", 500)
    try:
        parts = urlsplit(plain)
        good = parts.scheme in ("https", "http") and bool(parts.hostname) and " " not in plain
    except ValueError:
        good = False
    if not good:
        raise BadInput(f"--source {plain!r}: expected a web address that begins with https:// or http://")
    return plain


def check_signature(who: str | None) -> str:
    """The name that an entry is kept under: the one given, or else the system user's."""
    return check_text(get_user_name() if who is None else who, "by", LONGEST_NAME)
