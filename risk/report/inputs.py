"""What the pages of one run are made from, grouped by partner once; what nobody gave is empty."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

Row = dict[str, Any]
SHOWN_REASONS, SHOWN_OF_PARTS = 12, 2


@dataclass(frozen=True)
class Series:
    """A yearly measure of all partners: the years it covers, and whether a year without a row is a zero."""

    first: int
    last: int
    absent_is_zero: bool
    values: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class History:
    """Yearly measures by name, each partner's neighbours by land, and the year each became a state."""

    series: Mapping[str, Series] = field(default_factory=dict)
    neighbours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Advice:
    """What may be said beyond the tables, as plain values that JSON can hold.

    details: by rule id, any of not_when, judged_by, switching_cost, replaced_by, how_often (texts), programmes
    (texts) and precedents: [{use: follows or warned_by, partners, years, asked, happened, lesson, source}].
    cautions: by iso3, [{title, because, precedents}]. benchmarks: by iso3 and then measure, a sentence on what
    partners did in the past. leverage_reading: by iso3, a sentence. last_year: by iso3, what the same model says on the
    facts of a year earlier: origin, probability, low and high. transfers: see risk.cases.tables.texts; empty where the
    rulebook has no tables on transfers.
    """

    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cautions: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    benchmarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leverage_reading: Mapping[str, str] = field(default_factory=dict)
    last_year: Mapping[str, Row] = field(default_factory=dict)
    transfers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Earlier:
    """An earlier issue of scores: what decided it (run.json), and by iso3 its partner and misuse rows."""

    record: Mapping[str, Any]
    partners: Mapping[str, Row]
    scores: Mapping[str, Row]


@dataclass(frozen=True)
class Given:
    """All that summaries read: rows by iso3, and what is counted over all partners.

    reasons: the weightiest by iso3 and outcome; effects: log-odds by iso3, outcome and theme; measured: each fact's
    label, value and year by iso3; past: the back-test's rows of misuse by iso3; held: by outcome and status, how
    often the outcome followed at past origins and out of how many; labels: label and source by feature; entries: of
    the ledger, by iso3.
    """

    partners: Mapping[str, Row]
    scores: Mapping[str, list[Row]]
    decisions: Mapping[str, list[Row]]
    standing: Mapping[str, Mapping[str, Any]]
    reasons: Mapping[tuple[str, str], list[Row]]
    effects: Mapping[tuple[str, str], dict[str, float]]
    measured: Mapping[str, list[Row]]
    ranked: Mapping[str, int]
    base_rates: Mapping[str, float]
    sources: Sequence[Mapping[str, Any]]
    past: Mapping[str, list[Row]]
    held: Mapping[tuple[str, str], tuple[int, int]]
    labels: Mapping[str, Mapping[str, str]]
    history: History
    advice: Advice
    earlier: Earlier | None
    record: Mapping[str, Any]
    entries: Mapping[str, Mapping[str, Any]]


def gather(
    tables: Mapping[str, pl.DataFrame],
    standing: Mapping[str, Mapping[str, Any]],
    sources: Sequence[Mapping[str, Any]],
    base_rates: Mapping[str, float],
    past: pl.DataFrame | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    history: History | None = None,
    advice: Advice | None = None,
    earlier: Earlier | None = None,
    record: Mapping[str, Any] | None = None,
    entries: Mapping[str, Mapping[str, Any]] | None = None,
) -> Given:
    """Group the tables of a run by partner.

    tables: scores, reasons, decisions, partners; standing: facts at the origin by iso3; sources: a card each;
    base_rates: how often each outcome followed on record, 0 to 1; past: the back-test's record of all outcomes;
    labels: label and source by feature; record: what decided the run (run.json); entries: what people put in the
    ledger, by iso3: day, and lists of overrides, notes, incidents and disputes.
    """
    scores, reasons = tables["scores"], tables["reasons"]
    named = {row["feature"]: {"label": row["label"], "source": ""} for row in _labels(reasons)}
    return Given(
        partners={row["iso3"]: row for row in tables["partners"].to_dicts()},
        scores=_grouped(scores.to_dicts()),
        decisions=_grouped(tables["decisions"].to_dicts()),
        standing=standing,
        reasons=_shown(reasons),
        effects=_effects(reasons),
        measured=_grouped(_measured(reasons, standing).to_dicts()),
        ranked=dict(scores.group_by("outcome").agg(pl.col("rank").count()).iter_rows()),
        base_rates=base_rates,
        sources=sources,
        past=_grouped(past.filter(outcome="misuse").sort("origin").to_dicts()) if past is not None else {},
        held=_held(past) if past is not None else {},
        labels=named | dict(labels or {}),
        history=history or History(),
        advice=advice or Advice(),
        earlier=earlier,
        record=record or {},
        entries=entries or {},
    )


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["iso3"], []).append(row)
    return groups


def _labels(reasons: pl.DataFrame) -> list[Row]:
    return reasons.select("feature", "label").unique(maintain_order=True).to_dicts()


def _shown(reasons: pl.DataFrame) -> dict[tuple[str, str], list[Row]]:
    """The weightiest reasons, fewer for the outcomes that misuse is made of."""
    shown = pl.when(pl.col("outcome") == "misuse").then(SHOWN_REASONS).otherwise(SHOWN_OF_PARTS)
    heaviest = reasons.filter(pl.col("position").rank("ordinal").over("iso3", "outcome") <= shown)
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in heaviest.sort("iso3", "outcome", "position").iter_rows(named=True):
        groups.setdefault((row["iso3"], row["outcome"]), []).append(row)
    return groups


def _effects(reasons: pl.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """Exact sums: a sum whose order moves from run to run would move its last digits."""
    by_theme = reasons.group_by("iso3", "outcome", "theme", maintain_order=True).agg("contribution_logodds")
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for iso3, outcome, theme, parts in by_theme.iter_rows():
        groups.setdefault((iso3, outcome), {})[theme] = math.fsum(parts)
    return groups


def _measured(reasons: pl.DataFrame, standing: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """Each fact once; what is only derived from a measure has no age of its own, and a gap in it is the measure's."""
    aged = {name.removesuffix("_age") for name in set[str]().union(*standing.values()) if name.endswith("_age")}
    own = reasons.filter(pl.col("feature").is_in(sorted(aged)))
    return own.unique(["iso3", "feature"], keep="first", maintain_order=True).select(
        "iso3", "label", "value", "value_year"
    )


def _held(past: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    known = past.filter(pl.col("observed").is_not_null()).group_by("outcome", "status")
    counts = known.agg(hits=pl.col("observed").sum(), cases=pl.len())
    return {(outcome, status): (hits, cases) for outcome, status, hits, cases in counts.iter_rows()}
