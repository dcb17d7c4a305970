"""The ensemble on real rows: its members, its signs, its columns and its weights."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from models.training.estimator import PARAMETERS, compute_recency_weights, fit_ensemble, round_ranks
from models.training.linear import compute_normal_scores
from models.training.matrix import NOT_INPUTS, list_feature_columns
from models.training.signs import MONOTONE_SIGNS
from models.training.splits import select_training_rows
from models.training.train import Model

COLUMNS = ("pts_mean", "ucdp_government_killings", "vdem_physical_integrity", "wdi_gdp_per_head_usd")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trees, where their number does not matter."""
    monkeypatch.setitem(PARAMETERS, "max_iter", 30)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("pts_mean", (1, 2, 3, 4, 5)),
        ("pts_mean_since", (40, 5, 0)),
        ("vdem_physical_integrity", (1, 0.5, 0)),
    ],
)
def test_a_worse_record_never_lowers_the_log_odds_of_trees(
    terror_model: Model, terror_rows: pl.DataFrame, column: str, values: tuple[float, ...]
) -> None:
    rows, ensemble = terror_rows.filter(origin=2005), terror_model.ensemble
    result = [ensemble.compute_log_odds(rows.with_columns(pl.lit(float(v)).alias(column))) for v in values]
    for trees in (ensemble.member_names.index("trees"), ensemble.member_names.index("graded trees")):
        odds = [members[trees] for members in result]
        assert all((worse >= better - 1e-12).all() for better, worse in pairwise(odds))
        assert (odds[-1] > odds[0]).any()


def test_no_step_of_a_signed_rank_in_the_wrong_direction_moves_trees(
    terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    ensemble, moved = terror_model.ensemble, set()
    ranks = round_ranks(ensemble.compute_ranks(terror_rows.filter(origin=2005)))[:, ensemble.tree_places]
    read = [ensemble.columns[place] for place in ensemble.tree_places]
    assert ensemble.graded is not None
    for column, sign in MONOTONE_SIGNS.items():
        place = read.index(column)
        for trees in (ensemble.booster.decision_function, ensemble.graded.compute_log_odds):
            odds = []
            for step in (0.0, 0.2, 0.5, 0.8, 0.95, 1.0):
                ranks_then = ranks.copy()
                ranks_then[:, place] = step
                odds.append(sign * trees(ranks_then))
            assert (np.diff(odds, axis=0) >= -1e-12).all(), column
            moved |= {column} if (np.diff(odds, axis=0) > 0).any() else set()
    assert len(moved) > len(MONOTONE_SIGNS) / 2
    assert "pts_mean_l5" in ensemble.columns and "pts_mean_l5" not in read


def test_every_sign_belongs_to_a_feature_of_the_panel(panel: pl.DataFrame) -> None:
    assert set(MONOTONE_SIGNS) <= set(panel.columns)


def test_a_column_missing_or_constant_in_the_past_is_left_out_though_it_is_known_later() -> None:
    rows = pl.DataFrame(
        {"iso3": "AAA", "origin": [1, 2, 3], "observed": [True, False, True], "status": "clear"}
        | {"known": [1.0, 2.0, None], "missing": [None, None, 3.0], "constant": [1.0, 1.0, 2.0]}
    )
    assert list_feature_columns(rows.head(2)) == ["known"]
    assert list_feature_columns(rows) == ["known", "constant"]


def test_the_forecast_of_2005_uses_nothing_first_published_later(
    terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    past = select_training_rows(terror_rows, 2005, 2)
    assert terror_model.trained_to == past["origin"].max() == 2001
    assert all(past[column].count() > 0 for column in terror_model.ensemble.columns)
    assert not set(terror_model.ensemble.columns) & NOT_INPUTS


@pytest.mark.usefixtures("quick")
def test_four_members_in_the_order_of_their_names_read_ranks_in_steps_or_as_they_are(
    terror_rows: pl.DataFrame,
) -> None:
    past = select_training_rows(terror_rows, 2000, 2)
    ensemble = fit_ensemble(past, COLUMNS)
    ranks, odds = ensemble.compute_ranks(past), ensemble.compute_log_odds(past)
    assert ensemble.member_names == ("trees", "graded trees", "ridge on scores", "ridge on ranks")
    assert odds.shape == (4, past.height) and np.isfinite(odds).all()
    assert ensemble.graded is not None
    expected = [
        ensemble.booster.decision_function(np.round(ranks, 2)),
        ensemble.graded.compute_log_odds(np.round(ranks, 2)),
        ensemble.on_scores.decision_function(compute_normal_scores(ranks)),
        ensemble.on_ranks.decision_function(ranks),
    ]
    assert np.array_equal(odds, expected)
    assert not any(np.allclose(one, other) for one, other in pairwise(expected))


@pytest.mark.usefixtures("quick")
def test_an_outcome_without_grades_rests_on_three_members(terror_rows: pl.DataFrame) -> None:
    ungraded = select_training_rows(terror_rows, 2000, 2).with_columns(grade=pl.col("observed").cast(pl.Float64))
    ensemble = fit_ensemble(ungraded, COLUMNS)
    assert ensemble.graded is None
    assert ensemble.member_names == ("trees", "ridge on scores", "ridge on ranks")
    assert ensemble.compute_log_odds(ungraded).shape == (3, ungraded.height)


@pytest.mark.usefixtures("quick")
def test_graded_trees_turn_a_higher_grade_into_higher_log_odds(terror_rows: pl.DataFrame) -> None:
    past = select_training_rows(terror_rows, 2000, 2)
    graded = fit_ensemble(past, COLUMNS).graded
    assert graded is not None and graded.slope > 1
    assert graded.intercept < 0 < graded.intercept + graded.slope


@pytest.mark.usefixtures("quick")
def test_the_same_rows_give_the_same_forecast(terror_rows: pl.DataFrame) -> None:
    past = select_training_rows(terror_rows, 2000, 2)
    once, again = (fit_ensemble(past, COLUMNS).compute_log_odds(past) for _ in range(2))
    assert np.array_equal(once, again)


@pytest.mark.usefixtures("quick")
def test_late_rows_teach_more_than_early_ones(terror_rows: pl.DataFrame) -> None:
    past = select_training_rows(terror_rows, 2000, 2)
    # Invented: what raised the risk until 1988 lowers it since, in as many rows.
    turned = pl.when(pl.col("origin") < 1989).then(1 - pl.col("grade")).otherwise("grade")
    rows = past.with_columns(grade=turned, observed=turned > 0.5)
    odds = fit_ensemble(rows, COLUMNS).compute_log_odds(rows).mean(axis=0)
    late = (rows["origin"] >= 1989).to_numpy()
    assert np.corrcoef(odds, np.where(late, rows["grade"], 1 - rows["grade"]))[0, 1] > 0.3


def test_weights_halve_after_fifteen_years_and_are_one_on_average() -> None:
    origins = pl.DataFrame({"origin": [1970, 1985, 2000]})
    assert compute_recency_weights(origins) == pytest.approx(np.array([1, 2, 4]) * 3 / 7)
    assert compute_recency_weights(origins, half_life=30).mean() == pytest.approx(1)
    assert compute_recency_weights(origins, half_life=30)[0] / compute_recency_weights(origins, half_life=30)[
        2
    ] == pytest.approx(0.5)


def test_steps_are_a_hundredth_of_the_ranks_and_gaps_stay() -> None:
    assert round_ranks(np.array([0.0, 0.1249, 0.996, 1.0, np.nan])) == pytest.approx(
        [0, 0.12, 1, 1, np.nan], nan_ok=True
    )


def test_more_terror_means_more_risk_in_2005_for_sudan_than_for_sweden(
    terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    rows = terror_rows.filter(pl.col("origin") == 2005, pl.col("iso3").is_in(["SDN", "SWE"])).sort("iso3")
    sudan, sweden = terror_model.ensemble.compute_log_odds(rows).mean(axis=0)
    assert sudan > 1 and sweden < -3
