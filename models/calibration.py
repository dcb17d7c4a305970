"""Probabilities and their intervals from log-odds, fitted on origins the model was not trained on."""

from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import expit

from models.matrix import Array

DRAWS = 100
# Prior standard deviations: the intercept is free, the slope stays near one and the shifts near nought unless
# the data say otherwise, so that rare outcomes do not bend the curve.
CENTRE = np.array([0.0, 1.0, 0.0, 0.0])
SPREAD = np.array([10.0, 0.5, 1.0, 1.0])


class Interval(NamedTuple):
    """Point probabilities with the 5th and 95th percentiles of their draws, one a row."""

    probability: Array
    low: Array
    high: Array


def design(log_odds: Array, status: pl.Series) -> Array:
    """Rows × (1, log-odds, status ongoing, status unknown)."""
    return np.column_stack(
        [np.ones_like(log_odds), log_odds, (status == "ongoing").to_numpy(), (status == "unknown").to_numpy()]
    ).astype(np.float64)


def fit(inputs: Array, observed: Array, weights: Array | None = None) -> Array:
    """Coefficients of a logistic calibration with a normal prior around the identity; weights count the rows."""
    counts = np.ones_like(observed) if weights is None else weights

    def loss(beta: Array) -> tuple[float, Array]:
        fitted = inputs @ beta
        away = (beta - CENTRE) / SPREAD**2
        value = counts @ (np.logaddexp(0, fitted) - observed * fitted) + 0.5 * away @ (beta - CENTRE)
        return float(value), inputs.T @ (counts * (expit(fitted) - observed)) + away

    return np.asarray(minimize(loss, CENTRE, jac=True, method="BFGS").x)


def draws(inputs: Array, observed: Array, partners: pl.Series, seed: int = 0) -> Array:
    """Calibrations refitted on bootstrap samples of whole partners: draws × coefficients."""
    codes = partners.rank("dense").to_numpy().astype(int) - 1
    generator = np.random.default_rng(seed)
    size = codes.max() + 1
    samples = generator.multinomial(size, np.full(size, 1 / size), DRAWS)
    return np.array([fit(inputs, observed, sample[codes].astype(np.float64)) for sample in samples])


def calibrated(members: Array, status: pl.Series, point: Array, sampled: Array) -> Interval:
    """Probabilities and 90% intervals; `members` is seeds × rows of log-odds, draw i going with seed i modulo seeds."""
    probability = expit(design(members.mean(axis=0), status) @ point)
    drawn = np.array([expit(design(members[i % len(members)], status) @ beta) for i, beta in enumerate(sampled)])
    low, high = np.percentile(drawn, [5, 95], axis=0)
    return Interval(probability, np.minimum(low, probability), np.maximum(high, probability))
