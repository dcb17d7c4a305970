"""What the pages on past cases and on case review promise."""

from typing import TypedDict

from risk.report.contracts.page import Footer


class PastCase(TypedDict):
    """A past case told once, and the rules that follow it or are warned by it."""

    partners: str | None
    years: str | None
    asked: str | None
    happened: str | None
    lesson: str | None
    source: str | None
    rules: str


class CasesPage(Footer):
    """All past cases, by partner and year."""

    cases: list[PastCase]


class Command(TypedDict):
    """A command and what it gives."""

    command: str
    told: str


class FieldLine(TypedDict):
    """A field of a case; table: the kind of the table whose keys it accepts, or none."""

    name: str
    needed: str
    accepted: str
    table: str | None
    told: str


class Choice(TypedDict):
    """A key that a field accepts."""

    key: str
    title: str
    told: str


class Choices(TypedDict):
    """The keys that a field accepts."""

    id: str
    heading: str
    rows: list[Choice]


class MisuseLine(TypedDict):
    """What an item or user lends itself to: scores from 0 to 4, in the order of case_words.RISKS."""

    key: str
    title: str
    because: str | None
    url: str | None
    scores: list[int]
    source: str


class MisuseTable(TypedDict):
    """What items, or users, lend themselves to."""

    id: str
    heading: str
    rows: list[MisuseLine]


class ReviewPage(Footer):
    """All that the page on case review says."""

    warning: str
    scores: str
    risks: list[str]
    commands: list[Command]
    fields: list[FieldLine]
    choices: list[Choices]
    misuse: list[MisuseTable]
    sample: str
