"""The content of a partner's page: texts and rounded numbers that can be sent to another process as JSON."""

from typing import NotRequired, TypedDict

from risk.report.contracts.chart import Drawing, Flows
from risk.report.contracts.entry import Entries
from risk.report.contracts.page import Identity
from risk.report.contracts.plan import Package


class RiskLine(TypedDict):
    """One outcome in words: the share as percent and as a chance, None if too little is known."""

    outcome: str
    name: str
    label: str
    probability: str | None
    chance: str | None
    interval: str | None
    onset: str | None
    base_rate: str | None
    persistence: str | None
    status: str
    tier: str
    rank: str | None


class BesideLine(TypedDict):
    """An estimate of misuse, in words and, for drawing, in shares of one."""

    name: str
    told: str
    probability: str
    interval: str | None
    share: float | None
    low: float | None
    high: float | None


class Effect(TypedDict):
    """A fact's association with the risk; direction: up, down or none; odds: the factor on the odds."""

    direction: str
    words: str
    odds: str
    logodds: float


class SourceName(TypedDict):
    """A source's id and short name."""

    id: str
    name: str


class Reason(TypedDict):
    """A fact with its value in words, its year and source, and its association with the risk."""

    label: str
    value: str
    year: int | None
    source: SourceName | None
    effect: Effect


class Theme(TypedDict):
    """A theme, the effect of all its facts, and its strongest facts."""

    theme: str
    effect: Effect
    rows: list[Reason]


class Why(TypedDict):
    """One outcome and the themes behind its estimate."""

    name: str
    label: str
    themes: list[Theme]


class PastLine(TypedDict):
    """The forecast at a past origin, in words and in shares of one, and what happened."""

    origin: int
    status: str
    probability: str | None
    interval: str | None
    share: float | None
    low: float | None
    high: float | None
    happened: str


class Record(TypedDict):
    """The forecasts at past origins, and a sentence on their accuracy, or None if no outcome is known."""

    told: str | None
    rows: list[PastLine]


class Supplier(TypedDict):
    """Deliveries of a group of suppliers by period, in millions of SIPRI's volume; said: its share of the latest."""

    label: str
    volumes: list[float]
    words: list[str]
    said: str


class Arms(TypedDict):
    """Major weapons received by supplier and five-year period; any: whether there were any."""

    told: str
    periods: list[str]
    groups: list[Supplier]
    any: bool


class Money(Flows):
    """US assistance and sales by year in current dollars, and what the figures leave out."""

    notes: list[str]


class IndexPart(TypedDict):
    """A component of an index, 0 to 100."""

    label: str
    value: int | None


class PartnerIndex(TypedDict):
    """An index with its components, 0 to 100."""

    name: str
    label: str
    value: int | None
    parts: list[IndexPart]


class Other(TypedDict):
    """Another partner; strategic_value: 0 to 100; differs: how it differs from this one, for comparables only."""

    iso3: str
    partner: str
    tier: str
    probability: str | None
    posture: str
    strategic_value: int | None
    differs: NotRequired[str]


class Others(TypedDict):
    """Other partners, and how they were chosen."""

    told: str
    rows: list[Other]


class Raters(TypedDict):
    """Two codings of state terror, 1 to 5, and their difference."""

    state: int
    amnesty: int
    year: int
    apart: int


class OldFact(TypedDict):
    """An old fact and its year."""

    label: str
    year: int


class Unknown(TypedDict):
    """What is unknown about a partner; coverage: the share of facts known, in words."""

    raters: Raters | None
    coverage: str | None
    no_status: list[str]
    missing: list[str]
    old: list[OldFact]
    referred: list[str]


class SourceLine(TypedDict):
    """A source as pages cite it; latest: the last year of its facts; overdue: the day a newer issue was due."""

    source: str
    title: str
    publisher: str
    release: str
    citation: str
    licence: str
    address: str
    accessed: str
    latest: int | None
    overdue: str


class PartnerPage(Identity, Package):
    """The content of a partner's page; bottom_line: the risk and the next step; past: the rows of `record`."""

    tier: str
    headline: str
    posture: str
    bottom_line: list[str]
    risks: list[RiskLine]
    beside: list[BesideLine]
    reasons: list[Why]
    raises: list[Reason]
    lowers: list[Reason]
    record: Record
    past: list[PastLine]
    arms: Arms | None
    money: Money | None
    indices: list[PartnerIndex]
    leverage_reading: str | None
    neighbours: Others
    comparables: Others
    unknown: Unknown
    entries: Entries | None
    sources: list[SourceLine]
    read: str


class PartnerCharts(TypedDict):
    """The charts of a partner's page; None for one that would be empty."""

    beside: Drawing | None
    themes: Drawing | None
    record: Drawing | None
    arms: Drawing | None
    money: Drawing | None


class DrawnPage(PartnerPage):
    """A partner's page with its charts, from which its document is built."""

    charts: PartnerCharts
