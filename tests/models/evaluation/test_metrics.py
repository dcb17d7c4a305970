"""Metrics computed by hand for four forecasts, and by scikit-learn for invented ones with ties."""

import math
import time

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from features.bad_input import BadInput
from models.evaluation.metrics import (
    COMPARED_FIGURES,
    PRINTED_FIGURES,
    RECALL_DEPTHS,
    measure_forecasts,
    pivot_figures,
    tabulate_differences,
    tabulate_figures,
)

FOUR = pl.DataFrame(
    {
        "iso3": ["AAA", "BBB", "CCC", "DDD"],
        "origin": 2000,
        "profile": "calendar",
        "outcome": "coup",
        "estimator": "engine",
        "status": ["clear", "clear", "ongoing", "ongoing"],
        "probability": [0.1, 0.4, 0.35, 0.8],
        "onset_probability": [0.1, 0.3, 0.2, 0.2],
        "ongoing_probability": [0.5, 0.5, 0.6, 0.9],
        "observed": [False, False, True, True],
    }
)


def invented(estimator: str = "engine", seed: int = 0, partners: int = 60, noise: float = 0.5) -> pl.DataFrame:
    """Twenty years of invented partners, forecasts rounded so that many tie; the facts are the same for every seed."""
    facts, errors = np.random.default_rng(9), np.random.default_rng(seed)
    rows = partners * 20
    odds = np.repeat(facts.normal(-1.5, 1.5, partners), 20) + facts.normal(0, 0.7, rows)
    observed, ongoing = facts.random(rows) < expit(odds), facts.random(rows) < expit(odds)
    probability = expit(odds + errors.normal(0, noise, rows)).round(2)
    return pl.DataFrame(
        {
            "iso3": [f"P{row // 20:02}" for row in range(rows)],
            "origin": [2000 + row % 20 for row in range(rows)],
            "profile": "calendar",
            "outcome": "coup",
            "estimator": estimator,
            "status": np.where(ongoing, "ongoing", "clear"),
            "probability": probability,
            "onset_probability": probability * 0.8,
            "ongoing_probability": 1 - (1 - probability) * 0.8,
            "observed": observed,
        }
    )


def test_four_forecasts_are_measured_as_by_hand() -> None:
    figures = measure_forecasts(FOUR)
    brier = (0.1**2 + 0.4**2 + 0.65**2 + 0.2**2) / 4
    assert (figures["n"], figures["events"], figures["base"]) == (4, 2, 0.5)
    assert figures["auc"] == pytest.approx(3 / 4)  # of four pairs, 0.35 before 0.4 is the one out of order
    assert figures["average_precision"] == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert figures["skill"] == pytest.approx(1 - brier / 0.25)
    assert figures["mean_forecast"] == pytest.approx(0.4125)
    assert figures["ece"] == pytest.approx((0.1 + 0.4 + 0.65 + 0.2) / 4)  # four rows, each in a bin of its own


def test_each_subset_reads_the_forecast_made_for_its_status() -> None:
    means = {
        subset: measure_forecasts(FOUR, subset)["mean_forecast"] for subset in ("onset", "escape", "onset as issued")
    }
    assert means == pytest.approx({"onset": 0.2, "escape": 0.75, "onset as issued": 0.25})


def test_an_unknown_subset_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="unknown subset 'onsets'; expected one of all, escape, onset, onset as issued"):
        measure_forecasts(FOUR, "onsets")


def test_figures_agree_with_scikit_learn_where_forecasts_tie() -> None:
    rows = invented()
    observed, probability = rows["observed"].to_numpy(), rows["probability"].to_numpy()
    figures = measure_forecasts(rows)
    assert figures["auc"] == pytest.approx(roc_auc_score(observed, probability), abs=1e-12)
    assert figures["average_precision"] == pytest.approx(average_precision_score(observed, probability), abs=1e-12)
    assert figures["brier"] == pytest.approx(brier_score_loss(observed, probability), abs=1e-12)
    assert figures["log_loss"] == pytest.approx(log_loss(observed, np.clip(probability, 1e-6, 1 - 1e-6)), abs=1e-12)


def test_the_ten_highest_of_each_origin_catch_the_events_counted_one_by_one() -> None:
    rows = invented().with_columns(probability=pl.col("probability") + pl.col("iso3").rank("dense") * 1e-6)
    highest = rows.sort("probability", descending=True).group_by("origin").head(10)
    assert measure_forecasts(rows)["recall10"] == pytest.approx(highest["observed"].sum() / rows["observed"].sum())


def test_partners_that_tie_for_the_last_places_share_them() -> None:
    rows = pl.concat([FOUR.with_columns(iso3=pl.col("iso3") + str(copy)) for copy in range(10)])
    # Ten partners at 0.8 fill the ten places; of thirty-nine others level with each other none would stand out.
    assert measure_forecasts(rows)["recall10"] == pytest.approx(0.5)
    assert measure_forecasts(rows.with_columns(probability=pl.lit(0.3)))["recall10"] == pytest.approx(10 / 40)


def test_a_forecast_of_the_base_rate_has_no_skill_and_a_worse_one_less_than_none() -> None:
    assert measure_forecasts(FOUR.with_columns(probability=pl.lit(0.5)))["skill"] == pytest.approx(0)
    assert measure_forecasts(FOUR.with_columns(probability=1 - pl.col("probability")))["skill"] < 0


@pytest.mark.parametrize("rows", [FOUR.head(2), FOUR.tail(2), FOUR.clear()])
def test_a_single_class_has_no_figure_that_compares_two(rows: pl.DataFrame) -> None:
    figures = measure_forecasts(rows)
    assert figures["n"] == rows.height
    compared = ["auc", "average_precision", "skill", "calibration_slope", "recall10"]
    assert all(math.isnan(figures[name]) for name in compared)


def test_the_table_has_a_row_for_each_subset_and_figure() -> None:
    figures = tabulate_figures(FOUR, draws=20)
    assert figures.columns == ["profile", "outcome", "subset", "estimator", "figure", "value", "low", "high"]
    assert pivot_figures(figures).select("subset", "n", "events").rows() == [
        ("all", 4, 2),
        ("escape", 2, 2),
        ("onset", 2, 0),
        ("onset as issued", 2, 0),
    ]
    assert pivot_figures(figures).columns[4:] == PRINTED_FIGURES
    assert figures.height == 4 * (12 + len(RECALL_DEPTHS))


def test_forecasts_of_what_is_still_unknown_do_not_count() -> None:
    unknown = FOUR.head(1).with_columns(iso3=pl.lit("ZZZ"), observed=pl.lit(None, pl.Boolean))
    assert tabulate_figures(pl.concat([FOUR, unknown])).equals(tabulate_figures(FOUR))


def test_the_table_is_the_same_whatever_the_order_of_the_rows() -> None:
    rows = pl.concat([invented(), invented("other", seed=1)])
    assert_frame_equal(
        tabulate_figures(rows, 20),
        tabulate_figures(rows.sample(fraction=1, shuffle=True, seed=3), 20),
        check_exact=True,
    )


def test_the_interval_lies_around_the_point() -> None:
    figures = tabulate_figures(invented()).filter(subset="all").filter(pl.col("figure") != "ece")
    assert figures.select((pl.col("low") <= pl.col("value")) & (pl.col("value") <= pl.col("high"))).to_series().all()
    auc = figures.filter(figure="auc").row(0, named=True)
    assert 0.02 < auc["high"] - auc["low"] < 0.15


def test_all_rows_of_a_partner_are_drawn_together() -> None:
    # Of two partners a draw holds one twice or each once, so that the rate can only be zero, a half or one.
    rows = pl.concat(
        [FOUR.filter(iso3=iso3).with_columns(origin=year) for iso3 in ("AAA", "DDD") for year in (1, 2, 3)]
    )
    rate, count = (
        tabulate_figures(rows).filter(subset="all", figure=figure).row(0, named=True) for figure in ("base", "n")
    )
    assert (rate["value"], rate["low"], rate["high"]) == (0.5, 0, 1)
    assert (count["value"], count["low"], count["high"]) == (6, 6, 6)


def test_forecasts_that_are_the_same_differ_by_nothing_at_all() -> None:
    result = tabulate_differences(pl.concat([invented(), invented("twin")]))
    assert set(result["figure"]) == set(COMPARED_FIGURES) and set(result["estimator"]) == {"twin"}
    assert result.select(pl.col("value", "low", "high").abs().max()).row(0) == (0, 0, 0)


def test_a_difference_is_that_of_the_points_and_surer_than_either() -> None:
    rows = pl.concat([invented(), invented("other", seed=1, noise=1.5)])
    result = tabulate_differences(rows).filter(subset="all", figure="auc").row(0, named=True)
    ours, theirs = (measure_forecasts(rows.filter(estimator=name))["auc"] for name in ("engine", "other"))
    alone = tabulate_figures(rows).filter(subset="all", figure="auc", estimator="other").row(0, named=True)
    assert result["value"] == pytest.approx(ours - theirs) and result["low"] > 0
    assert result["high"] - result["low"] < alone["high"] - alone["low"]


def test_a_difference_counts_only_what_both_forecast() -> None:
    rows = invented().with_columns(probability=pl.when(pl.col("origin") < 2005).then(None).otherwise("probability"))
    result = tabulate_differences(pl.concat([rows, invented("other", seed=1)])).filter(subset="all", figure="log_loss")
    later = pl.col("origin") >= 2005
    expected = (
        measure_forecasts(invented().filter(later))["log_loss"]
        - measure_forecasts(invented(seed=1).filter(later))["log_loss"]
    )
    assert result["value"].item() == pytest.approx(expected)


def test_forecasts_of_nothing_known_are_refused() -> None:
    unknown = FOUR.with_columns(observed=pl.lit(None, pl.Boolean))
    for figures in (tabulate_figures, tabulate_differences):
        with pytest.raises(BadInput, match="no forecast has a known outcome"):
            figures(unknown)


def test_nothing_to_compare_with_is_refused() -> None:
    with pytest.raises(BadInput, match="no forecasts of engine to compare"):
        tabulate_differences(invented("alone"))


def test_four_thousand_rows_take_under_two_seconds_of_the_processor() -> None:
    rows = invented(partners=200)
    started = time.process_time()
    tabulate_figures(rows)
    assert time.process_time() - started < 2
