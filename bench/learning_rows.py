"""Rows to learn from and rows held out, as a forecast of misuse made in one year had them; how good a forecast was."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from models.training.estimator import recency, stepped, tree_places
from models.training.linear import rank_scale, split_grades
from models.training.matrix import Array, feature_columns, matrix
from models.training.outcomes import built_in, labelled
from models.training.signs import SIGNS
from models.training.splits import training_rows
from risk.outputs.last_run import last_table

MADE_IN, HELD_OUT, DRAWS = 2012, (2012, 2019), 200


class Learned(NamedTuple):
    """What trees read of rows known by the year (ranks in steps), grades, events and weights; and held-out rows."""

    past: Array
    grade: Array
    observed: Array
    weights: Array
    signs: list[int]
    ahead: Array
    happened: Array
    partners: pl.Series

    @property
    def doubled(self) -> tuple[Array, Array, Array]:
        """Rows, events and weights where a grade between counts as an event in part."""
        return split_grades(self.past, self.grade, self.weights)


def learned(out: Path) -> Learned:
    """Misuse two years ahead from the panel of the last run."""
    outcome = built_in("misuse", "snapshot")
    rows = labelled(last_table(out, "panel"), outcome)
    past = training_rows(rows, MADE_IN, outcome.lag, outcome.horizon)
    ahead = rows.filter(pl.col("origin").is_between(*HELD_OUT), pl.col("observed").is_not_null())
    columns = feature_columns(past)
    columns = [columns[place] for place in tree_places(columns)]
    scale = rank_scale(matrix(past, columns))
    return Learned(
        stepped(scale.transform(matrix(past, columns))),
        past["grade"].to_numpy(),
        past["observed"].to_numpy(),
        recency(past),
        [SIGNS.get(column, 0) for column in columns],
        stepped(scale.transform(matrix(ahead, columns))),
        ahead["observed"].to_numpy(),
        ahead["iso3"],
    )


def quality(given: Learned, odds: Array) -> dict[str, float]:
    """AUC with its 95% interval over partners, and Brier score, of log-odds for the held-out rows."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    codes = given.partners.rank("dense").to_numpy().astype(int) - 1
    rng, drawn = np.random.default_rng(0), []
    for _ in range(DRAWS):
        counts = np.bincount(rng.integers(0, codes.max() + 1, codes.max() + 1), minlength=codes.max() + 1)[codes]
        drawn.append(roc_auc_score(given.happened, odds, sample_weight=counts))
    low, high = np.percentile(drawn, [2.5, 97.5])
    brier = brier_score_loss(given.happened, 1 / (1 + np.exp(-odds)))
    return {"auc": float(roc_auc_score(given.happened, odds)), "low": float(low), "high": float(high), "brier": brier}
