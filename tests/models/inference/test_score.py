"""Forecasts of partners with full, little and no data."""

import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.inference.score import ESSENTIAL_MEASURES, forecast_partners
from models.training.train import Model
from risk.assessment.tiers import build_tier_expr
from risk.rules.rulebook import Rulebook
from risk.workflows.compare_rulebooks import check_rulebook

LEVELS = ("pts_mean", "vdem_physical_integrity", "wdi_population", "wgi_stability")


@pytest.fixture(scope="module")
def sweden(terror_rows: pl.DataFrame) -> pl.DataFrame:
    return terror_rows.filter(iso3="SWE", origin=2005).drop("observed", "grade", "status", "fact")


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return check_rulebook(snapshot=CURRENT_SNAPSHOT)


def without(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in columns)


def test_coverage_is_the_share_of_the_named_measures_that_are_known(terror_model: Model, sweden: pl.DataFrame) -> None:
    assert forecast_partners(terror_model, sweden, LEVELS)["coverage"].item() == 1
    assert forecast_partners(terror_model, without(sweden, "wgi_stability"), LEVELS)["coverage"].item() == 0.75


@pytest.mark.parametrize("gone", [ESSENTIAL_MEASURES, LEVELS[1:], LEVELS])
def test_a_partner_without_enough_data_is_referred_for_want_of_a_probability(
    terror_model: Model, sweden: pl.DataFrame, rulebook: Rulebook, gone: tuple[str, ...]
) -> None:
    result = forecast_partners(terror_model, without(sweden, *gone), LEVELS)
    assert result.select("probability", "low", "high", "onset_probability").row(0) == (None,) * 4
    assert result.select(build_tier_expr(rulebook, "state_terror", "probability")).item() == "referred"


def test_one_of_the_two_measures_of_state_violence_and_half_of_the_rest_are_enough(
    terror_model: Model, sweden: pl.DataFrame
) -> None:
    assert (
        forecast_partners(terror_model, without(sweden, "pts_mean", "wgi_stability"), LEVELS)["probability"].item()
        is not None
    )


def test_the_probability_lies_in_its_interval_and_looks_two_years_ahead(
    terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    result = forecast_partners(terror_model, terror_rows.filter(origin=2005).drop("status"), LEVELS)
    assert result.height > 185
    assert (
        result.filter(pl.col("probability").is_not_null())
        .select(
            (
                pl.col("low").is_between(0, pl.col("probability")) & pl.col("high").is_between(pl.col("probability"), 1)
            ).all()
        )
        .item()
    )
    assert result["horizon_end"].unique().to_list() == [2007]


def test_only_a_partner_that_is_not_in_the_event_has_an_onset_probability(
    terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    rows = terror_rows.filter(origin=2005)
    result = forecast_partners(terror_model, rows.drop("status"), LEVELS)
    clear = result.filter(pl.col("status") == "clear", pl.col("probability").is_not_null())
    assert clear.height > 100
    assert clear["onset_probability"].null_count() == 0 and clear["onset_probability"].is_between(0, 1).all()
    assert result.filter(status="ongoing").height > 20
    assert result.filter(status="ongoing")["onset_probability"].count() == 0
    assert result.filter(status="ongoing")["probability"].null_count() == 0
    # It is what the curve of partners that turned out clear gives them.
    calibration = terror_model.calibration
    curve = calibration.forecast_probabilities(terror_model.ensemble.compute_log_odds(rows), rows["status"])[
        "onset_probability"
    ]
    text = result["onset_probability"].is_not_null()
    assert result.filter(text)["onset_probability"].equals(curve.filter(text))
    assert not clear["onset_probability"].equals(clear["probability"].alias("onset_probability"))


def test_a_partner_of_unknown_status_has_an_onset_probability(terror_model: Model, sweden: pl.DataFrame) -> None:
    result = forecast_partners(terror_model, without(sweden, "pts_mean", "wgi_stability"), LEVELS)
    assert result["status"].item() == "unknown"
    assert 0 < result["onset_probability"].item() < 1


def test_the_columns_are_those_that_outputs_hold(terror_model: Model, sweden: pl.DataFrame) -> None:
    assert forecast_partners(terror_model, sweden, LEVELS).columns == [
        "iso3", "origin", "horizon_end", "outcome", "probability", "low", "high", "onset_probability", "status",
        "coverage", "model",
    ]  # fmt: skip
