"""What pages promise of the plan: decisions by kind, what each rests on, and the cases behind it."""

from typing import Literal, TypedDict

from risk.report.contracts.input_types import Details

AfterLaw = Literal["positive_condition", "redline", "offramp", "message", "check"]
CaseText = Literal["partners", "years", "asked", "happened", "lesson", "source"]


class Precedent(TypedDict):
    """A past case in words; again: only named, since it is told elsewhere on the page or is one too many."""

    use: str
    partners: str | None
    years: str | None
    asked: str | None
    happened: str | None
    lesson: str | None
    source: str | None
    again: bool


class Step(TypedDict):
    """A step of a message, and when it is due, where it says so."""

    when: str | None
    what: str


class Benchmark(TypedDict):
    """What a condition asks of a measure by a day; kept: the value asked is the value now; past: of others, or none."""

    measure: str
    now: str
    asked: str
    kept: bool
    by: str | None
    past: str | None


class Stand(TypedDict):
    """Where the partner stands on one condition of a rule, the line it draws and how far from it, where known."""

    what: str
    now: str
    year: int | None
    line: str | None
    gap: str | None
    holds: str


class SeenFact(TypedDict):
    """A condition as the rule writes it, and the values it saw with their years."""

    fact: str
    values: dict[str, str]
    holds: str


class Decision(TypedDict):
    """One decision: why, and what follows; refer: a person must settle it; way_out and unlocks only of their kinds."""

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
    """What to beware of, with the cases that taught it."""

    title: str
    because: str
    precedents: list[Precedent]


class Package(Plan):
    """A partner's plan; benchmarks: sentences of recourse that no condition carries."""

    cautions: list[Caution]
    benchmarks: list[str]
