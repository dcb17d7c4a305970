"""The content of the pages on precedents and on case review."""

from typing import TypedDict

from risk.report.contracts.page import Footer


class PastCase(TypedDict):
    """A precedent, and the rules that follow it or are warned by it."""

    partners: str | None
    years: str | None
    asked: str | None
    happened: str | None
    lesson: str | None
    source: str | None
    rules: str


class CasesPage(Footer):
    """All precedents, by partner and year."""

    cases: list[PastCase]


class Command(TypedDict):
    """A command and its output."""

    command: str
    told: str


class FieldLine(TypedDict):
    """A field of a case; table: the kind of the table whose keys it accepts, or None."""

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
    """The misuse scores of an item or end user, 0 to 4, in the order of RISK_NAMES."""

    key: str
    title: str
    because: str | None
    url: str | None
    scores: list[int]
    source: str


class MisuseTable(TypedDict):
    """The misuse scores of items or of end users."""

    id: str
    heading: str
    rows: list[MisuseLine]


class ReviewPage(Footer):
    """The content of the page on case review."""

    warning: str
    scores: str
    risks: list[str]
    commands: list[Command]
    fields: list[FieldLine]
    choices: list[Choices]
    misuse: list[MisuseTable]
    sample: str
