"""The plan on pages: decisions by kind, with their basis and their precedents."""

from typing import Literal, TypedDict

from risk.report.contracts.input_types import Details

AfterLaw = Literal["positive_condition", "redline", "offramp", "message", "check"]
CaseText = Literal["partners", "years", "asked", "happened", "lesson", "source"]


class Precedent(TypedDict):
    """A precedent in words; again: only named, since it is shown in full elsewhere or above the limit."""

    use: str
    partners: str | None
    years: str | None
    asked: str | None
    happened: str | None
    lesson: str | None
    source: str | None
    again: bool


class Step(TypedDict):
    """A step of a message, and when it is due, if stated."""

    when: str | None
    what: str


class Benchmark(TypedDict):
    """A condition's target for a measure by a day; kept: the target is the current value; past: of others."""

    measure: str
    now: str
    asked: str
    kept: bool
    by: str | None
    past: str | None


class Stand(TypedDict):
    """The partner's value for one condition of a rule, the threshold, and the distance from it, if known."""

    what: str
    now: str
    year: int | None
    line: str | None
    gap: str | None
    holds: str


class SeenFact(TypedDict):
    """A condition as written in the rule, and its values with their years."""

    fact: str
    values: dict[str, str]
    holds: str


class Decision(TypedDict):
    """One decision: why, and what follows; refer: a person must decide; way_out, unlocks: only for their kinds."""

    id: str
    title: str
    rule: str
    reference: str | None
    as_of: str | None
    reference_status: str | None
    refer: bool
    paragraphs: list[str]
    steps: list[str]
    calendar: list[Step]
    benchmark: Benchmark | None
    way_out: str | None
    unlocks: str | None
    stands: list[Stand]
    facts: list[SeenFact]
    details: Details
    programmes: list[str]
    precedents: list[Precedent]


class Plan(TypedDict):
    """Decisions by kind."""

    trigger: list[Decision]
    check: list[Decision]
    positive_condition: list[Decision]
    redline: list[Decision]
    offramp: list[Decision]
    message: list[Decision]


class Caution(TypedDict):
    """A caution with its precedents."""

    title: str
    because: str
    precedents: list[Precedent]


class Package(Plan):
    """A partner's plan; benchmarks: recourse sentences not shown with a condition."""

    cautions: list[Caution]
    benchmarks: list[str]
