"""Training and held-out rows as of one forecast year of misuse, and the quality of a forecast."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.training.estimator import compute_recency_weights, find_tree_columns, round_ranks
from models.training.linear import fit_rank_scale, split_grades
from models.training.matrix import Array, build_matrix, list_feature_columns
from models.training.outcomes import build_outcome, label_panel
from models.training.signs import MONOTONE_SIGNS
from models.training.splits import select_training_rows
from risk.outputs.last_run import read_last_table

FORECAST_YEAR, HELD_OUT_YEARS, AUC_DRAWS = 2012, (2012, 2019), 200


class LearningRows(NamedTuple):
    """Training rows known by the forecast year (rounded ranks, grades, events, weights), and held-out rows."""

    past: Array
    grade: Array
    observed: Array
    weights: Array
    signs: list[int]
    ahead: Array
    happened: Array
    partners: pl.Series

    @property
    def weighted_rows(self) -> tuple[Array, Array, Array]:
        """Rows, events and weights in which a grade between 0 and 1 counts partly as an event."""
        return split_grades(self.past, self.grade, self.weights)


def load_learning_rows(out: Path) -> LearningRows:
    """Misuse two years ahead from the panel of the last run."""
    outcome = build_outcome("misuse", "snapshot", snapshot=CURRENT_SNAPSHOT)
    rows = label_panel(read_last_table(out, "panel"), outcome)
    past = select_training_rows(rows, FORECAST_YEAR, outcome.lag, outcome.horizon)
    ahead = rows.filter(pl.col("origin").is_between(*HELD_OUT_YEARS), pl.col("observed").is_not_null())
    columns = list_feature_columns(past)
    columns = [columns[index] for index in find_tree_columns(columns)]
    scale = fit_rank_scale(build_matrix(past, columns))
    return LearningRows(
        round_ranks(scale.transform(build_matrix(past, columns))),
        past["grade"].to_numpy(),
        past["observed"].to_numpy(),
        compute_recency_weights(past),
        [MONOTONE_SIGNS.get(column, 0) for column in columns],
        round_ranks(scale.transform(build_matrix(ahead, columns))),
        ahead["observed"].to_numpy(),
        ahead["iso3"],
    )


def score_forecast_quality(rows: LearningRows, odds: Array) -> dict[str, float]:
    """AUC with its 95% interval over partners, and Brier score, of log-odds for the held-out rows."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    codes = rows.partners.rank("dense").to_numpy().astype(int) - 1
    rng, drawn = np.random.default_rng(0), []
    for _ in range(AUC_DRAWS):
        counts = np.bincount(rng.integers(0, codes.max() + 1, codes.max() + 1), minlength=codes.max() + 1)[codes]
        drawn.append(roc_auc_score(rows.happened, odds, sample_weight=counts))
    low, high = np.percentile(drawn, [2.5, 97.5])
    brier = brier_score_loss(rows.happened, 1 / (1 + np.exp(-odds)))
    return {"auc": float(roc_auc_score(rows.happened, odds)), "low": float(low), "high": float(high), "brier": brier}
