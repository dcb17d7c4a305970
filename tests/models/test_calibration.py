"""Calibration on invented forecasts whose error is known."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from models.calibration import CENTRE, DRAWS, calibrated, design, draws, fit
from models.matrix import Array

ROWS = 4000


def forecasts(seed: int = 1) -> tuple[Array, pl.Series]:
    """Log-odds around nought, half of the rows clear, a quarter ongoing and a quarter unknown."""
    odds = np.random.default_rng(seed).normal(0, 2, ROWS)
    return odds, pl.Series(["clear", "clear", "ongoing", "unknown"] * (ROWS // 4))


def happened(chance: Array) -> Array:
    return (np.random.default_rng(2).random(len(chance)) < chance).astype(np.float64)


def test_a_known_shift_slope_and_effect_of_status_are_found_again() -> None:
    odds, status = forecasts()
    truth = np.array([-1.0, 0.7, 0.8, -0.4])
    inputs = design(odds, status)
    assert fit(inputs, happened(expit(inputs @ truth))) == pytest.approx(truth, abs=0.2)


def test_a_forecast_that_is_right_already_stays_as_it_is() -> None:
    odds, status = forecasts()
    assert fit(design(odds, status), happened(expit(odds))) == pytest.approx(CENTRE, abs=0.2)


def test_three_events_in_four_hundred_rows_leave_slope_and_shifts_near_where_they_were() -> None:
    odds = np.linspace(-9, -3, 400)
    observed = np.zeros(400)
    observed[-3:] = 1
    beta = fit(design(odds, pl.Series(["clear"] * 400)), observed)
    assert 0.3 < beta[1] < 2.5
    assert beta[2:] == pytest.approx([0, 0], abs=1e-6)


def test_without_any_event_the_forecast_falls_but_stays_a_number() -> None:
    odds = np.full(200, logit(0.2))
    status = pl.Series(["clear"] * 200)
    beta = fit(design(odds, status), np.zeros(200))
    chance = expit(design(odds, status) @ beta)
    assert np.isfinite(beta).all() and 0 < chance.max() < 0.02


def test_weights_count_rows_as_if_they_stood_there_so_many_times() -> None:
    odds, status = forecasts()
    inputs, observed = design(odds, status), happened(expit(odds - 0.5))
    weights = np.resize([0.0, 1.0, 2.0], ROWS)
    repeated = np.repeat(np.arange(ROWS), weights.astype(int))
    assert fit(inputs, observed, weights) == pytest.approx(fit(inputs[repeated], observed[repeated]), abs=1e-3)


def test_the_interval_contains_the_point_and_is_wider_where_partners_are_few() -> None:
    odds, status = forecasts()
    inputs, observed = design(odds, status), happened(expit(odds))
    widths = []
    for partners in (200, 12):
        names = pl.Series([f"P{row % partners:03}" for row in range(ROWS)])
        rows = slice(0, partners * 4)
        sampled = draws(inputs[rows], observed[rows], names[rows])
        made = calibrated(odds[None, :], status, fit(inputs[rows], observed[rows]), sampled)
        assert sampled.shape == (DRAWS, 4)
        assert (made.low <= made.probability).all() and (made.probability <= made.high).all()
        widths.append(float(np.mean(made.high - made.low)))
    assert widths[0] < widths[1]


def test_the_point_counts_as_part_of_the_interval_even_where_all_draws_lie_on_one_side() -> None:
    above = np.array([[2.0, 1.0, 0.0, 0.0]] * DRAWS)
    made = calibrated(np.zeros((1, 1)), pl.Series(["clear"]), CENTRE, above)
    assert made.low[0] == made.probability[0] == 0.5 < made.high[0]


def test_status_moves_a_forecast_of_the_same_log_odds() -> None:
    status = pl.Series(["clear", "ongoing", "unknown"])
    beta = np.array([0.0, 1.0, 1.0, -1.0])
    made = calibrated(np.zeros((1, 3)), status, beta, np.array([beta]))
    assert made.probability == pytest.approx([0.5, expit(1), expit(-1)])


def test_the_same_seed_draws_the_same_partners() -> None:
    odds, status = forecasts()
    inputs, observed = design(odds, status)[:400], happened(expit(odds))[:400]
    names = pl.Series([f"P{row % 40:02}" for row in range(400)])
    assert np.array_equal(draws(inputs, observed, names), draws(inputs, observed, names))
    assert not np.array_equal(draws(inputs, observed, names), draws(inputs, observed, names, seed=1))
