"""One model an outcome: an ensemble, calibrated on forecasts of origins it was not trained on."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.bad_input import BadInput
from models.calibration import design, draws, fit
from models.estimator import SEEDS, Ensemble, fit_ensemble
from models.matrix import Array, feature_columns
from models.outcomes import GRADED, status
from models.splits import calibration_blocks, training_rows

# Fewer events, or fewer rows without one, teach a model nothing worth calibrating.
FEWEST = 10


@dataclass(frozen=True)
class Model:
    """A fitted ensemble and the calibration of its mean log-odds (see models.calibration)."""

    outcome: str
    ensemble: Ensemble
    point: Array
    sampled: Array
    base_rate: float
    trained_to: int
    name: str


def labelled(panel: pl.DataFrame, observed: pl.DataFrame, outcome: str) -> pl.DataFrame:
    """Panel rows with `observed` (boolean or null), `severity` where the outcome has a grade, and `status`."""
    grade = pl.col("severity") if outcome in GRADED else pl.lit(None, pl.Float64)
    labels = observed.select("iso3", "origin", pl.col(outcome).alias("observed"), severity=grade)
    return panel.join(labels, on=["iso3", "origin"], how="left", maintain_order="left").with_columns(
        status=status(outcome)
    )


def train(rows: pl.DataFrame, outcome: str, origin: int, label_lag: int, seeds: tuple[int, ...] = SEEDS) -> Model:
    """Fit an ensemble on rows known by `origin` and calibrate it on forecasts made again for earlier ones."""
    past = training_rows(rows, origin, label_lag)
    columns = feature_columns(past)
    point, sampled = _calibrate(rows, past, origin, label_lag)
    ensemble = fit_ensemble(past, columns, seeds)
    base, last = float(past["observed"].mean()), int(past["origin"].max())  # type: ignore[arg-type]
    return Model(outcome, ensemble, point, sampled, base, last, f"{outcome}-{origin}")


def _calibrate(rows: pl.DataFrame, past: pl.DataFrame, origin: int, label_lag: int) -> tuple[Array, Array]:
    forecasts = []
    for block in calibration_blocks(origin, label_lag):
        before = training_rows(rows, block.start, label_lag)
        ahead = past.filter(pl.col("origin").is_in(list(block)))
        if before["observed"].sum() < FEWEST or before["observed"].not_().sum() < FEWEST or ahead.is_empty():
            continue
        columns = feature_columns(before)
        odds = fit_ensemble(before, columns, SEEDS[:1]).log_odds(ahead)[0]
        forecasts.append(ahead.select("iso3", "status", "observed", odds=pl.Series(odds)))
    if not forecasts:
        raise BadInput(f"origin {origin}: too few events were known by then to calibrate on; ask for a later origin")
    made = pl.concat(forecasts)
    inputs = design(made["odds"].to_numpy(), made["status"])
    observed = made["observed"].to_numpy().astype(np.float64)
    return fit(inputs, observed), draws(inputs, observed, made["iso3"])
