"""Calibration on invented forecasts whose error is known."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from models.training.calibration import (
    CALIBRATION_DRAWS,
    FEWEST_EVENTS,
    PRIOR_CENTER,
    PRIOR_SPREAD,
    SPREAD_FREE,
    Calibration,
    CalibrationCurve,
    build_design_matrix,
    draw_coefficients,
    fit_calibration,
    fit_coefficients,
)
from models.training.matrix import Array

ROWS = 4000


def forecasts(rows: int = ROWS) -> tuple[Array, pl.Series]:
    """Log-odds around zero, half of the rows clear, a quarter ongoing and a quarter unknown."""
    odds = np.random.default_rng(1).normal(0, 2, rows)
    return odds, pl.Series(["clear", "clear", "ongoing", "unknown"] * (rows // 4))


def happened(chance: Array) -> Array:
    return (np.random.default_rng(2).random(len(chance)) < chance).astype(np.float64)


def known(observed: Array, partners: int = 200, status: object = "clear", fact: object = "clear") -> pl.DataFrame:
    """Calibration rows of `partners` partners in turn."""
    names = [f"P{row % partners:03}" for row in range(len(observed))]
    return pl.DataFrame({"iso3": names, "observed": observed.astype(bool), "origin": 2000}).with_columns(
        *(
            pl.Series(name, [message] * len(observed) if isinstance(message, str) else message)
            for name, message in (("status", status), ("fact", fact))
        )
    )


def share(calibration: Calibration, odds: float, status: str = "clear") -> dict[str, float]:
    """The forecast of one row on which all members agree."""
    members = np.full((len(calibration.member_mask), 1), odds)
    return calibration.forecast_probabilities(members, pl.Series([status])).row(0, named=True)


def test_a_known_shift_slope_and_effect_of_status_are_found_again() -> None:
    odds, status = forecasts(40_000)
    truth = np.array([-1.0, 0.7, 0.8, -0.4])
    inputs = build_design_matrix(odds, status)
    assert fit_coefficients(inputs, happened(expit(inputs @ truth)), np.ones(40_000)) == pytest.approx(truth, abs=0.1)


def test_a_forecast_that_is_right_already_stays_as_it_is() -> None:
    odds, status = forecasts()
    assert fit_coefficients(build_design_matrix(odds, status), happened(expit(odds)), np.ones(ROWS)) == pytest.approx(
        PRIOR_CENTER, abs=0.2
    )


def test_three_events_in_four_hundred_rows_leave_slope_and_shifts_near_where_they_were() -> None:
    odds = np.linspace(-9, -3, 400)
    observed = np.zeros(400)
    observed[-3:] = 1
    beta = fit_coefficients(build_design_matrix(odds, pl.Series(["clear"] * 400)), observed, np.ones(400))
    assert beta[1] == pytest.approx(1, abs=PRIOR_SPREAD[1])
    assert beta[2:] == pytest.approx([0, 0], abs=1e-6)


def test_without_any_event_the_forecast_falls_as_far_as_the_prior_lets_it_and_stays_a_number() -> None:
    odds, status = np.full(200, logit(0.2)), pl.Series(["clear"] * 200)
    inputs = build_design_matrix(odds, status)
    beta, free = (
        fit_coefficients(inputs, np.zeros(200), np.ones(200), spread) for spread in (PRIOR_SPREAD, SPREAD_FREE)
    )
    chance = expit(inputs @ beta)[0]
    # At the optimum the gradients of rows and prior are equal.
    assert beta[0] == pytest.approx(-200 * chance * PRIOR_SPREAD[0] ** 2, abs=1e-3)
    assert np.isfinite(beta).all() and 0 < chance < 0.05
    assert np.isfinite(free).all() and 0 < expit(inputs @ free)[0] < 0.02


def test_weights_count_rows_as_if_they_stood_there_so_many_times() -> None:
    odds, status = forecasts()
    inputs, observed = build_design_matrix(odds, status), happened(expit(odds - 0.5))
    weights = np.resize([0.0, 1.0, 2.0], ROWS)
    repeated = np.repeat(np.arange(ROWS), weights.astype(int))
    expected = fit_coefficients(inputs[repeated], observed[repeated], np.ones(len(repeated)))
    assert fit_coefficients(inputs, observed, weights) == pytest.approx(expected, abs=1e-3)


def test_a_forecast_made_eight_years_earlier_counts_half() -> None:
    observed = np.concatenate([np.resize([1, 1, 1, 0, 0], 1000), np.resize([1, 0, 0, 0, 0], 1000)])
    rows = known(observed).with_columns(origin=pl.Series([1992] * 1000 + [2000] * 1000))
    result = fit_calibration(np.zeros((1, 2000)), rows, free=True)
    assert share(result, 0.0)["probability"] == pytest.approx((0.5 * 0.6 + 0.2) / 1.5, abs=0.003)


def test_a_member_that_is_pure_noise_is_left_out() -> None:
    odds, status = forecasts()
    random = np.random.default_rng(3)
    members = np.array([odds + random.normal(0, 0.5, ROWS), random.normal(0, 2, ROWS), odds])
    result = fit_calibration(members, known(happened(expit(odds)), status=status))
    assert result.member_mask == (True, False, True)
    assert result.average_member_odds(members) == pytest.approx((members[0] + members[2]) / 2)


def test_members_that_each_tell_something_are_all_kept_and_so_are_equals() -> None:
    odds, status = forecasts()
    random = np.random.default_rng(3)
    rows = known(happened(expit(odds)), status=status)
    assert fit_calibration(odds + random.normal(0, 1, (3, ROWS)), rows).member_mask == (True, True, True)
    assert fit_calibration(np.array([odds, odds]), rows).member_mask == (True, True)
    assert fit_calibration(odds[np.newaxis], rows).member_mask == (True,)


def test_a_member_that_is_left_out_moves_neither_the_point_nor_the_interval() -> None:
    odds, status = forecasts()
    members = np.array([odds, odds + 0.1, np.random.default_rng(3).normal(0, 2, ROWS)])
    result = fit_calibration(members, known(happened(expit(odds)), status=status))
    assert result.member_mask == (True, True, False)
    assert result.forecast_probabilities(members, status).equals(
        result.forecast_probabilities(members * [[1], [1], [-5]], status)
    )


@pytest.fixture(scope="module")
def stale() -> Calibration:
    """Forecasts that follow a stale status, wrong for one row in four, where the fact decides what happens."""
    status, fact = np.repeat(["clear", "ongoing"], ROWS // 2), np.resize(["clear", "clear", "clear", "ongoing"], ROWS)
    fact = np.where(status == "clear", fact, np.where(fact == "clear", "ongoing", "clear"))
    odds = np.where(status == "clear", logit(0.3), logit(0.7))
    observed = happened(np.where(fact == "clear", 0.1, 0.9))
    return fit_calibration(odds[np.newaxis], known(observed, status=status, fact=fact))


@pytest.mark.parametrize(("status", "expected"), [("clear", 0.3), ("ongoing", 0.7)])
def test_once_the_fact_is_known_a_stale_status_misleads_no_more(
    stale: Calibration, status: str, expected: float
) -> None:
    result = share(stale, float(logit(expected)), status)
    assert result["probability"] == pytest.approx(expected, abs=0.03)
    assert result["onset_probability"] == pytest.approx(0.1, abs=0.03)
    assert result["ongoing_probability"] == pytest.approx(0.9, abs=0.03)


def test_without_rows_enough_there_is_no_curve_of_a_fact_and_no_probability_by_it() -> None:
    odds, _ = forecasts()
    few = pl.Series(
        ["clear"] * (FEWEST_EVENTS - 1) + ["ongoing"] * FEWEST_EVENTS + ["unknown"] * (ROWS - 2 * FEWEST_EVENTS + 1)
    )
    result = fit_calibration(odds[np.newaxis], known(happened(expit(odds)), fact=few))
    assert result.clear is None and result.ongoing is not None
    assert share(result, 0.0)["onset_probability"] is None
    assert 0 < share(result, 0.0)["ongoing_probability"] < 1


def test_a_score_on_another_scale_is_read_rightly_only_if_nothing_holds_it_back() -> None:
    odds, status = forecasts()
    chance = expit(odds)
    rows, score = known(happened(chance), status=status), (0.1 * odds + 1)[np.newaxis]
    free, held = (
        fit_calibration(score, rows, free=free).forecast_probabilities(score, status)["probability"]
        for free in (True, False)
    )
    assert np.abs(free.to_numpy() - chance).max() < 0.03
    assert np.abs(held.to_numpy() - chance).mean() > 0.05


def test_the_status_of_the_day_helps_no_score_that_is_free() -> None:
    odds, status = forecasts()
    rows = known(happened(expit(odds + 2 * (status == "ongoing").to_numpy())), status=status)
    assert fit_calibration(odds[np.newaxis], rows, free=True).overall.point[2:] == pytest.approx([0, 0], abs=1e-3)
    assert fit_calibration(odds[np.newaxis], rows).overall.point[2] > 1


def test_the_interval_contains_the_point_and_is_wider_where_partners_are_few() -> None:
    odds, status = forecasts()
    observed, widths = happened(expit(odds)), []
    for partners in (200, 12):
        rows = slice(0, partners * 4)
        calibration = fit_calibration(odds[np.newaxis, rows], known(observed[rows], partners, status[rows]))
        assert calibration.overall.sampled.shape == (CALIBRATION_DRAWS, 4)
        result = calibration.forecast_probabilities(odds[np.newaxis], status)
        assert result.select(pl.col("probability").is_between("low", "high").all()).item()
        widths.append(float((result["high"] - result["low"]).mean()))  # type: ignore[arg-type]
    assert 0 < widths[0] < widths[1]


def test_the_interval_is_wider_where_members_disagree() -> None:
    calibration = Calibration(
        (True, True), CalibrationCurve(PRIOR_CENTER, np.array([PRIOR_CENTER] * CALIBRATION_DRAWS)), None, None
    )
    result = calibration.forecast_probabilities(np.array([[0.0, -1.0], [0.0, 1.0]]), pl.Series(["clear", "clear"]))
    assert result["probability"].to_list() == pytest.approx([0.5, 0.5])
    agreed, apart = (result["high"] - result["low"]).to_list()
    assert agreed == pytest.approx(0) and 0.3 < apart < expit(1) - expit(-1)


def test_the_point_counts_as_part_of_the_interval_even_where_all_draws_lie_on_one_side() -> None:
    above = np.array([[2.0, 1.0, 0.0, 0.0]] * CALIBRATION_DRAWS)
    result = share(Calibration((True,), CalibrationCurve(PRIOR_CENTER, above), None, None), 0.0)
    assert result["low"] == result["probability"] == 0.5 < result["high"]


def test_status_moves_a_forecast_of_the_same_log_odds() -> None:
    beta = np.array([0.0, 1.0, 1.0, -1.0])
    result = Calibration((True,), CalibrationCurve(beta, beta[np.newaxis]), None, None).forecast_probabilities(
        np.zeros((1, 3)), pl.Series(["clear", "ongoing", "unknown"])
    )
    assert result["probability"].to_list() == pytest.approx([0.5, expit(1), expit(-1)])


def test_a_draw_lands_near_the_curve_fitted_again_to_the_same_partners() -> None:
    odds, status = forecasts()
    inputs, observed, weights = build_design_matrix(odds, status), happened(expit(odds - 0.5)), np.ones(ROWS)
    partners = np.arange(ROWS) % 200
    point = fit_coefficients(inputs, observed, weights)
    sampled = draw_coefficients(inputs, observed, weights, pl.Series(partners), point, PRIOR_SPREAD)
    again = np.array(
        [
            fit_coefficients(inputs, observed, sample[partners].astype(np.float64))
            for sample in np.random.default_rng(0).multinomial(200, np.full(200, 1 / 200), CALIBRATION_DRAWS)[:20]
        ]
    )
    assert sampled[:20] == pytest.approx(again, abs=0.05)
    assert np.abs(again - point).max() > 0.1


def test_the_same_rows_give_the_same_bytes() -> None:
    odds, status = forecasts()
    members = odds + np.random.default_rng(3).normal(0, 1, (3, ROWS))
    rows = known(happened(expit(odds)), status=status, fact=status)
    once, again = (fit_calibration(members, rows) for _ in range(2))
    for name in ("overall", "clear", "ongoing"):
        first, second = getattr(once, name), getattr(again, name)
        assert first.point.tobytes() == second.point.tobytes() and first.sampled.tobytes() == second.sampled.tobytes()
    assert once.forecast_probabilities(members, status).equals(again.forecast_probabilities(members, status))
