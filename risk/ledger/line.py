"""One line of the ledger, and the chain of checksums that binds each line to the one before."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from features.files.untrusted import parse_json

LineBody = Mapping[str, Any]
LINE_KINDS = (
    "issue", "figures", "override", "note", "withdrawal", "incident", "incident_status", "dispute", "answer",
)  # fmt: skip
# What the first line names as the hash before it.
START_HASH = "0" * 64


class LedgerLine(NamedTuple):
    """A line as stored: its number from 1, when (UTC) and by whom, kind, body (canonical JSON), hash before and own."""

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
    """The one way a body is written: keys in order, no spaces, no numbers that are not numbers."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def chain_next_line(before: tuple[int, str], when: str, who: str, kind: str, body: LineBody) -> LedgerLine:
    """The line that follows the number and hash of the one before."""
    number, previous = before[0] + 1, before[1]
    text = format_canonical(body)
    return LedgerLine(
        number, when, who, kind, text, previous, compute_line_hash(number, when, who, kind, text, previous)
    )


def compute_line_hash(number: int, when: str, who: str, kind: str, body: str, previous: str) -> str:
    """SHA-256 over all that a line says and the hash of the line before."""
    return sha256(format_canonical([number, when, who, kind, body, previous]).encode()).hexdigest()


def find_chain_faults(lines: Sequence[LedgerLine]) -> Iterator[str]:
    """A sentence for each line that was altered, removed, inserted or moved, naming its number."""
    number, previous = 0, START_HASH
    for line in lines:
        if line.number != number + 1:
            gone = f"line {number + 1}" if line.number == number + 2 else f"lines {number + 1} to {line.number - 1}"
            yield f"{gone}: missing"
        elif line.previous != previous:
            yield f"line {line.number}: does not follow line {number}: it names another hash before it"
        if not holds_hash(line):
            yield f"line {line.number}: altered: what it says does not have the hash it carries"
        number, previous = line.number, line.hash


def has_valid_types(line: LedgerLine) -> bool:
    """Whether number and texts are of the types that a line has, which neither JSON nor SQLite sees to."""
    return isinstance(line.number, int) and all(isinstance(text, str) for text in line[1:])


def holds_hash(line: LedgerLine) -> bool:
    """Whether a line is one that this engine writes, and has the hash it carries."""
    try:
        same = has_valid_types(line) and format_canonical(line.content) == line.body
    except (ValueError, TypeError, RecursionError):
        return False
    return same and line.kind in LINE_KINDS and compute_line_hash(*line[:6]) == line.hash
