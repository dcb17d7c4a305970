"""A ledger line, and the hash chain that links each line to the previous one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from features.files.untrusted import parse_json

LineBody = Mapping[str, Any]
LINE_KINDS = (
    "issue", "figures", "override", "note", "withdrawal", "incident", "incident_status", "dispute", "answer",
)  # fmt: skip
# The first line's previous hash.
START_HASH = "0" * 64


class LedgerLine(NamedTuple):
    """A stored line: number from 1, time (UTC), author, kind, body (canonical JSON), previous hash and own hash."""

    number: int
    when: str
    who: str
    kind: str
    body: str
    previous: str
    hash: str

    @property
    def content(self) -> dict[str, Any]:
        """The body as plain values."""
        facts: dict[str, Any] = parse_json(self.body)
        return facts


def format_canonical(body: Any) -> str:
    """Format a body as canonical JSON: sorted keys, no spaces, no NaN or infinity."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def chain_next_line(before: tuple[int, str], when: str, who: str, kind: str, body: LineBody) -> LedgerLine:
    """Build the line that follows the previous line's number and hash."""
    number, previous = before[0] + 1, before[1]
    text = format_canonical(body)
    return LedgerLine(
        number, when, who, kind, text, previous, compute_line_hash(number, when, who, kind, text, previous)
    )


def compute_line_hash(number: int, when: str, who: str, kind: str, body: str, previous: str) -> str:
    """Compute the SHA-256 of a line's content and the previous line's hash."""
    return sha256(format_canonical([number, when, who, kind, body, previous]).encode()).hexdigest()


def find_chain_faults(lines: Sequence[LedgerLine]) -> Iterator[str]:
    """Yield a fault, with the line number, for each line altered, removed, inserted or moved."""
    number, previous = 0, START_HASH
    for line in lines:
        if line.number != number + 1:
            missing = f"line {number + 1}" if line.number == number + 2 else f"lines {number + 1} to {line.number - 1}"
            yield f"{missing}: missing"
        elif line.previous != previous:
            yield f"line {line.number}: does not follow line {number}: its previous hash differs"
        if not holds_hash(line):
            yield f"line {line.number}: altered: its content does not match its hash"
        number, previous = line.number, line.hash


def has_valid_types(line: LedgerLine) -> bool:
    """Whether the fields have the right types, which neither JSON nor SQLite enforces."""
    return isinstance(line.number, int) and all(isinstance(text, str) for text in line[1:])


def holds_hash(line: LedgerLine) -> bool:
    """Whether a line is as this engine writes it and matches its hash."""
    try:
        same = has_valid_types(line) and format_canonical(line.content) == line.body
    except (ValueError, TypeError, RecursionError):
        return False
    return same and line.kind in LINE_KINDS and compute_line_hash(*line[:6]) == line.hash
