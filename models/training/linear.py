"""Ridge logits: smooth where trees are not, and exactly explainable by one contribution per feature."""

import numpy as np
from scipy.special import ndtri
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from models.training.matrix import Array

# Chosen on origins up to 1999, like the trees' parameters. Newton's method reaches the same optimum on any processor.
RIDGE_ON_SCORES, RIDGE_ON_RANKS = 0.001, 0.003
NEWTON_PARAMETERS = {"solver": "newton-cholesky", "tol": 1e-8, "max_iter": 100}
OUTERMOST_RANK = 1e-7


def fit_rank_scale(known: Array) -> QuantileTransformer:
    """The transformer of each feature's values to ranks from 0 to 1; missing values stay missing."""
    return QuantileTransformer(n_quantiles=200, random_state=0).fit(known)


def compute_normal_scores(ranks: Array) -> Array:
    """Normal scores of ranks from 0 to 1, at most 5.2 from zero."""
    scores: Array = ndtri(np.clip(ranks, OUTERMOST_RANK, 1 - OUTERMOST_RANK))
    return scores


def fit_on_scores(scores: Array, target: Array, weights: Array) -> Pipeline:
    """A ridge logit on normal scores, missing values set to the median."""
    return _fit_ridge_logit(scores, target, weights, "passthrough", RIDGE_ON_SCORES)


def fit_on_ranks(ranks: Array, target: Array, weights: Array) -> Pipeline:
    """A ridge logit on standardized ranks, missing values set to the median.

    Where many values are zero, as with deaths or coups, normal scores make them extreme; ranks do not.
    """
    return _fit_ridge_logit(ranks, target, weights, StandardScaler(), RIDGE_ON_RANKS)


def split_grades(known: Array, target: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Rows, events (booleans) and weights, in which each row with a target between 0 and 1 appears twice.

    It counts partly as an event and partly as a non-event. A target within 0.05 of 0 or 1 is taken as 0 or 1.
    """
    snapped = np.where(target < 0.05, 0.0, np.where(target > 0.95, 1.0, target))
    is_partial = (snapped > 0) & (snapped < 1)
    rows = np.vstack([known, known[is_partial]])
    events = np.concatenate([snapped > 0, np.zeros(is_partial.sum(), dtype=bool)])
    counts = np.concatenate(
        [np.where(is_partial, snapped, 1.0) * weights, (1 - snapped[is_partial]) * weights[is_partial]]
    )
    return rows, events, counts


def compute_linear_contributions(pipeline: Pipeline, inputs: Array) -> tuple[Array, float]:
    """Rows × columns of contributions to the log-odds, and their start: the log-odds of a row at every median.

    A missing value is set to the median and contributes nothing.
    """
    scaled = pipeline[:-1].transform(inputs)
    weights, start = pipeline["logit"].coef_[0], float(pipeline["logit"].intercept_[0])
    medians = pipeline["fill"].statistics_
    return (scaled - medians) * weights, start + float(np.dot(medians, weights))


def _fit_ridge_logit(inputs: Array, target: Array, weights: Array, scale: object, ridge: float) -> Pipeline:
    scaler = Pipeline([("scale", scale)]).fit(inputs)
    scaled = scaler.transform(inputs)
    # The imputer alone would find the same medians, ten times as slowly.
    fill = SimpleImputer(strategy="median").fit(np.nanmedian(scaled, axis=0, keepdims=True))
    rows, events, counts = split_grades(fill.transform(scaled), target, weights)
    logit = LogisticRegression(C=ridge, **NEWTON_PARAMETERS).fit(rows, events, sample_weight=counts)
    return Pipeline([*scaler.steps, ("fill", fill), ("logit", logit)])
