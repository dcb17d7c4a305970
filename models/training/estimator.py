"""The ensemble: gradient-boosted trees with monotone constraints, and ridge logits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer

from models.training.graded import SeverityModel, fit_severity_model
from models.training.linear import compute_normal_scores, fit_on_ranks, fit_on_scores, fit_rank_scale, split_grades
from models.training.matrix import Array, build_matrix
from models.training.signs import MONOTONE_SIGNS

# Chosen at origins up to 1999, as docs/explanation/backtest.md says.
PARAMETERS: dict[str, Any] = {
    "max_iter": 48,
    "max_leaf_nodes": 8,
    "max_depth": 3,
    "learning_rate": 0.15,
    "min_samples_leaf": 40,
    "l2_regularization": 50.0,
    "max_features": 0.2,
    "early_stopping": False,
}
# Years after which a row counts half in training: recent years are more like the years to forecast.
HALF_LIFE = 15.0
# Lagged values: the ridge logits gain from them; the trees do not and are faster without them.
EARLIER_YEAR_COLUMN = re.compile(r"_l\d+$")


@dataclass(frozen=True)
class Ensemble:
    """Trees on the event, trees on its grade where it has one, ridge logits on normal scores and on ranks.

    All read ranks; trees read ranks in steps of a hundredth, of which a count that is mostly zero has only a few.
    """

    scale: QuantileTransformer
    booster: HistGradientBoostingClassifier
    graded: SeverityModel | None
    on_scores: Pipeline
    on_ranks: Pipeline
    columns: list[str]

    @property
    def member_names(self) -> tuple[str, ...]:
        """The members' names, in the order of `compute_log_odds`."""
        return ("trees", *(("graded trees",) if self.graded else ()), "ridge on scores", "ridge on ranks")

    @property
    def tree_places(self) -> list[int]:
        """The indices of the trees' columns."""
        return find_tree_columns(self.columns)

    def compute_ranks(self, rows: pl.DataFrame) -> Array:
        """Rows × columns of ranks from 0 to 1, missing as NaN."""
        ranks: Array = self.scale.transform(build_matrix(rows, self.columns))
        return ranks

    def compute_log_odds(self, rows: pl.DataFrame) -> Array:
        """Members × rows of log-odds, before calibration."""
        ranks = self.compute_ranks(rows)
        steps = round_ranks(ranks[:, self.tree_places])
        trees = [self.booster.decision_function(steps)]
        if self.graded:
            trees.append(self.graded.compute_log_odds(steps))
        smooth = [
            self.on_scores.decision_function(compute_normal_scores(ranks)),
            self.on_ranks.decision_function(ranks),
        ]
        return np.array([*trees, *smooth])


def fit_ensemble(
    rows: pl.DataFrame, columns: Sequence[str], own: Mapping[str, int] | None = None, seed: int = 0
) -> Ensemble:
    """Fit every member on rows with `observed`, `grade` and `origin`; `own` has the signs of own indicators.

    The seed draws the columns from which each split of a tree chooses; nothing else is random.
    """
    known_signs = MONOTONE_SIGNS | dict(own or {})
    known, grade = build_matrix(rows, columns), rows["grade"].to_numpy()
    observed, weights = rows["observed"].to_numpy(), compute_recency_weights(rows)
    scale = fit_rank_scale(known)
    ranks = scale.transform(known)
    places = find_tree_columns(columns)
    steps, signs = round_ranks(ranks[:, places]), [known_signs.get(columns[place], 0) for place in places]
    tree_rows, events, counts = split_grades(steps, grade, weights)
    parameters = PARAMETERS | {"random_state": seed}
    booster = HistGradientBoostingClassifier(**parameters, monotonic_cst=signs)
    booster.fit(tree_rows, events, sample_weight=counts)
    has_partial_grades = bool(((grade > 0) & (grade < 1)).any())
    graded = fit_severity_model(steps, grade, observed, weights, signs, parameters) if has_partial_grades else None
    on_scores = fit_on_scores(compute_normal_scores(ranks), grade, weights)
    return Ensemble(scale, booster, graded, on_scores, fit_on_ranks(ranks, grade, weights), list(columns))


def find_tree_columns(columns: Sequence[str]) -> list[int]:
    """The indices of the columns that the trees read: all but lagged values."""
    return [index for index, column in enumerate(columns) if not EARLIER_YEAR_COLUMN.search(column)]


def compute_recency_weights(rows: pl.DataFrame, half_life: float = HALF_LIFE) -> Array:
    """Weights that halve with every `half_life` years before the last origin, one on average."""
    origin = rows["origin"].to_numpy()
    weights: Array = np.exp2((origin - origin.max()) / half_life)
    return np.asarray(weights / weights.mean())


def round_ranks(ranks: Array) -> Array:
    """Ranks rounded to hundredths: few enough that each step is a bin of the trees."""
    return np.round(ranks, 2)
