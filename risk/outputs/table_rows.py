"""Rows of the output tables as pages and digests read them: the columns read, with their types."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict, TypeVar, cast

if TYPE_CHECKING:
    # A process that only draws pages need not import what tables are read with.
    import polars as pl

Kind = Literal["trigger", "check", "positive_condition", "redline", "offramp", "message"]
# Numbers by column of a partner at the origin. The texts that stand there too are for rules; pages read none of them.
Standing = Mapping[str, float | None]
RowType = TypeVar("RowType")


class Estimate(TypedDict):
    """What a model says of one outcome: shares of one, none where too little is known; rank from 1, the riskiest."""

    probability: float | None
    low: float | None
    high: float | None
    rank: int | None


class ScoreRow(Estimate):
    """scores: one row a partner and outcome; coverage and onset_probability are shares of one."""

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
    """partners: one row a partner; indices run from 0 to 100; triggers are ids joined by semicolons."""

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
    """decisions: one row a partner and rule; result is applies or refer; evidence is JSON, a list of Evidence."""

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
    """One condition of a rule as written, the values it saw, the years they are of, and whether it held."""

    fact: str
    values: dict[str, float | str | None]
    years: dict[str, int | None] | None
    holds: bool | None


class ReasonRow(TypedDict):
    """reasons: one row a partner, outcome and feature; position from 1, the weightiest."""

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
    """A fact of a partner that has an age of its own."""

    iso3: str
    label: str
    value: float | None
    value_year: int | None


class RecordRow(TypedDict):
    """The back-test's record: a forecast at a past origin, and whether the outcome followed (none: not known yet)."""

    iso3: str
    origin: int
    outcome: str
    probability: float | None
    low: float | None
    high: float | None
    observed: bool | None
    status: str


class RecourseRow(TypedDict):
    """recourse: one row a route and measure, or one without a measure where no route was found."""

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
    """cautions: one row a partner and caution."""

    iso3: str
    caution: str
    title: str
    because: str


def type_rows(frame: "pl.DataFrame", row: type[RowType]) -> list[RowType]:
    """The rows of a table under the type that names its columns: the one place where a table becomes typed."""
    return cast(list[RowType], frame.to_dicts())
