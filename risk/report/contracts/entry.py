"""Ledger entries on pages: every value is a text; `when` has the author, the day and the line."""

from typing import TypedDict


class Override(TypedDict):
    """A reviewer's tier for an outcome, and the engine's."""

    outcome: str
    tier: str
    engine: str
    when: str
    because: str
    until: str


class Dispute(TypedDict):
    """A disputed value, and the answer that upheld the dispute, if any."""

    label: str
    value: str
    state: str
    when: str
    because: str
    answer: str | None


class Incident(TypedDict):
    """An outside report, its status, and what is due; because: of its last step."""

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
    """The ledger entries about a partner on a day."""

    day: str
    told: str
    overrides: list[Override]
    disputes: list[Dispute]
    incidents: list[Incident]
    notes: list[Note]
    more: More
