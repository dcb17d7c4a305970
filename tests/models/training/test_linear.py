"""Ridge logits on invented numbers: grades split in two, and contributions that add up."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from models.training.linear import (
    RIDGE_ON_RANKS,
    compute_linear_contributions,
    compute_normal_scores,
    fit_on_ranks,
    fit_on_scores,
    fit_rank_scale,
    split_grades,
)
from models.training.matrix import Array

Fit = Callable[[Array, Array, Array], Pipeline]
FITS = pytest.mark.parametrize("fit", [fit_on_scores, fit_on_ranks])


def invented(rows: int = 300) -> tuple[Array, Array, Array]:
    """Ranks of three features, one value in ten missing, grades that the first raises, and weights."""
    random = np.random.default_rng(4)
    ranks = random.random((rows, 3))
    grade = np.clip(ranks[:, 0] + random.normal(0, 0.2, rows), 0, 1)
    ranks[random.random(ranks.shape) < 0.1] = np.nan
    return ranks, grade, random.uniform(0.5, 1.5, rows)


def test_a_grade_between_zero_and_one_is_partly_an_event_and_partly_a_non_event() -> None:
    known = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
    target = np.array([0.0, 0.04, 0.5, 0.2, 0.97, 1.0])
    rows, events, counts = split_grades(known, target, np.array([1.0, 2.0, 3.0, 10.0, 4.0, 5.0]))
    assert rows[:, 0].tolist() == [1, 2, 3, 4, 5, 6, 3, 4]
    assert events.tolist() == [False, False, True, True, True, True, False, False]
    assert counts == pytest.approx([1, 2, 1.5, 2, 4, 5, 1.5, 8])


def test_splitting_keeps_every_weight() -> None:
    ranks, grade, weights = invented()
    rows, events, counts = split_grades(ranks, grade, weights)
    assert len(rows) == len(events) == len(counts) > len(ranks)
    assert counts.sum() == pytest.approx(weights.sum()) and (counts > 0).all()


@FITS
def test_contributions_add_up_to_the_log_odds_where_values_are_missing_too(fit: Fit) -> None:
    ranks, grade, weights = invented()
    pipeline = fit(ranks, grade, weights)
    parts, start = compute_linear_contributions(pipeline, ranks)
    assert np.isnan(ranks).any(axis=1).sum() > 50
    assert parts.shape == ranks.shape
    assert parts.sum(axis=1) + start == pytest.approx(pipeline.decision_function(ranks), abs=1e-12)


@FITS
def test_a_missing_value_contributes_nothing_and_neither_does_the_median(fit: Fit) -> None:
    ranks, grade, weights = invented()
    pipeline = fit(ranks, grade, weights)
    parts, _ = compute_linear_contributions(pipeline, ranks)
    assert (parts[np.isnan(ranks)] == 0).all() and (np.abs(parts[~np.isnan(ranks)]) > 0).mean() > 0.9
    medians = np.nanmedian(ranks, axis=0)[np.newaxis]
    assert compute_linear_contributions(pipeline, medians)[0] == pytest.approx(np.zeros((1, 3)), abs=1e-12)


@FITS
def test_a_row_of_which_nothing_is_known_stands_where_contributions_start(fit: Fit) -> None:
    ranks, grade, weights = invented()
    pipeline = fit(ranks, grade, weights)
    blank = np.full((1, 3), np.nan)
    assert pipeline.decision_function(blank)[0] == pytest.approx(compute_linear_contributions(pipeline, blank)[1])


@FITS
def test_the_feature_that_raises_the_grade_raises_the_log_odds_most(fit: Fit) -> None:
    first, *others = fit(*invented())["logit"].coef_[0]
    assert first > 3 * np.abs(others).max()


def test_on_events_the_logit_on_ranks_is_scikit_learns_own_with_the_same_ridge() -> None:
    ranks, grade, weights = invented()
    event = np.round(grade)
    filled = np.where(np.isnan(ranks), np.nanmedian(ranks, axis=0), ranks)
    spread = (filled - np.nanmean(ranks, axis=0)) / np.nanstd(ranks, axis=0)
    expected = LogisticRegression(C=RIDGE_ON_RANKS, tol=1e-10, max_iter=1000).fit(spread, event, sample_weight=weights)
    result = fit_on_ranks(ranks, event, weights)
    assert result.decision_function(ranks) == pytest.approx(expected.decision_function(spread), abs=1e-5)


def test_ranks_run_from_zero_to_one_and_what_is_missing_stays_missing() -> None:
    known = np.append(np.arange(-100.0, 101) ** 3, np.nan)[:, np.newaxis]
    ranks = fit_rank_scale(known).transform(known)[:, 0]
    assert ranks[:-1] == pytest.approx(np.linspace(0, 1, 201), abs=0.005) and np.isnan(ranks[-1])
    assert fit_rank_scale(known).transform(np.array([[-1e9], [1e9]]))[:, 0].tolist() == [0, 1]


def test_normal_scores_are_zero_in_the_middle_even_on_both_sides_and_never_infinite() -> None:
    low, quarter, middle, three_quarters, high, unknown = compute_normal_scores(
        np.array([0, 0.25, 0.5, 0.75, 1, np.nan])
    )
    assert (middle, quarter) == pytest.approx((0, -0.67449), abs=1e-5)
    assert (low, quarter) == pytest.approx((-high, -three_quarters))
    assert 5.1 < high < 5.2001 and np.isnan(unknown)
