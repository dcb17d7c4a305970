"""Two past origins forecast again with few trees, before and after the future is shuffled."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.cards import RAW
from features.panel import build_panel
from models.backtest import BASELINES, FORECAST, backtest
from models.estimator import PARAMETERS
from models.outcomes import label_lag, labels
from models.splits import training_rows
from models.train import labelled, train
from tests.features.snapshots import copy_snapshot, shuffle_future

TURN = 2005
OUTCOME = "state_terror"


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
def forecasts() -> pl.DataFrame:
    return backtest(OUTCOME, "snapshot", (TURN, 2010), jobs=1)


def test_every_estimator_forecasts_every_partner_at_every_origin(forecasts: pl.DataFrame) -> None:
    assert tuple(forecasts.columns) == FORECAST
    assert set(forecasts["estimator"]) == {"engine", *BASELINES}
    assert forecasts.group_by("estimator", "origin").len().filter(pl.col("len") < 185).is_empty()
    assert not forecasts.select("iso3", "origin", "estimator").is_duplicated().any()
    assert forecasts["probability"].is_between(0, 1).all()


def test_only_the_engine_gives_an_interval_and_its_point_lies_in_it(forecasts: pl.DataFrame) -> None:
    engine, others = forecasts.filter(estimator="engine"), forecasts.filter(pl.col("estimator") != "engine")
    assert engine.select(pl.col("probability").is_between("low", "high").all()).item()
    assert others.select(pl.col("low", "high").count()).row(0) == (0, 0)


def test_what_was_observed_and_the_status_are_facts_of_the_real_years(
    forecasts: pl.DataFrame, observed: pl.DataFrame
) -> None:
    joined = forecasts.join(observed, on=["iso3", "origin"])
    assert joined["observed"].equals(joined[OUTCOME].alias("observed"))
    sudan = forecasts.filter(iso3="SDN", origin=TURN, estimator="engine").row(0, named=True)
    assert sudan["status"] == "ongoing" and sudan["observed"] is True


def test_forecasts_of_2005_do_not_move_when_the_years_after_are_shuffled(
    forecasts: pl.DataFrame, shuffled: Path
) -> None:
    before, after = forecasts.filter(origin=TURN), backtest(OUTCOME, "snapshot", (TURN,), jobs=1, raw=shuffled)
    assert_frame_equal(before.drop("observed"), after.drop("observed"), check_exact=True)
    assert not before["observed"].equals(after["observed"])


def test_training_rows_and_calibration_of_2005_do_not_move_either(shuffled: Path) -> None:
    fitted = []
    for raw in (RAW, shuffled):
        rows = labelled(build_panel("calendar", raw), labels(raw), OUTCOME)
        lag = label_lag(OUTCOME, "calendar", raw)
        fitted.append((training_rows(rows, TURN, lag), train(rows, OUTCOME, TURN, lag, seeds=(0,))))
    (rows_before, before), (rows_after, after) = fitted
    assert_frame_equal(rows_before, rows_after, check_exact=True)
    assert np.array_equal(before.point, after.point) and np.array_equal(before.sampled, after.sampled)


def test_an_origin_too_early_to_calibrate_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match="origin 1990: too few events were known by then to calibrate on"):
        backtest("civilian_killing", "snapshot", (1990,), jobs=1)
