"""The content of a case memo, and the result row it is built from."""

from datetime import date
from typing import Literal, NotRequired, TypedDict

from risk.report.contracts.page import Identity
from risk.report.contracts.partner import SourceLine
from risk.report.contracts.plan import Plan

Risk = Literal["repression", "civilian_harm", "coup", "diversion", "aggression"]
Term = Literal["use_terms", "serial_audit", "sustainment_hold"]


class CaseRow(TypedDict):
    """One result row of case review, and the other fields of the case; lists are ids joined by semicolons.

    The columns of each risk are read by risk.report.memo.gaps.read_scores.
    """

    id: str
    iso3: str
    partner: str
    programme: str | None
    item: str | None
    end_user: str | None
    quantity: float | None
    value_usd: float | None
    objective: str | None
    gap: str | None
    support_years: float | None
    proposed: date | str | None
    major_defense_equipment: NotRequired[bool | None]
    use_terms: NotRequired[bool | None]
    serial_audit: NotRequired[bool | None]
    sustainment_hold: NotRequired[bool | None]
    note: NotRequired[str | None]
    result: str
    sent_back_because: str | None
    partner_probability: float | None
    case_driver: str | None
    case_tier: str | None
    record: str | None
    triggers: str | None
    triggers_asked: str | None
    notification: str | None
    notification_days: int | None
    notification_because: str | None
    conditions: str | None
    redlines: str | None
    offramps: str | None
    messages: str | None
    checks: str | None
    questions: str | None
    safer: str | None


class RiskScores(TypedDict):
    """One risk of a case: item, user and pair from 0 to 4, pressure as a share of one, exposure from 0 to 100."""

    item: int | None
    user: int | None
    pair: int | None
    pressure: float | None
    exposure: float | None


class CaseBar(TypedDict):
    """A bar of a risk: its text, its share of the full width, and its look."""

    told: str
    share: float | None
    look: str


class CaseRisk(TypedDict):
    """One risk in words; high: the start of its high tier as a share of one; question: its pair is not expected."""

    risk: Risk
    name: str
    item: str
    user: str
    pair: str
    pressure: str
    exposure: str
    tier: str | None
    high: float | None
    kind: str
    because: str | None
    question: bool
    bars: list[CaseBar]


class Ground(TypedDict):
    """A key of the case, and the basis of its scores."""

    what: str
    title: str
    because: str | None
    source: str | None
    url: str | None


class Beyond(TypedDict):
    """By kind, the rules that the case names and no decision on the partner covers."""

    trigger: list[str]
    check: list[str]
    positive_condition: list[str]
    redline: list[str]
    offramp: list[str]
    message: list[str]


class LeftOut(TypedDict):
    """By kind, the text shown if no decision on the partner is kept."""

    check: str
    positive_condition: str
    redline: str
    offramp: str
    message: str


class Notification(TypedDict):
    """Whether Congress is notified: under which clause (or none, or ask), and how many calendar days before."""

    clause: str
    days: int | None
    because: str | None
    told: str


class Forecast(TypedDict):
    """An outcome forecast for the partner, in words."""

    name: str
    probability: str
    interval: str
    status: str
    tier: str


class MemoFacts(Identity, Plan):
    """The facts of a memo; tier: None if sent back; proposed, standing: pairs of label and text."""

    id: str
    title: str
    sent_back: list[str]
    tier: str | None
    partner_tier: str
    proposed: list[tuple[str, str]]
    risks: list[CaseRisk]
    weighed: bool
    grounds: list[Ground]
    others: Beyond
    left_out: LeftOut
    lacks_offramp: bool
    notification: Notification
    record: list[str]
    forecasts: list[Forecast]
    standing: list[tuple[str, str]]
    posture: str
    questions: list[str]
    safer: list[str]
    sources: list[SourceLine]
    warning: str


class MemoPage(MemoFacts):
    """The content of a memo: its facts, its unknowns, and the bottom line in two sentences."""

    unknown: list[str]
    bottom_line: list[str]
