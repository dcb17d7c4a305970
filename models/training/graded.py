"""Boosted trees on the severity grade of the horizon, turned into log-odds by a logit on their own forecast.

A grade holds more information than an event: a year just short of the threshold is not a year of peace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from models.training.matrix import Array


@dataclass(frozen=True)
class SeverityModel:
    """A fitted regressor of the grade and the logit on its forecast."""

    regressor: HistGradientBoostingRegressor
    logit: LogisticRegression

    @property
    def slope(self) -> float:
        """Log-odds per unit of the grade."""
        return float(self.logit.coef_[0, 0])

    @property
    def intercept(self) -> float:
        """Log-odds at a grade of zero."""
        return float(self.logit.intercept_[0])

    def compute_log_odds(self, known: Array) -> Array:
        """Log-odds, one per row of the matrix `known`."""
        odds: Array = self.slope * self.regressor.predict(known) + self.intercept
        return odds


def fit_severity_model(
    known: Array, grade: Array, observed: Array, weights: Array, signs: Sequence[int], parameters: dict[str, Any]
) -> SeverityModel:
    """Fit trees to the grade, with the seed among `parameters`, and a logit of `observed` on the trees' forecast."""
    regressor = HistGradientBoostingRegressor(**parameters, monotonic_cst=list(signs))
    regressor.fit(known, grade, sample_weight=weights)
    logit = LogisticRegression(C=10.0).fit(regressor.predict(known)[:, np.newaxis], observed)
    return SeverityModel(regressor, logit)
