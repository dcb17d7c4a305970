"""Maps probabilities to tiers, and tier with strategic value to postures, by the rulebook's thresholds."""

from datetime import date
from typing import TypeVar

import polars as pl

from features.bad_input import BadInput
from features.vocabulary import OUTCOMES
from risk.rules.rulebook import PostureMatrix, Rulebook, TierThresholds
from risk.vocabulary import REFERRED, TIERS

CutoffEntry = TypeVar("CutoffEntry", TierThresholds, PostureMatrix)


def build_tier_expr(rulebook: Rulebook, outcome: str, probability: str, on: date | None = None) -> pl.Expr:
    """Build the tier of a column of probabilities (0 to 1), by the thresholds in force on a day, or the latest.

    A missing probability is referred.
    """
    value = pl.col(probability)
    tier = pl.lit("low")
    for name, start in list_tier_thresholds(rulebook, outcome, on).items():
        tier = pl.when(value >= start).then(pl.lit(name)).otherwise(tier)
    return pl.when(value.is_null() | value.is_nan()).then(pl.lit(REFERRED)).otherwise(tier)


def list_tier_thresholds(rulebook: Rulebook, outcome: str, on: date | None = None) -> dict[str, float]:
    """List the probability at which each tier above low starts, rising, on a day or by the latest thresholds."""
    starts = _select_thresholds(rulebook, outcome, on).starts
    return {name: starts[name] for name in TIERS[1:]}


def build_outcome_tier_expr(rulebook: Rulebook, on: date | None = None) -> pl.Expr:
    """Build the tier of the column `probability`, by the thresholds of each row's outcome."""
    return pl.coalesce(
        pl.when(pl.col("outcome") == outcome).then(build_tier_expr(rulebook, outcome, "probability", on))
        for outcome in OUTCOMES
    )


def build_posture_expr(rulebook: Rulebook, on: date | None = None) -> pl.Expr:
    """Build the posture from the columns strategic_value (0 to 100) and tier; referred if either is missing."""
    matrix = find_posture_matrix(rulebook, on)
    value = pl.col("strategic_value").cast(pl.Float64)
    valued = value >= matrix.valued_from
    poor = pl.col("tier").is_in(list(TIERS[TIERS.index(matrix.poor_record_from) :]))
    unknown = value.is_null() | value.is_nan() | ~pl.col("tier").is_in(list(TIERS))
    return (
        pl.when(unknown.fill_null(True))
        .then(pl.lit(REFERRED))
        .when(valued & poor)
        .then(pl.lit(matrix.valued_poor_record))
        .when(valued)
        .then(pl.lit(matrix.valued_good_record))
        .when(poor)
        .then(pl.lit(matrix.little_value_poor_record))
        .otherwise(pl.lit(matrix.little_value_good_record))
    )


def find_posture_matrix(rulebook: Rulebook, on: date | None = None) -> PostureMatrix:
    """Find the posture matrix in force on a day, or the latest."""
    return _select_latest([entry for entry in rulebook.postures if on is None or entry.is_in_force(on)], "posture", on)


def _select_thresholds(rulebook: Rulebook, outcome: str, on: date | None) -> TierThresholds:
    thresholds = [
        entry for entry in rulebook.tiers if entry.outcome == outcome and (on is None or entry.is_in_force(on))
    ]
    return _select_latest(thresholds, f"tier for the outcome {outcome!r}", on)


def _select_latest(entries: list[CutoffEntry], what: str, on: date | None) -> CutoffEntry:
    if not entries:
        raise BadInput(f"the rulebook has no {what} in force{f' on {on}' if on else ''}")
    return max(entries, key=lambda entry: max(period.first for period in entry.in_force))
