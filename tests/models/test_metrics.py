"""Figures worked out by hand for four forecasts."""

import math

import polars as pl
import pytest

from models.metrics import measure, table

FOUR = pl.DataFrame(
    {
        "profile": "calendar",
        "outcome": "coup",
        "estimator": "engine",
        "status": ["clear", "clear", "ongoing", "ongoing"],
        "probability": [0.1, 0.4, 0.35, 0.8],
        "observed": [False, False, True, True],
    }
)


def test_four_forecasts_are_measured_as_by_hand() -> None:
    figures = measure(FOUR)
    brier = (0.1**2 + 0.4**2 + 0.65**2 + 0.2**2) / 4
    assert (figures["n"], figures["events"], figures["base"]) == (4, 2, 0.5)
    assert figures["auc"] == pytest.approx(3 / 4)  # of four pairs, 0.35 before 0.4 is the one out of order
    assert figures["average_precision"] == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert figures["skill"] == pytest.approx(1 - brier / 0.25)
    assert figures["mean_forecast"] == pytest.approx(0.4125)


def test_a_forecast_of_the_base_rate_has_no_skill_and_a_worse_one_less_than_none() -> None:
    assert measure(FOUR.with_columns(probability=pl.lit(0.5)))["skill"] == pytest.approx(0)
    assert measure(FOUR.with_columns(probability=1 - pl.col("probability")))["skill"] < 0


@pytest.mark.parametrize("rows", [FOUR.head(2), FOUR.tail(2), FOUR.clear()])
def test_a_single_class_has_no_auc_precision_or_skill(rows: pl.DataFrame) -> None:
    figures = measure(rows)
    assert figures["n"] == rows.height
    assert all(math.isnan(figures[name]) for name in ("auc", "average_precision", "skill"))


def test_the_table_has_a_row_for_all_for_onset_and_for_escape() -> None:
    figures = table(FOUR)
    assert figures.select("subset", "n", "events").rows() == [("all", 4, 2), ("escape", 2, 2), ("onset", 2, 0)]
    assert figures.columns[:4] == ["profile", "outcome", "subset", "estimator"]


def test_forecasts_of_what_is_still_unknown_do_not_count() -> None:
    unknown = FOUR.head(1).with_columns(observed=pl.lit(None, pl.Boolean), probability=pl.lit(0.99))
    assert table(pl.concat([FOUR, unknown])).equals(table(FOUR))
