"""The model: gradient-boosted trees with monotone constraints, averaged with a graded regression and a ridge logit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline

from models.graded import Graded, fit_graded
from models.linear import fit_linear, linear_log_odds
from models.matrix import Array, matrix

# Chosen on state terror and on killings of civilians at origins up to 1999; no later origin was looked at.
PARAMETERS: dict[str, Any] = {
    "max_iter": 250,
    "max_leaf_nodes": 8,
    "max_depth": 3,
    "learning_rate": 0.03,
    "min_samples_leaf": 40,
    "l2_regularization": 10.0,
    "max_features": 0.2,
    "early_stopping": False,
}
SEEDS = (0, 1, 2)

# Theory fixes these signs: a worse record of the same kind never lowers the risk. +1 raises it, -1 lowers it.
SIGNS = {
    "pts_mean": 1,
    "pts_state": 1,
    "pts_amnesty": 1,
    "pts_mean_mean5": 1,
    "pts_mean_mean10": 1,
    "pts_mean_max10": 1,
    "pts_mean_since": -1,
    "pts_mean_nb": 1,
    "ucdp_government_killings": 1,
    "ucdp_government_killings_sum5": 1,
    "ucdp_government_killings_sum10": 1,
    "ucdp_government_killings_max10": 1,
    "ucdp_government_killings_since": -1,
    "vdem_physical_integrity": -1,
    "vdem_physical_integrity_mean10": -1,
    "vdem_rule_of_law": -1,
    "vdem_civil_liberties": -1,
    "vdem_corruption": 1,
    "vdemord_killings_approved": 1,
    "vdemord_civil_society_repression": 1,
    "wgi_rule_of_law": -1,
    "wgi_stability": -1,
    "ucdp_battle_deaths": 1,
    "ucdp_battle_deaths_sum5": 1,
    "ucdp_conflict_deaths": 1,
    "ucdp_conflict_deaths_sum5": 1,
    "coup_attempts_sum5": 1,
    "coup_attempts_sum10": 1,
    "coup_attempts_since": -1,
}


@dataclass(frozen=True)
class Ensemble:
    """Boosters of the event (one a seed), of its grade where it has one, the ridge logit, and the columns they read."""

    boosters: list[HistGradientBoostingClassifier]
    graded: Graded | None
    linear: Pipeline
    columns: list[str]

    def log_odds(self, rows: pl.DataFrame) -> Array:
        """Seeds × rows: the mean log-odds of a booster, the graded trees if any, and the ridge logit."""
        known = matrix(rows, self.columns)
        others = [linear_log_odds(self.linear, rows, self.columns)]
        if self.graded:
            others.append(self.graded.log_odds(known))
        return np.array([np.mean([booster.decision_function(known), *others], axis=0) for booster in self.boosters])


def fit_ensemble(rows: pl.DataFrame, columns: Sequence[str], seeds: Sequence[int] = SEEDS) -> Ensemble:
    """Fit every member on rows with a boolean `observed`."""
    signs = [SIGNS.get(column, 0) for column in columns]
    known, target = matrix(rows, columns), rows["observed"].to_numpy()
    boosters = [
        HistGradientBoostingClassifier(**PARAMETERS, monotonic_cst=signs, random_state=seed).fit(known, target)
        for seed in seeds
    ]
    graded = fit_graded(rows, columns, signs, PARAMETERS)
    return Ensemble(boosters, graded, fit_linear(rows, columns), list(columns))
