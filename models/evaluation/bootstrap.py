"""Forecast metrics for all draws of a bootstrap over partners at once.

`partner` is each row's index in `counts`, which is partners × columns: how often each column, a draw, contains each
partner. All rows of a partner are drawn together, and forecasts that share `counts` are compared on the same draws.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import logit

from features.bad_input import BadInput
from models.training.matrix import Array

BOOTSTRAP_DRAWS = 200
BOOTSTRAP_SEED = 0
LEAST_PROBABILITY = 1e-6
BIN_COUNT = 10
NEWTON_STEPS, STEPS_OF_A_DRAW = 25, 8
# Single precision gives the lines of the draws about a hundred times closer than this.
NEWTON_TOLERANCE = 1e-3

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.floating]


def draw_partner_counts(partners: int, draws: int = BOOTSTRAP_DRAWS) -> Array:
    """Partners × (1 + draws): the sample itself, each partner once, then how often each draw contains each partner.

    Raises BadInput without a partner.
    """
    if not partners:
        raise BadInput("no forecast has a known outcome")
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = generator.multinomial(partners, np.full(partners, 1 / partners), draws)
    return np.ascontiguousarray(np.vstack([np.ones(partners), drawn]).T)


def compute_interval(drawn: Array) -> tuple[float, float]:
    """The 2.5th and 97.5th percentiles of the draws in which a metric exists, NaN if it never does."""
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def sum_by_draw(columns: Array, partner: IntArray, counts: Array) -> Array:
    """Draws × columns: each of rows × columns summed over the rows of every draw."""
    by_partner = np.column_stack([np.bincount(partner, column, len(counts)) for column in columns.T])
    total: Array = np.einsum("pd,pc->dc", counts, by_partner)
    return total


def compute_bounded_logit(probability: Array) -> Array:
    """Log-odds of probabilities clipped to a millionth from 0 and 1."""
    odds: Array = logit(np.clip(probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
    return odds


def assign_equal_bins(forecast: Array, bins: int = BIN_COUNT) -> IntArray:
    """The equal-count bin (0 to bins - 1) of each forecast; ties share a bin."""
    below = np.searchsorted(np.sort(forecast), forecast, side="left")
    return below * bins // max(len(forecast), 1)


def measure_ranking(forecast: Array, observed: Array, partner: IntArray, counts: Array) -> tuple[Array, Array]:
    """Area under the ROC curve and average precision of each draw, ties counted as scikit-learn counts them.

    A draw with one class only gives NaN.
    """
    order = np.argsort(-forecast, kind="stable")
    partner, event = partner[order], observed[order] > 0
    starts = np.flatnonzero(np.diff(forecast[order], prepend=np.nan) != 0)
    ends = np.append(starts[1:], len(order))
    # Rows without an event matter only by their counts before and up to each tie of events.
    tie = np.searchsorted(starts, np.flatnonzero(event), side="right") - 1
    first = np.flatnonzero(np.diff(tie, prepend=-1))
    starts, ends = starts[tie[first]], ends[tie[first]]
    new_events = _sum_between_cuts(partner[event], np.append(first, len(tie)), counts)
    cuts = np.unique(np.concatenate([[0], starts, ends, [len(order)]]))
    rows = np.vstack([np.zeros(counts.shape[1]), np.cumsum(_sum_between_cuts(partner, cuts, counts), axis=0)])
    events, all_events = np.cumsum(new_events, axis=0), new_events.sum(axis=0)
    others, until = rows[-1] - all_events, rows[np.searchsorted(cuts, ends)]
    above = (rows[np.searchsorted(cuts, starts)] + until + new_events) / 2 - events
    ordered = np.sum(new_events * (others - above), axis=0)
    precise = np.sum(new_events * events / np.maximum(until, LEAST_PROBABILITY), axis=0)
    both = (all_events > 0) & (others > 0)
    return divide_where_valid(ordered, all_events * others, both), divide_where_valid(precise, all_events, both)


def fit_calibration_line(log_odds: Array, observed: Array, partner: IntArray, counts: Array) -> tuple[Array, Array]:
    """Intercept and slope of an unpenalized logistic regression of `observed` on `log_odds` in each draw.

    The first column is fitted from the base rate, the others from its solution. NaN where the fit has not converged,
    as with forecasts that are all the same or that separate the classes without error.
    """
    if not len(observed) or not 0 < observed.mean() < 1:
        return (empty := np.full(counts.shape[1], np.nan)), empty
    center, base = log_odds.mean(), observed.mean()
    deviation, start = log_odds - center, np.array([[logit(base)], [0.0]])
    first = _run_newton_steps(deviation, observed, counts[:, :1][partner], start, NEWTON_STEPS)
    drawn = counts[:, 1:].astype(np.float32)[partner]
    others = _run_newton_steps(deviation.astype(np.float32), observed.astype(np.float32), drawn, first, STEPS_OF_A_DRAW)
    intercept, slope = np.concatenate([first, others], axis=1)
    return intercept - slope * center, slope


def divide_where_valid(numerator: Array, denominator: Array, valid: NDArray[np.bool_]) -> Array:
    """The quotient where `valid`, NaN elsewhere."""
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=valid)


def _run_newton_steps(inputs: FloatArray, observed: FloatArray, weights: FloatArray, start: Array, steps: int) -> Array:
    """2 × draws: intercepts and slopes after at most `steps` Newton steps from `start`; weights are rows × draws."""
    line = np.repeat(start, weights.shape[1], axis=1)
    step = np.full_like(line, np.inf)
    powers = np.vstack([np.ones_like(inputs), inputs, inputs**2])
    with np.errstate(all="ignore"):
        for _ in range(steps):
            half = (line / 2).astype(inputs.dtype)
            fitted = (np.tanh(half[0] + inputs[:, None] * half[1]) + 1) / 2
            missed = _total_by_draw(powers[:2], weights * (observed[:, None] - fitted))
            flat, tilt, curve = _total_by_draw(powers, weights * fitted * (1 - fitted))
            area = flat * curve - tilt**2
            area[area <= LEAST_PROBABILITY * flat * curve] = np.nan
            step = np.array([curve * missed[0] - tilt * missed[1], flat * missed[1] - tilt * missed[0]]) / area
            line = line + step
            if not np.any(np.abs(step) > NEWTON_TOLERANCE / 10):
                break
    return np.where((np.abs(step) < NEWTON_TOLERANCE).all(axis=0), line, np.nan)


def _total_by_draw(powers: FloatArray, parts: FloatArray) -> Array:
    """Powers × draws; not by a matrix product, whose threads wait for each other on a shared processor."""
    return np.asarray(np.einsum("kr,rd->kd", powers, parts), np.float64)


def _sum_between_cuts(partner: IntArray, cuts: IntArray, counts: Array) -> Array:
    """Rows summed between each cut and the next: (cuts - 1) × draws."""
    ones = np.ones(len(partner))
    sums: Array = csr_array((ones, partner, cuts), shape=(len(cuts) - 1, len(counts))) @ counts
    return sums
