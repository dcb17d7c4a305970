"""Back-tests of two past origins with few trees, before and after the future is shuffled."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.bad_input import BadInput
from features.panel import build_panel
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from models.evaluation.backtest import ENGINE_NAME, FORECAST_COLUMNS, backtest_outcome, seed_engine
from models.training.estimator import PARAMETERS
from models.training.outcomes import Outcome, build_outcome, convert_to_status, label_panel
from models.training.splits import select_training_rows
from models.training.train import select_known_rows, train_model
from tests.features.snapshot.changed_snapshots import copy_snapshot, shuffle_future

TURN, LATER = 2005, 2010
NAME = "state_terror"
ESTIMATORS = ("engine", "persistence")
# Enough to forecast from, and faster to train on than the whole panel.
FEW = ("^iso3$", "^origin$", "^pts_.*$", "^vdem_physical_integrity.*$", "^ucdp_government_killings.*$")


@pytest.fixture(scope="module", autouse=True)
def _few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PARAMETERS, "max_iter", 20)
        yield


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw = copy_snapshot(tmp_path_factory.mktemp("shuffled"))
    shuffle_future(raw, TURN)
    return raw


@pytest.fixture(scope="module")
def few(panel: pl.DataFrame) -> pl.DataFrame:
    return panel.select(FEW)


@pytest.fixture(scope="module")
def forecasts(few: pl.DataFrame, terror: Outcome) -> pl.DataFrame:
    return backtest_outcome(few, terror, "snapshot", (TURN, LATER), ESTIMATORS, jobs=1)


def test_every_estimator_forecasts_every_partner_once_at_every_origin(
    forecasts: pl.DataFrame, panel: pl.DataFrame
) -> None:
    assert tuple(forecasts.columns) == FORECAST_COLUMNS
    assert set(forecasts["estimator"]) == set(ESTIMATORS)
    assert set(forecasts["outcome"]) == {NAME} and set(forecasts["profile"]) == {"snapshot"}
    expected = panel.filter(pl.col("origin").is_in([TURN, LATER])).select("iso3", "origin")
    for name in ESTIMATORS:
        keys = forecasts.filter(estimator=name).select("iso3", "origin")
        assert_frame_equal(keys, expected.sort("origin", "iso3"))
    assert forecasts["probability"].is_between(0, 1).all() and forecasts["probability"].null_count() == 0
    assert forecasts["onset_probability"].is_between(0, 1).all()
    assert forecasts.select("estimator", "origin", "iso3").equals(
        forecasts.sort("estimator", "origin", "iso3").select("estimator", "origin", "iso3")
    )


def test_only_the_engine_gives_an_interval_and_its_point_lies_in_it(forecasts: pl.DataFrame) -> None:
    engine, others = forecasts.filter(estimator="engine"), forecasts.filter(estimator="persistence")
    assert engine.select(pl.col("probability").is_between("low", "high").all()).item()
    assert engine["low"].null_count() == 0
    assert others.height == engine.height and others.select(pl.col("low", "high").count()).row(0) == (0, 0)


def test_what_was_observed_and_the_status_are_facts_of_the_real_years(
    forecasts: pl.DataFrame, observed: pl.DataFrame, terror: Outcome
) -> None:
    joined = forecasts.join(observed, on=["iso3", "origin"], maintain_order="left")
    assert joined["observed"].equals(joined[NAME].alias("observed"))
    facts = terror.happened.select("iso3", pl.col("year").alias("origin"), fact=convert_to_status(pl.col("event")))
    joined = forecasts.join(facts, on=["iso3", "origin"], maintain_order="left")
    assert joined["status"].equals(joined["fact"].alias("status"))
    sudan = forecasts.filter(iso3="SDN", origin=TURN, estimator="engine").row(0, named=True)
    assert sudan["status"] == "ongoing" and sudan["observed"] is True


def test_the_status_is_not_the_stale_one_that_the_forecast_was_made_with(
    forecasts: pl.DataFrame, terror_rows: pl.DataFrame
) -> None:
    stale = terror_rows.select("iso3", "origin", stale="status")
    joined = forecasts.filter(estimator="engine").join(stale, on=["iso3", "origin"])
    assert 5 < joined.filter(pl.col("status") != pl.col("stale")).height < joined.height / 4


def test_the_engine_forecasts_what_a_model_trained_for_that_origin_would(
    forecasts: pl.DataFrame, few: pl.DataFrame, terror: Outcome
) -> None:
    rows = label_panel(few, terror)
    model, now = train_model(rows, terror, TURN), rows.filter(origin=TURN)
    result = model.calibration.forecast_probabilities(model.ensemble.compute_log_odds(now), now["status"])
    engine = forecasts.filter(estimator="engine", origin=TURN)
    assert_frame_equal(engine.select(result.columns), result, abs_tol=1e-5)


def test_an_origin_is_forecast_alike_alone_and_beside_another(
    forecasts: pl.DataFrame, few: pl.DataFrame, terror: Outcome
) -> None:
    alone = backtest_outcome(few, terror, "snapshot", (TURN,), ESTIMATORS, jobs=1)
    # Sums over more rows at once may round the last digit differently.
    assert_frame_equal(alone, forecasts.filter(origin=TURN), abs_tol=1e-12, rel_tol=0)


def test_forecasts_of_2005_do_not_move_when_the_years_after_are_shuffled(
    forecasts: pl.DataFrame, panel: pl.DataFrame, shuffled: Path
) -> None:
    other, outcome = build_panel("snapshot", Snapshot(shuffled)), build_outcome(NAME, "snapshot", Snapshot(shuffled))
    by_then = pl.col("origin") <= TURN
    assert_frame_equal(panel.filter(by_then), other.filter(by_then), check_exact=True)
    assert not panel.equals(other)
    after = backtest_outcome(other.select(FEW), outcome, "snapshot", (TURN, LATER), ESTIMATORS, jobs=1)
    one, two = forecasts.filter(origin=TURN), after.filter(origin=TURN)
    assert_frame_equal(one.drop("observed"), two.drop("observed"), check_exact=True)
    assert not one["observed"].equals(two["observed"])
    later = forecasts.filter(origin=LATER, estimator="engine")["probability"]
    assert not later.equals(after.filter(origin=LATER, estimator="engine")["probability"])


def test_training_rows_and_calibration_of_2005_do_not_move_either(shuffled: Path) -> None:
    fitted = []
    for raw in (RAW_FOLDER, shuffled):
        outcome = build_outcome(NAME, "calendar", Snapshot(raw))
        rows = label_panel(build_panel("calendar", Snapshot(raw)), outcome)
        known = select_training_rows(rows, TURN, outcome.lag), select_known_rows(rows, outcome, TURN)
        few = rows.select(*FEW, "observed", "grade", "status", "fact")
        fitted.append((*known, train_model(few, outcome, TURN).calibration))
    (rows_before, known_before, before), (rows_after, known_after, after) = fitted
    assert rows_before["origin"].max() == known_before["origin"].max() == 2003
    assert_frame_equal(rows_before, rows_after, check_exact=True)
    assert_frame_equal(known_before, known_after, check_exact=True)
    assert before.member_mask == after.member_mask
    for name in ("overall", "clear", "ongoing"):
        one, other = getattr(before, name), getattr(after, name)
        assert np.array_equal(one.point, other.point) and np.array_equal(one.sampled, other.sampled)


def test_an_origin_too_early_to_learn_from_is_refused_in_one_line(panel: pl.DataFrame) -> None:
    outcome = build_outcome("civilian_killing", "snapshot", CURRENT_SNAPSHOT)
    with pytest.raises(BadInput, match="^origin 1990: too few events were known by then to learn from") as refused:
        backtest_outcome(panel, outcome, "snapshot", (1990,), ("persistence",), jobs=1)
    assert "\n" not in str(refused.value)


def test_before_any_forecast_could_be_checked_the_members_stand_as_they_are(panel: pl.DataFrame) -> None:
    outcome = build_outcome("civilian_killing", "calendar", CURRENT_SNAPSHOT)
    past = select_training_rows(label_panel(panel, outcome), 1992, 0)
    result = backtest_outcome(panel, outcome, "calendar", (1992,), (ENGINE_NAME, "base rate"), jobs=1)
    engine, base = (result.filter(estimator=name) for name in (ENGINE_NAME, "base rate"))
    assert engine["probability"].is_between(engine["low"], engine["high"]).all()
    assert base["probability"].to_numpy() == pytest.approx(past["observed"].cast(pl.Float64).mean())


def test_a_seed_draws_other_trees_the_same_whenever_it_is_asked_for(few: pl.DataFrame, terror: Outcome) -> None:
    result = backtest_outcome(few, terror, "snapshot", (TURN,), [seed_engine(0), seed_engine(7)], jobs=1)
    again = backtest_outcome(few, terror, "snapshot", (TURN,), [seed_engine(7)], jobs=1)
    assert seed_engine(0) == ENGINE_NAME
    plain, seven = (result.filter(estimator=name) for name in (ENGINE_NAME, seed_engine(7)))
    assert_frame_equal(seven, again)
    assert (plain["probability"] - seven["probability"]).abs().max() > 0.001
    assert seven["low"].null_count() == plain["low"].null_count() < plain.height
