"""A fitted model as plain arrays: its forecasts and reasons equal those of the scikit-learn objects bit for bit.

Importing scikit-learn takes longer than scoring every partner; the arrays do not need it.
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
# Copies of constants in models.training, whose modules import scikit-learn; a test checks that they match.
OUTERMOST_RANK, RANK_DECIMALS = 1e-7, 2
SCALE_STEP, FILL_STEP = "scale", "fill"


class TreeMember(NamedTuple):
    """Trees with the slope and the intercept that turn their prediction into log-odds."""

    trees: BoostedTrees
    slope: float = 1.0
    intercept: float = 0.0

    def compute_log_odds(self, rows: Array) -> Array:
        """Log-odds, one per row."""
        # A sum that is log-odds already is not recomputed, so that its bits stay the same.
        raw = _sum_tree_values(self.trees, rows)
        return raw if (self.slope, self.intercept) == (1.0, 0.0) else self.slope * raw + self.intercept


class RidgeMember(NamedTuple):
    """A ridge logit: mean and spread of each column (empty if columns are not scaled), the medians that fill missing
    values, weights and intercept."""

    mean: Array
    spread: Array
    medians: Array
    weights: Array
    start: float

    def fill_gaps(self, inputs: Array) -> Array:
        """Rows × columns in units of their spread, missing values set to the median."""
        scaled = np.array(inputs)
        if len(self.mean):
            scaled -= self.mean
            scaled /= self.spread
        gaps = np.isnan(scaled)
        scaled[gaps] = np.broadcast_to(self.medians, scaled.shape)[gaps]
        return scaled

    def compute_log_odds(self, inputs: Array) -> Array:
        """Log-odds, one per row."""
        odds: Array = (self.fill_gaps(inputs) @ self.weights[np.newaxis].T)[:, 0] + self.start
        return odds

    def compute_contributions(self, inputs: Array) -> tuple[Array, float]:
        """The same as models.training.linear.compute_linear_contributions."""
        start = self.start + float(np.dot(self.medians, self.weights))
        return (self.fill_gaps(inputs) - self.medians) * self.weights, start


@dataclass(frozen=True)
class CompactEnsemble:
    """The content of models.training.estimator.Ensemble as arrays: quantiles × columns and their ranks, the trees'
    columns, trees on the event and, if any, on its grade, and the two ridge logits."""

    quantiles: Array
    references: Array
    tree_places: NDArray[np.int64]
    tree_members: tuple[TreeMember, ...]
    on_scores: RidgeMember
    on_ranks: RidgeMember
    columns: list[str]

    @property
    def member_names(self) -> tuple[str, ...]:
        """The members' names, in the order of `compute_log_odds`."""
        return (*("trees", "graded trees")[: len(self.tree_members)], "ridge on scores", "ridge on ranks")

    def compute_ranks(self, rows: pl.DataFrame) -> Array:
        """Rows × columns of ranks from 0 to 1, missing as NaN."""
        ranks = np.array(build_matrix(rows, self.columns))
        for index, quantiles in enumerate(self.quantiles.T):
            ranks[:, index] = _rank_column_values(ranks[:, index], quantiles, self.references)
        return ranks

    def compute_log_odds(self, rows: pl.DataFrame) -> Array:
        """Members × rows of log-odds, before calibration."""
        ranks = self.compute_ranks(rows)
        steps = np.round(ranks[:, self.tree_places], RANK_DECIMALS)
        smooth = [self.on_scores.compute_log_odds(_compute_normal_scores(ranks)), self.on_ranks.compute_log_odds(ranks)]
        return np.array([*(member.compute_log_odds(steps) for member in self.tree_members), *smooth])

    def compute_contributions(self, rows: pl.DataFrame) -> list[tuple[Array, float]]:
        """Each member's contributions (rows × columns) and the log-odds they start from."""
        ranks = self.compute_ranks(rows)
        steps = np.round(ranks[:, self.tree_places], RANK_DECIMALS)
        tree_contributions = []
        for trees, slope, intercept in self.tree_members:
            shares, start = compute_tree_contributions(trees, steps)
            parts = np.zeros_like(ranks)
            parts[:, self.tree_places] = slope * shares
            tree_contributions.append((parts, slope * start + intercept))
        return [
            *tree_contributions,
            self.on_scores.compute_contributions(_compute_normal_scores(ranks)),
            self.on_ranks.compute_contributions(ranks),
        ]


@dataclass(frozen=True)
class CompactModel:
    """The content of models.training.train.Model, its ensemble as arrays."""

    outcome: str
    ensemble: CompactEnsemble
    calibration: Calibration
    base_rate: float
    trained_to: int
    name: str


def build_compact_ensemble(fitted: "Ensemble") -> CompactEnsemble | None:
    """The arrays of a fitted ensemble; None if they could not give the same results (large trees, an empty column)."""
    graded = fitted.graded
    boosters = [fitted.booster, *([graded.regressor] if graded else [])]
    on_scores, on_ranks = _build_ridge_member(fitted.on_scores), _build_ridge_member(fitted.on_ranks)
    if not all(map(has_exact_walk, boosters)) or np.isnan([on_scores.medians, on_ranks.medians]).any():
        return None
    members = [TreeMember(BoostedTrees.from_booster(fitted.booster))]
    if graded:
        members.append(TreeMember(BoostedTrees.from_booster(graded.regressor), graded.slope, graded.intercept))
    tree_columns = np.array(fitted.tree_places, np.int64)
    scale = fitted.scale
    return CompactEnsemble(
        scale.quantiles_, scale.references_, tree_columns, tuple(members), on_scores, on_ranks, fitted.columns
    )


def _build_ridge_member(pipeline: object) -> RidgeMember:
    steps = dict(pipeline.steps)  # type: ignore[attr-defined]
    logit, scale = steps["logit"], steps[SCALE_STEP]
    mean, spread = (np.zeros(0), np.zeros(0)) if scale == "passthrough" else (scale.mean_, scale.scale_)
    return RidgeMember(mean, spread, steps[FILL_STEP].statistics_, logit.coef_[0], float(logit.intercept_[0]))


def _rank_column_values(values: Array, quantiles: Array, references: Array) -> Array:
    """One column's ranks, averaged over both directions, so that equal quantiles share their middle rank."""
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
    """The trees' raw prediction, one per row, summed tree by tree as scikit-learn does."""
    starts = np.cumsum([0, *map(len, trees.nodes[:-1])])
    nodes = np.concatenate(trees.nodes)
    offsets, node_numbers = np.repeat(starts, [len(tree) for tree in trees.nodes]), np.arange(len(nodes))
    leaf = nodes["is_leaf"].astype(bool)
    # A leaf points to itself, so that all trees can be walked to the depth of the deepest.
    left, right = (np.where(leaf, node_numbers, nodes[side] + offsets) for side in ("left", "right"))
    column, threshold = nodes["feature_idx"].astype(np.int64), np.ascontiguousarray(nodes["num_threshold"])
    missing_left, row_numbers = nodes["missing_go_to_left"].astype(bool), np.arange(len(rows))[:, np.newaxis]
    node = np.broadcast_to(starts, (len(rows), len(starts)))
    for _ in range(int(nodes["depth"].max(initial=0))):
        known = rows[row_numbers, column[node]]
        goes_left = (known <= threshold[node]) | (np.isnan(known) & missing_left[node])
        node = np.where(goes_left, left[node], right[node])
    total = np.full(len(rows), trees.baseline)
    for values in np.ascontiguousarray(nodes["value"])[node].T:
        total += values
    return total
