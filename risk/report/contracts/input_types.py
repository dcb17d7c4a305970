"""The inputs to summaries beyond the tables of a run: labels, source cards, and texts of rules."""

from typing import Literal, NotRequired, TypedDict

Use = Literal["follows", "warned_by"]
DetailKey = Literal["not_when", "judged_by", "switching_cost", "replaced_by", "how_often"]
TransferKind = Literal["item", "user", "objective", "programme"]


class Label(TypedDict):
    """The label of a feature, its unit and its source."""

    label: str
    source: str
    unit: NotRequired[str]


class SourceCard(TypedDict):
    """A source's card; latest: the last year of its facts; due, overdue: days, or empty."""

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
    """A precedent that a rule follows or is warned by; partners are names."""

    use: Use
    partners: list[str] | str
    years: str | None
    asked: str | None
    happened: str | None
    lesson: str | None
    source: str | None


class Details(TypedDict, total=False):
    """A rule's texts on its use, as far as it has them."""

    not_when: str | None
    judged_by: str | None
    switching_cost: str | None
    replaced_by: str | None
    how_often: str | None


class RuleDetails(Details, total=False):
    """A rule beyond its line in the decisions: its own texts, the programs it covers, and its precedents."""

    programmes: list[str]
    precedents: list[PrecedentCase]


class CautionWords(TypedDict):
    """A caution for one partner, and its precedents."""

    title: str
    because: str
    precedents: NotRequired[list[PrecedentCase]]


class LastYear(TypedDict):
    """The same model's estimate of misuse on the facts of a year earlier, in shares of one."""

    origin: int
    probability: float | None
    low: float | None
    high: float | None


class TransferEntry(TypedDict):
    """A key of a case as described in the rulebook's table of its kind; scores by risk, 0 to 4."""

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
    """The pressure of a risk: the outcome forecast, or None; starts: the exposure at which each tier begins."""

    title: str
    because: str
    forecast: str | None
    starts: dict[str, float]


class TransferWords(TypedDict, total=False):
    """The rulebook's transfer tables by key, or empty; question, safer, rule: texts by id."""

    item: dict[str, TransferEntry]
    user: dict[str, TransferEntry]
    objective: dict[str, TransferEntry]
    programme: dict[str, TransferEntry]
    question: dict[str, str]
    safer: dict[str, str]
    rule: dict[str, str]
    risk: dict[str, RiskWords]
    warning: str
