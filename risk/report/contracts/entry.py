"""What pages promise of the ledger's entries: every value a text; when names who wrote it, the day and the line."""

from typing import TypedDict


class Override(TypedDict):
    """A reviewer's tier for an outcome, beside what the engine says."""

    outcome: str
    tier: str
    engine: str
    when: str
    because: str
    until: str


class Dispute(TypedDict):
    """A challenged value, and the answer that upheld the challenge, where there is one."""

    label: str
    value: str
    state: str
    when: str
    because: str
    answer: str | None


class Incident(TypedDict):
    """An outside report, where it stands, and what is due; because: of its last step."""

    on: str
    what: str
    source: str
    overdue: bool
    status: str
    clock: str
    when: str
    because: str | None


class Note(TypedDict):
    """A reviewer's note."""

    because: str
    when: str
    until: str | None


class More(TypedDict):
    """How many entries of each kind are not shown."""

    overrides: int
    disputes: int
    incidents: int
    notes: int


class Entries(TypedDict):
    """What people put on record about a partner, as on a day."""

    day: str
    told: str
    overrides: list[Override]
    disputes: list[Dispute]
    incidents: list[Incident]
    notes: list[Note]
    more: More
