"""Forecasts for every partner at one origin, with intervals and data coverage."""

from collections.abc import Sequence

import polars as pl

from features.vocabulary import HORIZON_YEARS
from models.inference.compact_model import AnyModel
from models.training.outcomes import build_status_expression

# A partner is referred below this share of known inputs, or if both measures of state violence are missing.
MINIMUM_COVERAGE = 0.5
ESSENTIAL_MEASURES = ("pts_mean", "vdem_physical_integrity")


def forecast_partners(model: AnyModel, rows: pl.DataFrame, levels: Sequence[str]) -> pl.DataFrame:
    """One row per partner: iso3, origin, horizon_end, outcome, probability, low, high, onset_probability, status,
    coverage, model; probabilities are null for a partner referred for lack of data.

    `onset_probability` is the probability if the partner is clear at the origin, null if its last known status is
    ongoing. `levels` names the measures whose known share is the coverage.
    """
    current = rows.with_columns(status=build_status_expression(model.outcome))
    calibrated = model.calibration.forecast_probabilities(model.ensemble.compute_log_odds(current), current["status"])
    forecasts = current.select(
        "iso3",
        "origin",
        "status",
        horizon_end=pl.col("origin") + HORIZON_YEARS,
        outcome=pl.lit(model.outcome),
        coverage=pl.mean_horizontal(pl.col(level).is_not_null() for level in levels).round(3),
        enough=pl.any_horizontal(pl.col(name).is_not_null() for name in ESSENTIAL_MEASURES),
        model=pl.lit(model.name),
    ).hstack(calibrated.drop("ongoing_probability"))
    enough = pl.col("enough") & (pl.col("coverage") >= MINIMUM_COVERAGE)
    return (
        forecasts.with_columns(pl.when(enough).then(pl.col("probability", "low", "high", "onset_probability")))
        .with_columns(onset_probability=pl.when(pl.col("status") != "ongoing").then("onset_probability"))
        .select(
            "iso3", "origin", "horizon_end", "outcome", "probability", "low", "high", "onset_probability", "status",
            "coverage", "model",
        )
    )  # fmt: skip
