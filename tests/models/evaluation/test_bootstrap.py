"""Weighted metrics against scikit-learn's, on invented forecasts."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from models.evaluation.bootstrap import (
    assign_equal_bins,
    compute_bounded_logit,
    compute_interval,
    draw_partner_counts,
    fit_calibration_line,
    measure_ranking,
    sum_by_draw,
)
from models.training.matrix import Array

ROWS, PARTNERS, COLUMNS = 600, 40, 12


def forecasts(digits: int) -> tuple[Array, Array, Array]:
    """Log-odds rounded so that they tie, the outcome, and the partner of each row."""
    generator = np.random.default_rng(4)
    odds = generator.normal(-1.5, 1.5, ROWS).round(digits)
    observed = (generator.random(ROWS) < expit(0.3 + 0.8 * odds)).astype(np.float64)
    return odds, observed, generator.integers(0, PARTNERS, ROWS)


@pytest.mark.parametrize("digits", [0, 1, 12])
def test_ranking_is_scikit_learns_in_every_draw(digits: int) -> None:
    odds, observed, partner = forecasts(digits)
    counts = draw_partner_counts(PARTNERS, COLUMNS)
    auc, precision = measure_ranking(odds, observed, partner, counts)
    for column, weights in enumerate(counts[partner].T):
        assert auc[column] == pytest.approx(roc_auc_score(observed, odds, sample_weight=weights), abs=1e-12)
        expected = average_precision_score(observed, odds, sample_weight=weights)
        assert precision[column] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("digits", [0, 12])
def test_the_calibration_line_is_an_unpenalised_logit_in_every_draw(digits: int) -> None:
    odds, observed, partner = forecasts(digits)
    counts = draw_partner_counts(PARTNERS, COLUMNS)
    intercept, slope = fit_calibration_line(odds, observed, partner, counts)
    for column, weights in enumerate(counts[partner].T):
        fitted = LogisticRegression(C=np.inf, tol=1e-8).fit(odds[:, None], observed, sample_weight=weights)
        assert slope[column] == pytest.approx(fitted.coef_.item(), abs=1e-4)
        assert intercept[column] == pytest.approx(fitted.intercept_.item(), abs=1e-4)


@pytest.mark.parametrize("odds", [np.zeros(6), np.arange(6.0)])
def test_forecasts_that_are_all_the_same_or_never_wrong_have_no_line(odds: Array) -> None:
    observed = np.array([0.0, 0, 0, 1, 1, 1])
    intercept, slope = fit_calibration_line(odds, observed, np.arange(6), draw_partner_counts(6, 3))
    assert np.isnan(intercept).all() and np.isnan(slope).all()


def test_one_class_alone_has_neither_ranking_nor_line() -> None:
    for observed in (np.zeros(4), np.ones(4), np.zeros(0)):
        odds, partner = np.arange(float(len(observed))), np.arange(len(observed))
        result = (*measure_ranking(odds, observed, partner, draw_partner_counts(4, 2)),)
        result += fit_calibration_line(odds, observed, partner, draw_partner_counts(4, 2))
        assert all(np.isnan(values).all() and len(values) == 3 for values in result)


def test_the_first_column_is_the_sample_and_every_draw_is_as_large() -> None:
    counts = draw_partner_counts(5, 30)
    assert counts.shape == (5, 31) and (counts[:, 0] == 1).all() and (counts.sum(axis=0) == 5).all()
    assert np.array_equal(counts, draw_partner_counts(5, 30))


def test_sums_count_a_partners_rows_as_often_as_it_was_drawn() -> None:
    result = sum_by_draw(
        np.array([[1.0], [10.0], [100.0]]), np.array([0, 1, 1]), np.array([[1.0, 2.0, 0.0], [1.0, 0.0, 2.0]])
    )
    assert result[:, 0].tolist() == [111, 2, 220]


def test_bins_hold_equal_counts_and_ties_stay_together() -> None:
    assert assign_equal_bins(np.arange(8.0)[::-1], 4).tolist() == [3, 3, 2, 2, 1, 1, 0, 0]
    assert assign_equal_bins(np.array([0.1, 0.1, 0.1, 0.9]), 2).tolist() == [0, 0, 0, 1]


def test_an_interval_leaves_out_draws_without_a_figure() -> None:
    assert compute_interval(np.array([np.nan, 2.0, 2.0])) == (2, 2)
    assert np.isnan(compute_interval(np.array([np.nan]))).all()


def test_certainty_is_bounded_before_it_becomes_log_odds() -> None:
    assert compute_bounded_logit(np.array([0.0, 0.5, 1.0])) == pytest.approx([logit(1e-6), 0, -logit(1e-6)])
