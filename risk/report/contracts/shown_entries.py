"""Entries of the ledger as they stand on a day, for the pages to show: plain values that JSON can hold."""

from typing import Literal, NotRequired, TypedDict

EntryKind = Literal["overrides", "disputes", "incidents", "notes"]


class Signed(TypedDict):
    """Who wrote a line of the ledger, on which day, and its number."""

    line: int
    by: str
    day: str


class PartnerEntry(Signed):
    """A line about one partner."""

    iso3: str


class Figure(TypedDict):
    """A tier and the share of one that it is a band of."""

    tier: str
    probability: float | None


class OverrideEntry(PartnerEntry):
    """A reviewer's tier for one outcome until a day, beside the engine's own figure at the time."""

    outcome: str
    tier: str
    because: str
    until: str
    engine: Figure


class NoteEntry(PartnerEntry):
    """A reviewer's note, in force for good where it names no day."""

    because: str
    until: NotRequired[str]


class IncidentEntry(PartnerEntry):
    """An outside report; because: of its last step; due: the day by which due_for must be done, or none."""

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
    """A challenge to one value, with the value, unit, year and source as they were; answer: none while it is open."""

    measure: str
    label: str
    value: float | None
    unit: str | None
    year: int | None
    source: str
    because: str
    answer: AnswerEntry | None


class ShownEntries(TypedDict):
    """What the page of one partner shows of the ledger on a day."""

    day: str
    overrides: list[OverrideEntry]
    notes: list[NoteEntry]
    incidents: list[IncidentEntry]
    disputes: list[DisputeEntry]
