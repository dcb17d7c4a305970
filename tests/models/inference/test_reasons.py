"""Reasons add up to the forecast, on real rows with real gaps."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import logit

import models.training.linear
from features.labels import describe_features
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.inference.reasons import compute_contributions, list_reasons
from models.training.matrix import Array, build_matrix
from models.training.train import Model


@pytest.fixture(scope="module")
def rows(terror_rows: pl.DataFrame) -> pl.DataFrame:
    return terror_rows.filter(pl.col("origin") == 2005)


@pytest.fixture(scope="module")
def told(terror_model: Model, rows: pl.DataFrame) -> pl.DataFrame:
    return list_reasons(terror_model, rows, describe_features(CURRENT_SNAPSHOT))


def log_odds(model: Model, rows: pl.DataFrame) -> Array:
    """Of the calibrated probabilities."""
    result = model.calibration.forecast_probabilities(model.ensemble.compute_log_odds(rows), rows["status"])
    return np.asarray(logit(result["probability"].to_numpy()))


def test_contributions_add_up_to_the_log_odds_of_the_probability_where_values_are_missing_too(
    terror_model: Model, rows: pl.DataFrame
) -> None:
    parts, starts = compute_contributions(terror_model, rows)
    assert np.isnan(build_matrix(rows, terror_model.ensemble.columns)).any(axis=1).sum() > 50
    assert parts.shape == (rows.height, len(terror_model.ensemble.columns))
    assert parts.sum(axis=1) + starts == pytest.approx(log_odds(terror_model, rows), abs=1e-6)


@pytest.mark.parametrize("kept", [(True, True, True, True), (False, True, True, True), (True, True, True, False)])
def test_whichever_members_count_contributions_add_up(
    terror_model: Model, rows: pl.DataFrame, kept: tuple[bool, ...]
) -> None:
    model = replace(terror_model, calibration=replace(terror_model.calibration, member_mask=kept))
    parts, starts = compute_contributions(model, rows.head(20))
    assert parts.sum(axis=1) + starts == pytest.approx(log_odds(model, rows.head(20)), abs=1e-6)


def test_an_outcome_without_graded_trees_is_explained_as_well(terror_model: Model, rows: pl.DataFrame) -> None:
    calibration = replace(terror_model.calibration, member_mask=(True, True, True))
    model = replace(terror_model, ensemble=replace(terror_model.ensemble, graded=None), calibration=calibration)
    parts, starts = compute_contributions(model, rows.head(20))
    assert parts.sum(axis=1) + starts == pytest.approx(log_odds(model, rows.head(20)), abs=1e-6)


def test_a_row_starts_from_where_its_status_puts_it(terror_model: Model, rows: pl.DataFrame) -> None:
    _, starts = compute_contributions(terror_model, rows)
    shift = terror_model.calibration.overall.point[2]
    ongoing = (rows["status"] == "ongoing").to_numpy()
    assert set(np.round(starts[ongoing] - starts[~ongoing][0], 9)) == {round(float(shift), 9)}


def test_a_row_without_any_value_is_explained_as_well(terror_model: Model, rows: pl.DataFrame) -> None:
    blank = rows.head(1).with_columns(pl.lit(None, pl.Float64).alias(name) for name in terror_model.ensemble.columns)
    parts, starts = compute_contributions(terror_model, blank)
    assert parts.sum() + starts[0] == pytest.approx(log_odds(terror_model, blank)[0], abs=1e-6)


def test_an_explanation_that_does_not_add_up_is_refused(
    terror_model: Model, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = models.training.linear.compute_linear_contributions
    monkeypatch.setattr(
        models.training.linear,
        "compute_linear_contributions",
        lambda *given: (whole(*given)[0] * 1.01, whole(*given)[1]),
    )
    with pytest.raises(ArithmeticError, match="state_terror: contributions differ from the log-odds by"):
        compute_contributions(terror_model, rows)


def test_an_explanation_of_other_trees_is_refused(
    terror_model: Model, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = terror_model.ensemble
    odds = ensemble.compute_log_odds
    monkeypatch.setattr(type(ensemble), "compute_log_odds", lambda _, given: odds(given) + 1e-5)
    with pytest.raises(ArithmeticError):
        compute_contributions(terror_model, rows)


def test_positions_run_from_the_largest_contribution_to_the_smallest(told: pl.DataFrame, terror_model: Model) -> None:
    egypt = told.filter(iso3="EGY").sort("position")
    assert egypt["position"].to_list() == list(range(1, len(terror_model.ensemble.columns) + 1))
    assert egypt["contribution_logodds"].abs().is_sorted(descending=True)


def test_each_reason_has_a_label_a_unit_a_theme_and_its_value(told: pl.DataFrame, rows: pl.DataFrame) -> None:
    assert told.select("theme", "label", "unit", "outcome").null_count().sum_horizontal().item() == 0
    egypt = told.filter(iso3="EGY", feature="pts_mean").row(0, named=True)
    assert egypt["value"] == rows.filter(iso3="EGY")["pts_mean"].item()
    assert egypt["value_year"] == 2005 - rows.filter(iso3="EGY")["pts_mean_age"].item()


def test_a_missing_value_has_no_year(told: pl.DataFrame) -> None:
    assert told.filter(pl.col("value").is_null(), pl.col("feature") == "fbic_china")["value_year"].count() == 0


def test_a_feature_nobody_described_is_kept_without_a_label(terror_model: Model, rows: pl.DataFrame) -> None:
    described = describe_features(CURRENT_SNAPSHOT).filter(pl.col("feature") != "pts_mean")
    one = list_reasons(replace(terror_model), rows.head(1), described).filter(feature="pts_mean")
    assert one["label"].item() is None and one["value_year"].item() is None
