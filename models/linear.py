"""The ridge logit: smooth where trees are not, and exactly explainable, one contribution a feature."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer

from models.matrix import Array, matrix

# Chosen on origins up to 1999, like the booster's parameters.
RIDGE = 0.003


def fit_linear(rows: pl.DataFrame, columns: Sequence[str]) -> Pipeline:
    """Normal scores of each feature's ranks, gaps at the median and flagged, then a ridge logit on `observed`."""
    steps = [*normal_scores(), ("logit", LogisticRegression(C=RIDGE, max_iter=500))]
    return Pipeline(steps).fit(matrix(rows, columns), rows["observed"].to_numpy())


def normal_scores() -> list[tuple[str, BaseEstimator]]:
    """Unfitted steps: normal scores of each feature's ranks, then gaps at the median and flagged."""
    return [
        ("scores", QuantileTransformer(n_quantiles=200, output_distribution="normal", random_state=0)),
        ("fill", SimpleImputer(strategy="median", add_indicator=True)),
    ]


def linear_log_odds(pipeline: Pipeline, rows: pl.DataFrame, columns: Sequence[str]) -> Array:
    """Log-odds, one a row."""
    odds: Array = pipeline.decision_function(matrix(rows, columns))
    return odds


def linear_contributions(pipeline: Pipeline, rows: pl.DataFrame, columns: Sequence[str]) -> tuple[Array, float]:
    """Rows × columns of contributions to the log-odds, and the log-odds of a row at every median that they start from.

    A feature's part holds its score and, where it is missing, the weight of its being missing.
    """
    inputs = pipeline[:-1].transform(matrix(rows, columns))
    weights, start = pipeline["logit"].coef_[0], float(pipeline["logit"].intercept_[0])
    medians = pipeline["fill"].statistics_
    count = len(columns)
    parts = (inputs[:, :count] - medians) * weights[:count]
    flagged = pipeline["fill"].indicator_.features_
    parts[:, flagged] += inputs[:, count:] * weights[count:]
    return parts, start + float(np.dot(medians, weights[:count]))
