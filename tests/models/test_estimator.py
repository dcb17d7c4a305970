"""The ensemble on real rows: its signs, its columns and its seeds."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from models.estimator import PARAMETERS, SIGNS, fit_ensemble
from models.linear import linear_log_odds
from models.matrix import feature_columns, matrix
from models.splits import training_rows
from models.train import Model

COLUMNS = ("pts_mean", "ucdp_government_killings", "vdem_physical_integrity", "wdi_gdp_per_head_usd")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trees, where their number does not matter."""
    monkeypatch.setitem(PARAMETERS, "max_iter", 30)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("pts_mean", (1, 2, 3, 4, 5)),
        ("ucdp_government_killings_sum10", (0, 100, 5000)),
        ("vdem_physical_integrity", (1, 0.5, 0)),
    ],
)
def test_a_worse_record_never_lowers_the_log_odds_of_trees(
    terror_model: Model, terror_rows: pl.DataFrame, column: str, values: tuple[float, ...]
) -> None:
    rows = terror_rows.filter(origin=2005)
    ensemble = terror_model.ensemble
    assert ensemble.graded is not None
    for trees in (*(booster.decision_function for booster in ensemble.boosters), ensemble.graded.log_odds):
        odds = [trees(matrix(rows.with_columns(pl.lit(float(v)).alias(column)), ensemble.columns)) for v in values]
        assert all((worse >= better - 1e-12).all() for better, worse in pairwise(odds))
        assert (odds[-1] > odds[0]).any()


def test_every_sign_belongs_to_a_feature_of_the_panel(panel: pl.DataFrame) -> None:
    assert set(SIGNS) <= set(panel.columns)


def test_a_column_missing_or_constant_in_the_past_is_left_out_though_it_is_known_later() -> None:
    rows = pl.DataFrame(
        {"iso3": "AAA", "origin": [1, 2, 3], "observed": [True, False, True], "status": "clear"}
        | {"known": [1.0, 2.0, None], "missing": [None, None, 3.0], "constant": [1.0, 1.0, 2.0]}
    )
    assert feature_columns(rows.head(2)) == ["known"]
    assert feature_columns(rows) == ["known", "constant"]


def test_the_forecast_of_2005_uses_nothing_first_published_later(
    terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    past = training_rows(terror_rows, 2005, 2)
    assert terror_model.trained_to == past["origin"].max() == 2001
    assert all(past[column].count() > 0 for column in terror_model.ensemble.columns)
    assert not set(terror_model.ensemble.columns) & {"iso3", "origin", "observed", "severity", "status"}


@pytest.mark.usefixtures("quick")
def test_seeds_differ_and_each_member_weighs_a_third(terror_rows: pl.DataFrame) -> None:
    past = training_rows(terror_rows, 2000, 2)
    ensemble = fit_ensemble(past, COLUMNS, seeds=(0, 1, 2))
    odds, known = ensemble.log_odds(past), matrix(past, COLUMNS)
    trees = [booster.decision_function(known) for booster in ensemble.boosters]
    assert odds.shape == (3, past.height)
    assert not np.allclose(trees[0], trees[1])
    smooth = linear_log_odds(ensemble.linear, past, COLUMNS)
    assert ensemble.graded is not None
    members = [np.mean(trees, axis=0), ensemble.graded.log_odds(known), smooth]
    assert odds.mean(axis=0) == pytest.approx(np.mean(members, axis=0))


@pytest.mark.usefixtures("quick")
def test_an_outcome_without_grades_rests_on_two_members(terror_rows: pl.DataFrame) -> None:
    ungraded = training_rows(terror_rows, 2000, 2).with_columns(severity=pl.lit(None, pl.Float64))
    ensemble = fit_ensemble(ungraded, COLUMNS, seeds=(0,))
    trees = ensemble.boosters[0].decision_function(matrix(ungraded, COLUMNS))
    smooth = linear_log_odds(ensemble.linear, ungraded, COLUMNS)
    assert ensemble.graded is None
    assert ensemble.log_odds(ungraded)[0] == pytest.approx((trees + smooth) / 2)


@pytest.mark.usefixtures("quick")
def test_the_same_rows_and_seed_give_the_same_forecast(terror_rows: pl.DataFrame) -> None:
    past = training_rows(terror_rows, 2000, 2)
    once, again = (fit_ensemble(past, COLUMNS, seeds=(0,)).log_odds(past) for _ in range(2))
    assert np.array_equal(once, again)


def test_more_terror_means_more_risk_in_2005_for_sudan_than_for_sweden(
    terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    rows = terror_rows.filter(pl.col("origin") == 2005, pl.col("iso3").is_in(["SDN", "SWE"])).sort("iso3")
    sudan, sweden = terror_model.ensemble.log_odds(rows).mean(axis=0)
    assert sudan > 1 and sweden < -3
