"""What summaries are given beyond the tables of a run: labels, source cards, and what rules tell."""

from typing import Literal, NotRequired, TypedDict

Use = Literal["follows", "warned_by"]
DetailKey = Literal["not_when", "judged_by", "switching_cost", "replaced_by", "how_often"]
TransferKind = Literal["item", "user", "objective", "programme"]


class Label(TypedDict):
    """What a feature is called, its unit, and the source it is of."""

    label: str
    source: str
    unit: NotRequired[str]


class SourceCard(TypedDict):
    """A publisher's card; latest: the last year of its facts; due, overdue: days, empty where there is none."""

    source: str
    title: str
    publisher: str
    release: str
    citation: str
    licence: str
    address: str
    accessed: str
    latest: int | None
    due: str
    overdue: str


class PrecedentCase(TypedDict):
    """A past case that a rule follows or is warned by; partners are names."""

    use: Use
    partners: list[str] | str
    years: str | None
    asked: str | None
    happened: str | None
    lesson: str | None
    source: str | None


class Details(TypedDict, total=False):
    """What a rule says of its use, as far as it says it."""

    not_when: str | None
    judged_by: str | None
    switching_cost: str | None
    replaced_by: str | None
    how_often: str | None


class RuleDetails(Details, total=False):
    """A rule beyond its line in the decisions: its own texts, the programmes it covers, and its past cases."""

    programmes: list[str]
    precedents: list[PrecedentCase]


class CautionWords(TypedDict):
    """What to beware of with one partner, and the cases that taught it."""

    title: str
    because: str
    precedents: NotRequired[list[PrecedentCase]]


class LastYear(TypedDict):
    """What the same model says of misuse on the facts of a year earlier, in shares of one."""

    origin: int
    probability: float | None
    low: float | None
    high: float | None


class TransferEntry(TypedDict):
    """What a key of a case stands for, as the rulebook's table of its kind has it; scores by risk, 0 to 4."""

    title: str
    because: NotRequired[str]
    source: NotRequired[str]
    url: NotRequired[str | None]
    scores: NotRequired[dict[str, int] | None]
    together: NotRequired[list[str]]
    owner: NotRequired[str]
    asks: NotRequired[str]
    channel: NotRequired[str]


class RiskWords(TypedDict, total=False):
    """What presses towards a risk: the outcome forecast, or none; starts: the exposure from which each tier begins."""

    title: str
    because: str
    forecast: str | None
    starts: dict[str, float]


class TransferWords(TypedDict, total=False):
    """The rulebook's tables on transfers by key; empty where it has none. question, safer, rule: texts by id."""

    item: dict[str, TransferEntry]
    user: dict[str, TransferEntry]
    objective: dict[str, TransferEntry]
    programme: dict[str, TransferEntry]
    question: dict[str, str]
    safer: dict[str, str]
    rule: dict[str, str]
    risk: dict[str, RiskWords]
    warning: str
