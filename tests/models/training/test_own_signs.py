"""Own indicators in the models: monotone in the sign of their card, and harmless without information."""

import numpy as np
import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.training.estimator import PARAMETERS, Ensemble, fit_ensemble
from models.training.matrix import Array, list_feature_columns
from models.training.outcomes import Outcome, build_outcome
from models.training.splits import select_training_rows
from models.training.train import plan_fits, run_fit

OWN, KNOWN = "invented_unrest_days", ["pts_mean", "vdem_physical_integrity"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trees, each reading all columns, where their number does not matter."""
    monkeypatch.setitem(PARAMETERS, "max_iter", 20)
    monkeypatch.setitem(PARAMETERS, "max_features", 1.0)


@pytest.fixture
def past(terror_rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with an invented indicator that rises with the outcome, and noise."""
    rows = select_training_rows(terror_rows, 2000, 2)
    noise = np.random.default_rng(3).normal(size=rows.height)
    return rows.with_columns(pl.col("grade").mul(2).add(pl.Series(noise)).alias(OWN))


def trees_along(ensemble: Ensemble, rows: pl.DataFrame) -> Array:
    """Log-odds of the trees as the indicator goes from its lowest value to its highest: values × rows."""
    values = np.linspace(rows[OWN].min(), rows[OWN].max(), 9)  # type: ignore[call-overload]
    return np.array([ensemble.compute_log_odds(rows.with_columns(pl.lit(value).alias(OWN)))[0] for value in values])


@pytest.mark.usefixtures("quick")
def test_trees_follow_an_indicator_only_in_the_direction_of_its_sign(past: pl.DataFrame) -> None:
    rows = past.filter(origin=1995)
    worse, better = (
        np.diff(trees_along(fit_ensemble(past, [*KNOWN, OWN], {OWN: sign}), rows), axis=0) for sign in (1, -1)
    )
    assert (worse >= -1e-12).all() and (worse > 0).any()
    # It rises with the risk in the invented rows, so trees bound the other way may not use it.
    assert (better <= 1e-12).all()
    free = np.diff(trees_along(fit_ensemble(past, [*KNOWN, OWN]), rows), axis=0)
    assert (free > 0).any()


@pytest.mark.usefixtures("quick")
def test_without_own_signs_the_same_model_comes_out(past: pl.DataFrame) -> None:
    plain, given = (fit_ensemble(past, KNOWN, own).compute_log_odds(past) for own in (None, {}))
    assert np.array_equal(plain, given)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "values",
    [
        pl.lit(None, pl.Float64),
        pl.lit(4.0),
        pl.when(pl.col("origin") >= 1996).then(pl.col("pts_mean")),
        pl.when((pl.col("iso3") == "EGY") & (pl.col("origin") > 1990)).then(pl.col("origin").cast(pl.Float64)),
        pl.col("pts_mean") * 1e14,
    ],
    ids=["empty", "constant", "late", "one state", "enormous"],
)
def test_an_indicator_that_says_little_breaks_no_fit(
    terror_rows: pl.DataFrame, terror: Outcome, values: pl.Expr
) -> None:
    rows = terror_rows.select("iso3", "origin", *KNOWN, "observed", "grade", "status", "fact").with_columns(
        values.alias(OWN)
    )
    fits = plan_fits(rows, Outcome(**vars(terror) | {"signs": {OWN: 1}}), 2002)
    assert [one.signs for one in fits] == [{OWN: 1}] * len(fits)
    for one in fits[:2]:
        result = run_fit(one)
        odds = result.compute_log_odds(rows.filter(origin=2002)) if isinstance(result, Ensemble) else result
        assert np.isfinite(odds).all()


def test_an_empty_or_constant_column_is_no_input(terror_rows: pl.DataFrame) -> None:
    rows = terror_rows.select("origin", *KNOWN).with_columns(empty=pl.lit(None, pl.Float64), constant=pl.lit(1.0))
    assert list_feature_columns(rows) == KNOWN


def test_the_engines_own_outcomes_carry_no_sign_where_nothing_was_added(terror: Outcome) -> None:
    assert terror.signs == {} and build_outcome("coup", "snapshot", CURRENT_SNAPSHOT).signs == {}
