"""A fitted model as plain arrays: forecasts and reasons bit for bit those of the scikit-learn objects it was read from.

Importing scikit-learn takes longer than scoring every partner; the arrays need none of it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from models.inference.tree_shap import Trees, tree_contributions, walkable
from models.training.calibration import Calibration
from models.training.matrix import Array, matrix

if TYPE_CHECKING:
    from models.training.estimator import Ensemble
    from models.training.train import Model

AnyModel: TypeAlias = "Model | PlainModel"
# As models.training has them in linear and estimator, which import scikit-learn; a test holds the two together.
OUTERMOST, DECIMALS = 1e-7, 2
SCALE, FILL = "scale", "fill"


class Grown(NamedTuple):
    """Trees with the slope and the intercept that turn what they say into log-odds."""

    trees: Trees
    slope: float = 1.0
    intercept: float = 0.0

    def log_odds(self, rows: Array) -> Array:
        """Log-odds, one a row."""
        # The trees' own sum is left as it is where it is log-odds already.
        said = _summed(self.trees, rows)
        return said if (self.slope, self.intercept) == (1.0, 0.0) else self.slope * said + self.intercept


class Ridge(NamedTuple):
    """A ridge logit: mean and spread of each column (none where it reads them as they are), the medians that fill
    gaps, weights and start."""

    mean: Array
    spread: Array
    medians: Array
    weights: Array
    start: float

    def filled(self, inputs: Array) -> Array:
        """Rows × columns in units of their spread, gaps at the median."""
        scaled = np.array(inputs)
        if len(self.mean):
            scaled -= self.mean
            scaled /= self.spread
        gaps = np.isnan(scaled)
        scaled[gaps] = np.broadcast_to(self.medians, scaled.shape)[gaps]
        return scaled

    def log_odds(self, inputs: Array) -> Array:
        """Log-odds, one a row."""
        odds: Array = (self.filled(inputs) @ self.weights[np.newaxis].T)[:, 0] + self.start
        return odds

    def contributions(self, inputs: Array) -> tuple[Array, float]:
        """What models.training.linear.linear_contributions gives."""
        start = self.start + float(np.dot(self.medians, self.weights))
        return (self.filled(inputs) - self.medians) * self.weights, start


@dataclass(frozen=True)
class PlainEnsemble:
    """What models.training.estimator.Ensemble holds, as arrays: quantiles × columns and their ranks, the trees'
    columns, trees on the event and, where there are any, on its grade, and the two ridge logits."""

    quantiles: Array
    references: Array
    tree_places: NDArray[np.int64]
    grown: tuple[Grown, ...]
    on_scores: Ridge
    on_ranks: Ridge
    columns: list[str]

    @property
    def members(self) -> tuple[str, ...]:
        """The members' names, in the order of `log_odds`."""
        return (*("trees", "graded trees")[: len(self.grown)], "ridge on scores", "ridge on ranks")

    def ranked(self, rows: pl.DataFrame) -> Array:
        """Rows × columns of ranks from 0 to 1, missing as NaN."""
        ranks = np.array(matrix(rows, self.columns))
        for place, quantiles in enumerate(self.quantiles.T):
            ranks[:, place] = _ranks(ranks[:, place], quantiles, self.references)
        return ranks

    def log_odds(self, rows: pl.DataFrame) -> Array:
        """Members × rows of log-odds, before calibration."""
        ranks = self.ranked(rows)
        steps = np.round(ranks[:, self.tree_places], DECIMALS)
        smooth = [self.on_scores.log_odds(_normal_scores(ranks)), self.on_ranks.log_odds(ranks)]
        return np.array([*(grown.log_odds(steps) for grown in self.grown), *smooth])

    def contributions(self, rows: pl.DataFrame) -> list[tuple[Array, float]]:
        """Each member's contributions (rows × columns) and the log-odds they start from."""
        ranks = self.ranked(rows)
        steps = np.round(ranks[:, self.tree_places], DECIMALS)
        told = []
        for trees, slope, intercept in self.grown:
            shares, start = tree_contributions(trees, steps)
            parts = np.zeros_like(ranks)
            parts[:, self.tree_places] = slope * shares
            told.append((parts, slope * start + intercept))
        return [*told, self.on_scores.contributions(_normal_scores(ranks)), self.on_ranks.contributions(ranks)]


@dataclass(frozen=True)
class PlainModel:
    """What models.training.train.Model holds, its ensemble as arrays."""

    outcome: str
    ensemble: PlainEnsemble
    calibration: Calibration
    base_rate: float
    trained_to: int
    name: str


def plain_ensemble(fitted: "Ensemble") -> PlainEnsemble | None:
    """The arrays of a fitted ensemble; none where they could not say the same: large trees, or a column never known."""
    graded = fitted.graded
    boosters = [fitted.booster, *([graded.regressor] if graded else [])]
    on_scores, on_ranks = _ridge(fitted.on_scores), _ridge(fitted.on_ranks)
    if not all(map(walkable, boosters)) or np.isnan([on_scores.medians, on_ranks.medians]).any():
        return None
    grown = [Grown(Trees.of(fitted.booster))]
    if graded:
        grown.append(Grown(Trees.of(graded.regressor), graded.slope, graded.intercept))
    places = np.array(fitted.tree_places, np.int64)
    scale = fitted.scale
    return PlainEnsemble(scale.quantiles_, scale.references_, places, tuple(grown), on_scores, on_ranks, fitted.columns)


def _ridge(pipeline: object) -> Ridge:
    steps = dict(pipeline.steps)  # type: ignore[attr-defined]
    logit, scale = steps["logit"], steps[SCALE]
    mean, spread = (np.zeros(0), np.zeros(0)) if scale == "passthrough" else (scale.mean_, scale.scale_)
    return Ridge(mean, spread, steps[FILL].statistics_, logit.coef_[0], float(logit.intercept_[0]))


def _ranks(values: Array, quantiles: Array, references: Array) -> Array:
    """One column's ranks, the mean of both directions, so that equal quantiles share their middle rank."""
    upward = np.interp(values, quantiles, references)
    downward = np.interp(-values, -quantiles[::-1], -references[::-1])
    ranks = 0.5 * (upward - downward)
    ranks[values == quantiles[-1]] = 1
    ranks[values == quantiles[0]] = 0
    return ranks


def _normal_scores(ranks: Array) -> Array:
    scores: Array = ndtri(np.clip(ranks, OUTERMOST, 1 - OUTERMOST))
    return scores


def _summed(trees: Trees, rows: Array) -> Array:
    """The trees' raw prediction, one a row, added tree by tree as scikit-learn does."""
    starts = np.cumsum([0, *map(len, trees.nodes[:-1])])
    nodes = np.concatenate(trees.nodes)
    offsets, own = np.repeat(starts, [len(tree) for tree in trees.nodes]), np.arange(len(nodes))
    leaf = nodes["is_leaf"].astype(bool)
    # A leaf leads to itself, so that all trees can be walked as far as the deepest goes.
    left, right = (np.where(leaf, own, nodes[side] + offsets) for side in ("left", "right"))
    column, threshold = nodes["feature_idx"].astype(np.int64), np.ascontiguousarray(nodes["num_threshold"])
    missing_left, at = nodes["missing_go_to_left"].astype(bool), np.arange(len(rows))[:, np.newaxis]
    place = np.broadcast_to(starts, (len(rows), len(starts)))
    for _ in range(int(nodes["depth"].max(initial=0))):
        known = rows[at, column[place]]
        goes_left = (known <= threshold[place]) | (np.isnan(known) & missing_left[place])
        place = np.where(goes_left, left[place], right[place])
    total = np.full(len(rows), trees.baseline)
    for values in np.ascontiguousarray(nodes["value"])[place].T:
        total += values
    return total
