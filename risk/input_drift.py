"""Drift of the inputs with what each weighs in the headline's forecasts."""

import polars as pl

from features.vocabulary import LATEST_ORIGIN
from models.drift import drift
from models.plain import AnyModel
from models.promotion import HEADLINE


def input_drift(panel: pl.DataFrame, model: AnyModel, reasons: pl.DataFrame) -> pl.DataFrame:
    """Drift of what a model reads (see models.drift) with label and weight, the heaviest first.

    weight: mean absolute contribution to the headline's log-odds over partners.
    """
    found = drift(panel, model.ensemble.columns, LATEST_ORIGIN, model.trained_to)
    told = reasons.filter(outcome=HEADLINE).group_by("feature", maintain_order=True)
    # A mean of floats moves with their order in its last digits: rounded, the same inputs give the same bytes.
    weights = told.agg(pl.col("label").first(), weight=pl.col("contribution_logodds").abs().mean().round(6))
    return found.join(weights, on="feature", how="left", maintain_order="left").sort(
        "weight", "feature", descending=[True, False], nulls_last=True
    )
