"""Row types of the output tables: the columns read by pages and digests."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict, TypeVar, cast

if TYPE_CHECKING:
    # A process that only renders pages does not need Polars.
    import polars as pl

Kind = Literal["trigger", "check", "positive_condition", "redline", "offramp", "message"]
# A partner's numbers at the origin, by column. The table's text columns are for rules; pages do not read them.
Standing = Mapping[str, float | None]
RowType = TypeVar("RowType")


class Estimate(TypedDict):
    """A model's forecast of one outcome, from 0 to 1, None if too little is known; rank 1 is the riskiest."""

    probability: float | None
    low: float | None
    high: float | None
    rank: int | None


class ScoreRow(Estimate):
    """scores: one row per partner and outcome; coverage and onset_probability from 0 to 1."""

    iso3: str
    partner: str
    region: str
    origin: int
    horizon_end: int
    outcome: str
    onset_probability: float | None
    status: str
    tier: str
    coverage: float | None


class PartnerRow(TypedDict):
    """partners: one row per partner; indices from 0 to 100; triggers are IDs joined by semicolons."""

    iso3: str
    partner: str
    region: str
    tier: str
    posture: str
    strategic_value: float | None
    leverage: float | None
    dependence: float | None
    hedging: float | None
    triggers: str | None
    headline: str


class DecisionRow(TypedDict):
    """decisions: one row per partner and rule; result is applies or refer; evidence is JSON, a list of Evidence."""

    iso3: str
    partner: str
    rule: str
    kind: Kind
    result: str
    title: str
    because: str
    evidence: str
    benchmark_measure: str | None
    benchmark_now: float | None
    benchmark_asked: float | None
    benchmark_by: str | None
    unlocks: str | None
    reference: str
    as_of: str
    reference_status: str


class Evidence(TypedDict):
    """A condition of a rule as written, its values, their years, and whether it was true."""

    fact: str
    values: dict[str, float | str | None]
    years: dict[str, int | None] | None
    holds: bool | None


class ReasonRow(TypedDict):
    """reasons: one row per partner, outcome and feature; position 1 has the largest contribution."""

    iso3: str
    outcome: str
    theme: str
    feature: str
    label: str
    value: float | None
    unit: str | None
    value_year: int | None
    contribution_logodds: float
    position: int


class MeasuredRow(TypedDict):
    """A fact of a partner with a year of its own."""

    iso3: str
    label: str
    value: float | None
    value_year: int | None


class RecordRow(TypedDict):
    """The back-test record: a forecast at a past origin, and whether the outcome followed (None: not known yet)."""

    iso3: str
    origin: int
    outcome: str
    probability: float | None
    low: float | None
    high: float | None
    observed: bool | None
    status: str


class RecourseRow(TypedDict):
    """recourse: one row per route and measure, or one without a measure if there is no route."""

    measure: str | None
    label: str
    now: float
    now_year: int
    asked: float
    within_years: int
    seen_elsewhere: int
    started_alike: int
    probability_before: float
    probability_after: float
    low_after: float
    high_after: float
    tier_before: str
    tier_after: str


class CautionRow(TypedDict):
    """cautions: one row per partner and caution."""

    iso3: str
    caution: str
    title: str
    because: str


def type_rows(frame: "pl.DataFrame", row: type[RowType]) -> list[RowType]:
    """Return a table's rows as a row type; the only place where tables become typed."""
    return cast(list[RowType], frame.to_dicts())
