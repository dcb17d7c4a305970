"""The verdict on a challenger, from invented forecasts: better beyond chance, or not."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import brier_score_loss

from models.registry.promotion import compare_forecasts, compute_brier_difference
from tests.models.registry.invented_forecasts import build_invented_forecasts


def test_a_challenger_that_is_better_everywhere_is_promoted() -> None:
    verdict = compare_forecasts(build_invented_forecasts(0.1), build_invented_forecasts(0.3))
    assert verdict.promoted
    assert verdict.line == (
        "promoted: misuse Brier .0100 against the champion's .0900 on 90 rows of origins 2000-2002; difference -.0800 "
        "(95% -.0800 to -.0800) excludes zero; on onset rows -.0800 (95% -.0800 to -.0800)"
    )


def test_a_challenger_no_better_than_chance_is_not_promoted_and_the_line_says_why() -> None:
    verdict = compare_forecasts(
        build_invented_forecasts(0.3, noise=0.25, seed=2), build_invented_forecasts(0.3, noise=0.25, seed=3)
    )
    assert not verdict.promoted
    assert verdict.line.startswith("not promoted: misuse Brier .") and ") includes zero; on onset" in verdict.line


def test_a_worse_challenger_and_the_same_forecasts_are_told_apart() -> None:
    assert (
        compare_forecasts(build_invented_forecasts(0.3), build_invented_forecasts(0.1)).line.count(
            "the challenger is worse"
        )
        == 1
    )
    same = compare_forecasts(build_invented_forecasts(0.2), build_invented_forecasts(0.2))
    assert not same.promoted and "the same forecasts" in same.line


def test_only_rows_that_both_forecast_and_whose_outcome_is_known_count() -> None:
    champion = build_invented_forecasts(0.3).filter(pl.col("origin") > 2000)
    unknown = pl.when(pl.col("origin") < 2002).then("observed")
    verdict = compare_forecasts(build_invented_forecasts(0.1).with_columns(observed=unknown), champion)
    assert "on 30 rows of origins 2001-2001" in verdict.line


@pytest.mark.parametrize("other", [{"outcome": "coup"}, {"estimator": "persistence"}, {"profile": "calendar"}])
def test_other_outcomes_estimators_and_profiles_are_not_compared(other: dict[str, str]) -> None:
    champion = build_invented_forecasts(0.3).with_columns(**{name: pl.lit(value) for name, value in other.items()})
    verdict = compare_forecasts(build_invented_forecasts(0.1), champion)
    assert not verdict.promoted and "no forecasts of the same partner and origin" in verdict.line


def test_the_scores_are_brier_scores_and_the_interval_is_wider_where_partners_go_together() -> None:
    rows = build_invented_forecasts(0.3, noise=0.25).with_columns(
        pl.col("observed").cast(pl.Float64), champion=pl.col("probability").shuffle(seed=2)
    )
    result = compute_brier_difference(rows)
    observed = rows["observed"].to_numpy()
    assert result.challenger == pytest.approx(brier_score_loss(observed, rows["probability"].to_numpy()))
    assert result.champion == pytest.approx(brier_score_loss(observed, rows["champion"].to_numpy()))
    assert result.low < result.mean_difference < result.high
    tripled = pl.concat([rows] * 3)
    again, apart = (
        compute_brier_difference(tripled),
        compute_brier_difference(tripled.with_columns(iso3=pl.Series(np.arange(270).astype(str)))),
    )
    assert again.high - again.low == pytest.approx(result.high - result.low)
    assert apart.high - apart.low < result.high - result.low
