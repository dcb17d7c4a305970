"""Compares every past release of scores with later outcomes in the current snapshot."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from features.snapshot.snapshot import Snapshot
from features.vocabulary import OUTCOMES
from models.evaluation.metrics import measure_forecasts
from models.training.outcomes import OUTCOME_SOURCES, find_events_ahead, load_events
from risk.ledger.line import LedgerLine
from risk.vocabulary import TIERS

FIGURE_NAMES = ("brier", "auc", "base", "mean_forecast")


class TierCount(NamedTuple):
    """Partners of one tier with a known outcome, the expected number of events, and the observed number."""

    tier: str
    partners: int
    expected: float
    events: int


class ReleaseScore(NamedTuple):
    """One outcome of one release: its years, the last year on record, and its figures (None if not yet known).

    events_so_far: events on record; unknown: forecast partners whose outcome is not known; figures: Brier score, AUC
    (None if all outcomes are equal), base rate and mean forecast, once every year of the horizon is on record.
    """

    line: int
    outcome: str
    years: tuple[int, int]
    on_record_to: int
    events_so_far: int
    unknown: int
    figures: Mapping[str, float | None] | None
    tiers: Sequence[TierCount]


def measure_past_releases(lines: Sequence[LedgerLine], snapshot: Snapshot) -> list[ReleaseScore]:
    """Every outcome of every issue recorded, in the order of issue.

    A horizon that is on record in part gives events but no figures: what has not happened yet may still happen.
    """
    happened = load_events(snapshot).collect()
    forecasts = _collect_release_forecasts(lines)
    return [
        _score_release(line, outcome, forecasts.get(line.number, pl.DataFrame()), happened, snapshot)
        for line in lines
        if line.kind == "issue"
        for outcome in OUTCOMES
    ]


def score_backtest_record(record: pl.DataFrame) -> dict[str, dict[str, float | None]]:
    """Compute the figures of a back-test record by outcome."""
    return {outcome: _compute_figures(record.filter(outcome=outcome)) for outcome in OUTCOMES}


def find_last_known_year(outcome: str, snapshot: Snapshot) -> int:
    """The last year in which every source of an outcome has been heard."""
    years = [snapshot.read_card(source).tables[table].latest_year for source, table in OUTCOME_SOURCES[outcome]]
    return min(year for year in years if year is not None)


def _collect_release_forecasts(lines: Sequence[LedgerLine]) -> dict[int, pl.DataFrame]:
    """Collect, by release, iso3, outcome, probability and tier of each forecast."""
    rows: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        if line.kind == "figures":
            content = line.content
            rows.setdefault(content["issue"], []).extend(
                {"iso3": content["iso3"], "outcome": outcome, "probability": row["probability"], "tier": row["tier"]}
                for outcome, row in content["outcomes"].items()
                if row["probability"] is not None
            )
    return {
        number: pl.DataFrame(forecasts, infer_schema_length=None) for number, forecasts in rows.items() if forecasts
    }


def _score_release(
    line: LedgerLine, outcome: str, given: pl.DataFrame, happened: pl.DataFrame, snapshot: Snapshot
) -> ReleaseScore:
    origin, end = line.content["origin"], line.content["horizon_end"]
    known = find_last_known_year(outcome, snapshot)
    outcomes = find_events_ahead(happened.select("iso3", "year", event=outcome), end - origin).filter(origin=origin)
    rows = given.filter(outcome=outcome) if given.height else given
    if rows.is_empty():
        return ReleaseScore(line.number, outcome, (origin + 1, end), known, 0, 0, None, [])
    rows = rows.join(outcomes.select("iso3", "observed"), on="iso3", how="left").with_columns(origin=pl.lit(origin))
    return ReleaseScore(
        line=line.number,
        outcome=outcome,
        years=(origin + 1, end),
        on_record_to=known,
        events_so_far=int(rows["observed"].sum() or 0),
        unknown=rows["observed"].null_count(),
        figures=_compute_figures(rows) if known >= end else None,
        tiers=list(_count_tier_events(rows, known >= end)),
    )


def _compute_figures(rows: pl.DataFrame) -> dict[str, float | None]:
    """Compute Brier score, AUC, base rate and mean forecast of the rows with a known outcome."""
    known = rows.filter(pl.col("observed").is_not_null(), pl.col("probability").is_not_null())
    if known.is_empty():
        return {"n": 0, **dict.fromkeys(FIGURE_NAMES)}
    named = [pl.lit("issued").alias(name) for name in ("profile", "outcome", "estimator")]
    figures = measure_forecasts(known.with_columns(*named))
    return {"n": known.height} | {name: None if math.isnan(figures[name]) else figures[name] for name in FIGURE_NAMES}


def _count_tier_events(rows: pl.DataFrame, complete: bool) -> Iterator[TierCount]:
    """Count by tier; in an incomplete horizon all partners count, because an event may still follow."""
    counted = rows.filter(pl.col("observed").is_not_null()) if complete else rows
    for tier in reversed(TIERS):
        group = counted.filter(tier=tier)
        if group.height:
            yield TierCount(tier, group.height, float(group["probability"].sum()), int(group["observed"].sum() or 0))
