"""Reliability of forecasts: intervals against outcomes, and error rates by group."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.bad_input import BadInput
from models.evaluation.bootstrap import BIN_COUNT, assign_equal_bins
from models.evaluation.metrics import compute_point_figures, number_partners, select_subset_rows

ENGINE_NAME = "engine"
# A forecast at or above this is an alarm: more likely than not or, for an onset, twice as likely as usual.
ALARM_THRESHOLD = 0.5
ONSET_ALARM_OVER_BASE = 2.0
NOISE_WIDTH = 1.64
GROUP_FIGURES = ("n", "events", "base", "mean_forecast", "auc", "ece")


def measure_interval_coverage(forecasts: pl.DataFrame, bins: int = BIN_COUNT) -> pl.DataFrame:
    """Mean intervals against what happened, by profile, outcome, estimator and equal-count bin of the probability.

    Columns bin (from 0), n, the means probability, low and high, the rate observed, its standard_error clustered by
    partner, `inside` (low <= observed <= high) and `inside_noise`: the same with both ends 1.64 standard errors
    further out, the error being at least that of n independent rows at the mean probability, since a bin without
    events has a clustered error of zero. Rows without an interval or a known outcome do not count; equal
    probabilities share a bin.
    """
    rows = select_subset_rows(number_partners(forecasts), "all").filter(
        pl.col("low").is_not_null(), pl.col("high").is_not_null()
    )
    if rows.is_empty():
        raise BadInput("no forecast has both an interval and a known outcome")
    keys = ["profile", "outcome", "estimator"]
    binned = pl.concat(
        group.with_columns(bin=pl.Series(assign_equal_bins(group["forecast"].to_numpy(), bins)))
        for _, group in rows.group_by(keys, maintain_order=True)
    )
    partners = binned.group_by(*keys, "bin", "iso3").agg(
        pl.len().alias("n"), pl.col("forecast", "low", "high", "observed").sum()
    )
    n, rate = pl.col("n").sum(), pl.col("observed").sum() / pl.col("n").sum()
    coverage = partners.sort("iso3").group_by(*keys, "bin").agg(
        n=n,
        probability=pl.col("forecast").sum() / n,
        low=pl.col("low").sum() / n,
        high=pl.col("high").sum() / n,
        observed=rate,
        standard_error=(pl.col("observed") - pl.col("n") * rate).pow(2).sum().sqrt() / n,
    )  # fmt: skip
    chance = (pl.col("probability") * (1 - pl.col("probability")) / pl.col("n")).sqrt()
    margin = NOISE_WIDTH * pl.max_horizontal("standard_error", chance)
    return coverage.with_columns(
        inside=pl.col("observed").is_between("low", "high"),
        inside_noise=pl.col("observed").is_between(pl.col("low") - margin, pl.col("high") + margin),
    ).sort(*keys, "bin")


def measure_by_group(forecasts: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """The engine's metrics in each group of partners: profile, outcome, subset, dimension, group, threshold, n,
    events, base, mean_forecast, auc, ece, false_positives and false_negatives.

    `groups` has iso3, origin, dimension and group; rows without a group are left out. Subsets are all rows and
    onsets. False positives are the share of rows without an event whose forecast reaches the threshold, false
    negatives the share of events whose forecast does not: 0.5 for all rows, and for onsets twice the base rate of
    the outcome's onset rows. A share or metric without any row is NaN.
    """
    rows = number_partners(forecasts.filter(pl.col("estimator") == ENGINE_NAME))
    rows_by_group = [
        key | {"dimension": dimension, "group": group} | _compute_error_rates(own, threshold)
        for key, threshold, subset in _iterate_alarm_subsets(rows)
        for (dimension, group), own in _split_by_group(subset, groups)
    ]
    if not rows_by_group:
        raise BadInput("no forecast of the engine with a known outcome belongs to a group")
    table = pl.DataFrame(rows_by_group).with_columns(pl.col("n", "events").cast(pl.Int64))
    return table.sort("profile", "outcome", "subset", "dimension", "group")


def _iterate_alarm_subsets(rows: pl.DataFrame) -> Iterator[tuple[dict[str, object], float, pl.DataFrame]]:
    """Keys, alarm threshold and rows, for all rows and onset rows of each profile and outcome."""
    for (profile, outcome), group in rows.group_by("profile", "outcome", maintain_order=True):
        onset = select_subset_rows(group, "onset")
        onset_threshold = ONSET_ALARM_OVER_BASE * _compute_true_share(onset["observed"].to_numpy())
        key = {"profile": profile, "outcome": outcome}
        yield key | {"subset": "all"}, ALARM_THRESHOLD, select_subset_rows(group, "all")
        yield key | {"subset": "onset"}, onset_threshold, onset


def _split_by_group(rows: pl.DataFrame, groups: pl.DataFrame) -> Iterator[tuple[tuple[object, ...], pl.DataFrame]]:
    joined = rows.join(groups, on=["iso3", "origin"], how="inner", maintain_order="left")
    yield from joined.filter(pl.col("group").is_not_null()).group_by("dimension", "group", maintain_order=True)


def _compute_error_rates(rows: pl.DataFrame, threshold: float) -> dict[str, float]:
    figures = compute_point_figures(rows)
    alarm, event = (rows["forecast"] >= threshold).to_numpy(), rows["observed"].to_numpy()
    return (
        {"threshold": threshold}
        | {name: figures[name] for name in GROUP_FIGURES}
        | {
            "false_positives": _compute_true_share(alarm[~event]),
            "false_negatives": _compute_true_share(~alarm[event]),
        }
    )


def _compute_true_share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
