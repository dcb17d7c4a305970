"""Bands and groups of invented forecasts, small enough to count."""

import math

import numpy as np
import polars as pl
import pytest

from features.bad_input import BadInput
from models.evaluation.reliability import measure_by_group, measure_interval_coverage


def forecasts(probability: list[float], observed: list[bool], half_width: float = 0.05) -> pl.DataFrame:
    """Two origins a partner, the engine's forecasts with a band around them."""
    rows = len(probability)
    result = pl.DataFrame({"probability": probability, "observed": observed})
    return result.with_columns(
        iso3=pl.Series([f"P{row // 2:02}" for row in range(rows)]),
        origin=pl.Series([2000 + row % 2 for row in range(rows)]),
        profile=pl.lit("calendar"),
        outcome=pl.lit("coup"),
        estimator=pl.lit("engine"),
        status=pl.lit("clear"),
        onset_probability=pl.col("probability") / 2,
        ongoing_probability=pl.col("probability"),
        low=pl.col("probability") - half_width,
        high=pl.col("probability") + half_width,
    )


SPREAD = forecasts([0.2] * 8 + [0.6] * 8, [True, False, False, False] * 2 + [False] * 8)


def test_a_bins_rate_is_held_against_the_mean_of_its_intervals() -> None:
    low, high = measure_interval_coverage(SPREAD, bins=2).to_dicts()
    assert (low["n"], low["observed"], low["inside"], low["inside_noise"]) == (8, 0.25, True, True)
    assert (low["probability"], low["low"], low["high"]) == pytest.approx((0.2, 0.15, 0.25))
    assert (high["n"], high["observed"], high["inside"], high["inside_noise"]) == (8, 0, False, False)


def test_the_standard_error_counts_partners_not_rows() -> None:
    together = forecasts([0.5] * 4, [True, True, False, False])
    apart = forecasts([0.5] * 4, [True, False, True, False])
    # The partners miss the rate of a half by one row each when events come in pairs, and not at all when split.
    assert measure_interval_coverage(together)["standard_error"].item() == pytest.approx(math.sqrt(2) / 4)
    assert measure_interval_coverage(apart)["standard_error"].item() == 0


def test_a_bin_without_events_leaves_chance_its_room() -> None:
    result = measure_interval_coverage(forecasts([0.03] * 20, [False] * 20, half_width=0.01)).row(0, named=True)
    assert (result["standard_error"], result["inside"], result["inside_noise"]) == (0, False, True)


def test_forecasts_without_an_interval_do_not_count() -> None:
    other = SPREAD.with_columns(estimator=pl.lit("other"), low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    assert measure_interval_coverage(pl.concat([SPREAD, other])).equals(measure_interval_coverage(SPREAD))
    with pytest.raises(BadInput, match="no forecast has both an interval and a known outcome"):
        measure_interval_coverage(other)


def test_each_group_has_its_own_errors() -> None:
    halves = SPREAD.select("iso3", "origin", dimension=pl.lit("half"), group=pl.lit("first"))
    halves = halves.with_columns(group=pl.Series(["first"] * 8 + [None] * 8))
    result = measure_by_group(
        SPREAD, pl.concat([halves, halves.with_columns(dimension=pl.lit("all"), group=pl.lit("every"))])
    )
    every = result.filter(subset="all", group="every").row(0, named=True)
    assert (every["n"], every["events"], every["threshold"]) == (16, 2, 0.5)
    assert (every["false_positives"], every["false_negatives"]) == pytest.approx((8 / 14, 1))
    onset = result.filter(subset="onset", group="every").row(0, named=True)
    assert onset["threshold"] == pytest.approx(2 * 2 / 16)  # reached by the forecasts of 0.3, not by those of 0.1
    assert (onset["false_positives"], onset["mean_forecast"]) == pytest.approx((8 / 14, 0.2))
    first = result.filter(subset="all", group="first").row(0, named=True)
    assert (first["n"], first["false_positives"], first["base"]) == (8, 0, 0.25)
    assert result.height == 4


def test_a_group_without_events_has_no_share_of_them_missed() -> None:
    groups = SPREAD.tail(8).select("iso3", "origin", dimension=pl.lit("half"), group=pl.lit("second"))
    result = measure_by_group(SPREAD, groups).filter(subset="all").row(0, named=True)
    assert np.isnan(result["false_negatives"]) and np.isnan(result["auc"]) and result["false_positives"] == 1


def test_forecasts_that_belong_to_no_group_are_refused() -> None:
    groups = pl.DataFrame({"iso3": ["ZZZ"], "origin": [2000], "dimension": ["half"], "group": ["first"]})
    with pytest.raises(BadInput, match="no forecast of the engine with a known outcome belongs to a group"):
        measure_by_group(SPREAD, groups)
