"""Ridge logits: smooth where trees are not, and exactly explainable, one contribution a feature."""

import numpy as np
from scipy.special import ndtri
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from models.training.matrix import Array

# Chosen on origins up to 1999, like the trees' parameters. Newton's method ends at the optimum, whatever the processor.
RIDGE_ON_SCORES, RIDGE_ON_RANKS = 0.001, 0.003
NEWTON_PARAMETERS = {"solver": "newton-cholesky", "tol": 1e-8, "max_iter": 100}
OUTERMOST_RANK = 1e-7


def fit_rank_scale(known: Array) -> QuantileTransformer:
    """The scale that turns each feature's values into ranks from 0 to 1, missing ones left missing."""
    return QuantileTransformer(n_quantiles=200, random_state=0).fit(known)


def compute_normal_scores(ranks: Array) -> Array:
    """Normal scores of ranks from 0 to 1, at most 5.2 from nought."""
    scores: Array = ndtri(np.clip(ranks, OUTERMOST_RANK, 1 - OUTERMOST_RANK))
    return scores


def fit_on_scores(scores: Array, target: Array, weights: Array) -> Pipeline:
    """A ridge logit on normal scores, gaps at the median."""
    return _fit_ridge_logit(scores, target, weights, "passthrough", RIDGE_ON_SCORES)


def fit_on_ranks(ranks: Array, target: Array, weights: Array) -> Pipeline:
    """A ridge logit on ranks in units of their spread, gaps at the median.

    Where many values are nought, as of deaths or coups, normal scores put them far out; ranks do not.
    """
    return _fit_ridge_logit(ranks, target, weights, StandardScaler(), RIDGE_ON_RANKS)


def split_grades(known: Array, target: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Rows, events (booleans) and weights in which each row of a target between 0 and 1 stands twice.

    It counts as an event in part, and for the rest as none. A target within a twentieth of 0 or 1 is taken as that.
    """
    near = np.where(target < 0.05, 0.0, np.where(target > 0.95, 1.0, target))
    both = (near > 0) & (near < 1)
    rows = np.vstack([known, known[both]])
    events = np.concatenate([near > 0, np.zeros(both.sum(), dtype=bool)])
    counts = np.concatenate([np.where(both, near, 1.0) * weights, (1 - near[both]) * weights[both]])
    return rows, events, counts


def compute_linear_contributions(pipeline: Pipeline, inputs: Array) -> tuple[Array, float]:
    """Rows × columns of contributions to the log-odds, and the log-odds of a row at every median that they start from.

    A missing value stands at the median and contributes nothing.
    """
    scaled = pipeline[:-1].transform(inputs)
    weights, start = pipeline["logit"].coef_[0], float(pipeline["logit"].intercept_[0])
    medians = pipeline["fill"].statistics_
    return (scaled - medians) * weights, start + float(np.dot(medians, weights))


def _fit_ridge_logit(inputs: Array, target: Array, weights: Array, scale: object, ridge: float) -> Pipeline:
    before = Pipeline([("scale", scale)]).fit(inputs)
    scaled = before.transform(inputs)
    # The imputer would find the same medians, ten times as slowly.
    fill = SimpleImputer(strategy="median").fit(np.nanmedian(scaled, axis=0, keepdims=True))
    rows, events, counts = split_grades(fill.transform(scaled), target, weights)
    logit = LogisticRegression(C=ridge, **NEWTON_PARAMETERS).fit(rows, events, sample_weight=counts)
    return Pipeline([*before.steps, ("fill", fill), ("logit", logit)])
