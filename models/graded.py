"""Boosted trees on how bad the worst year of the horizon was, turned into log-odds by a logit on their own forecast.

A grade tells more than an event: a year just short of the threshold is not a year of peace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from models.matrix import Array, matrix


@dataclass(frozen=True)
class Graded:
    """A fitted regressor of the grade and the logit that reads it."""

    regressor: HistGradientBoostingRegressor
    logit: LogisticRegression

    @property
    def slope(self) -> float:
        """Log-odds a unit of the grade."""
        return float(self.logit.coef_[0, 0])

    @property
    def intercept(self) -> float:
        """Log-odds at a grade of nought."""
        return float(self.logit.intercept_[0])

    def log_odds(self, known: Array) -> Array:
        """Log-odds, one a row of the matrix `known`."""
        odds: Array = self.slope * self.regressor.predict(known) + self.intercept
        return odds


def fit_graded(
    rows: pl.DataFrame, columns: Sequence[str], signs: Sequence[int], parameters: dict[str, Any]
) -> Graded | None:
    """Fit on rows with `severity` and `observed`; none for an outcome without grades."""
    graded = rows.filter(pl.col("severity").is_not_null())
    if graded.is_empty():
        return None
    known = matrix(graded, columns)
    regressor = HistGradientBoostingRegressor(**parameters, monotonic_cst=list(signs), random_state=0)
    regressor.fit(known, graded["severity"].to_numpy())
    logit = LogisticRegression(C=10.0).fit(regressor.predict(known)[:, np.newaxis], graded["observed"].to_numpy())
    return Graded(regressor, logit)
