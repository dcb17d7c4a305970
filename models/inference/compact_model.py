"""A fitted model as plain arrays: forecasts and reasons bit for bit those of the scikit-learn objects it was read from.

Importing scikit-learn takes longer than scoring every partner; the arrays need none of it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from models.inference.tree_shap import BoostedTrees, compute_tree_contributions, has_exact_walk
from models.training.calibration import Calibration
from models.training.matrix import Array, build_matrix

if TYPE_CHECKING:
    from models.training.estimator import Ensemble
    from models.training.train import Model

AnyModel: TypeAlias = "Model | CompactModel"
# As models.training has them in linear and estimator, which import scikit-learn; a test holds the two together.
OUTERMOST_RANK, RANK_DECIMALS = 1e-7, 2
SCALE_STEP, FILL_STEP = "scale", "fill"


class TreeMember(NamedTuple):
    """Trees with the slope and the intercept that turn what they say into log-odds."""

    trees: BoostedTrees
    slope: float = 1.0
    intercept: float = 0.0

    def compute_log_odds(self, rows: Array) -> Array:
        """Log-odds, one a row."""
        # The trees' own sum is left as it is where it is log-odds already.
        said = _sum_tree_values(self.trees, rows)
        return said if (self.slope, self.intercept) == (1.0, 0.0) else self.slope * said + self.intercept


class RidgeMember(NamedTuple):
    """A ridge logit: mean and spread of each column (none where it reads them as they are), the medians that fill
    gaps, weights and start."""

    mean: Array
    spread: Array
    medians: Array
    weights: Array
    start: float

    def fill_gaps(self, inputs: Array) -> Array:
        """Rows × columns in units of their spread, gaps at the median."""
        scaled = np.array(inputs)
        if len(self.mean):
            scaled -= self.mean
            scaled /= self.spread
        gaps = np.isnan(scaled)
        scaled[gaps] = np.broadcast_to(self.medians, scaled.shape)[gaps]
        return scaled

    def compute_log_odds(self, inputs: Array) -> Array:
        """Log-odds, one a row."""
        odds: Array = (self.fill_gaps(inputs) @ self.weights[np.newaxis].T)[:, 0] + self.start
        return odds

    def compute_contributions(self, inputs: Array) -> tuple[Array, float]:
        """What models.training.linear.linear_contributions gives."""
        start = self.start + float(np.dot(self.medians, self.weights))
        return (self.fill_gaps(inputs) - self.medians) * self.weights, start


@dataclass(frozen=True)
class CompactEnsemble:
    """What models.training.estimator.Ensemble holds, as arrays: quantiles × columns and their ranks, the trees'
    columns, trees on the event and, where there are any, on its grade, and the two ridge logits."""

    quantiles: Array
    references: Array
    tree_places: NDArray[np.int64]
    tree_members: tuple[TreeMember, ...]
    on_scores: RidgeMember
    on_ranks: RidgeMember
    columns: list[str]

    @property
    def member_names(self) -> tuple[str, ...]:
        """The members' names, in the order of `log_odds`."""
        return (*("trees", "graded trees")[: len(self.tree_members)], "ridge on scores", "ridge on ranks")

    def compute_ranks(self, rows: pl.DataFrame) -> Array:
        """Rows × columns of ranks from 0 to 1, missing as NaN."""
        ranks = np.array(build_matrix(rows, self.columns))
        for place, quantiles in enumerate(self.quantiles.T):
            ranks[:, place] = _rank_column_values(ranks[:, place], quantiles, self.references)
        return ranks

    def compute_log_odds(self, rows: pl.DataFrame) -> Array:
        """Members × rows of log-odds, before calibration."""
        ranks = self.compute_ranks(rows)
        steps = np.round(ranks[:, self.tree_places], RANK_DECIMALS)
        smooth = [self.on_scores.compute_log_odds(_compute_normal_scores(ranks)), self.on_ranks.compute_log_odds(ranks)]
        return np.array([*(grown.compute_log_odds(steps) for grown in self.tree_members), *smooth])

    def compute_contributions(self, rows: pl.DataFrame) -> list[tuple[Array, float]]:
        """Each member's contributions (rows × columns) and the log-odds they start from."""
        ranks = self.compute_ranks(rows)
        steps = np.round(ranks[:, self.tree_places], RANK_DECIMALS)
        told = []
        for trees, slope, intercept in self.tree_members:
            shares, start = compute_tree_contributions(trees, steps)
            parts = np.zeros_like(ranks)
            parts[:, self.tree_places] = slope * shares
            told.append((parts, slope * start + intercept))
        return [
            *told,
            self.on_scores.compute_contributions(_compute_normal_scores(ranks)),
            self.on_ranks.compute_contributions(ranks),
        ]


@dataclass(frozen=True)
class CompactModel:
    """What models.training.train.Model holds, its ensemble as arrays."""

    outcome: str
    ensemble: CompactEnsemble
    calibration: Calibration
    base_rate: float
    trained_to: int
    name: str


def build_compact_ensemble(fitted: "Ensemble") -> CompactEnsemble | None:
    """The arrays of a fitted ensemble; none where they could not say the same: large trees, or a column never known."""
    graded = fitted.graded
    boosters = [fitted.booster, *([graded.regressor] if graded else [])]
    on_scores, on_ranks = _build_ridge_member(fitted.on_scores), _build_ridge_member(fitted.on_ranks)
    if not all(map(has_exact_walk, boosters)) or np.isnan([on_scores.medians, on_ranks.medians]).any():
        return None
    grown = [TreeMember(BoostedTrees.from_booster(fitted.booster))]
    if graded:
        grown.append(TreeMember(BoostedTrees.from_booster(graded.regressor), graded.slope, graded.intercept))
    places = np.array(fitted.tree_places, np.int64)
    scale = fitted.scale
    return CompactEnsemble(
        scale.quantiles_, scale.references_, places, tuple(grown), on_scores, on_ranks, fitted.columns
    )


def _build_ridge_member(pipeline: object) -> RidgeMember:
    steps = dict(pipeline.steps)  # type: ignore[attr-defined]
    logit, scale = steps["logit"], steps[SCALE_STEP]
    mean, spread = (np.zeros(0), np.zeros(0)) if scale == "passthrough" else (scale.mean_, scale.scale_)
    return RidgeMember(mean, spread, steps[FILL_STEP].statistics_, logit.coef_[0], float(logit.intercept_[0]))


def _rank_column_values(values: Array, quantiles: Array, references: Array) -> Array:
    """One column's ranks, the mean of both directions, so that equal quantiles share their middle rank."""
    upward = np.interp(values, quantiles, references)
    downward = np.interp(-values, -quantiles[::-1], -references[::-1])
    ranks = 0.5 * (upward - downward)
    ranks[values == quantiles[-1]] = 1
    ranks[values == quantiles[0]] = 0
    return ranks


def _compute_normal_scores(ranks: Array) -> Array:
    scores: Array = ndtri(np.clip(ranks, OUTERMOST_RANK, 1 - OUTERMOST_RANK))
    return scores


def _sum_tree_values(trees: BoostedTrees, rows: Array) -> Array:
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
