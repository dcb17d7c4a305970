"""Ledger entries in force on a day, as plain values that JSON can hold, for pages."""

from typing import Literal, NotRequired, TypedDict

EntryKind = Literal["overrides", "disputes", "incidents", "notes"]


class Signed(TypedDict):
    """The author, day and number of a ledger line."""

    line: int
    by: str
    day: str


class PartnerEntry(Signed):
    """A ledger line about one partner."""

    iso3: str


class Figure(TypedDict):
    """A tier and its probability, a share of one."""

    tier: str
    probability: float | None


class OverrideEntry(PartnerEntry):
    """A reviewer's tier for one outcome until a day, and the engine's figure at the time."""

    outcome: str
    tier: str
    because: str
    until: str
    engine: Figure


class NoteEntry(PartnerEntry):
    """A reviewer's note, in force indefinitely if it has no end day."""

    because: str
    until: NotRequired[str]


class IncidentEntry(PartnerEntry):
    """An outside report; because: of its last step; due: the deadline of due_for, or None."""

    on: str
    what: str
    source: str
    status: str
    since: str
    substantiated: bool
    because: NotRequired[str]
    due: str | None
    due_for: str | None
    overdue: bool


class AnswerEntry(Signed):
    """The answer to a dispute."""

    because: str
    upheld: bool


class DisputeEntry(PartnerEntry):
    """A dispute of one value, with its value, unit, year and source at the time; answer: None while open."""

    measure: str
    label: str
    value: float | None
    unit: str | None
    year: int | None
    source: str
    because: str
    answer: AnswerEntry | None


class ShownEntries(TypedDict):
    """The ledger entries shown on one partner's page on a day."""

    day: str
    overrides: list[OverrideEntry]
    notes: list[NoteEntry]
    incidents: list[IncidentEntry]
    disputes: list[DisputeEntry]
