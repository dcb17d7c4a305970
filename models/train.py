"""One model an outcome: an ensemble, calibrated on forecasts of origins it was not trained on."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.bad_input import BadInput
from models.calibration import Calibration, calibrate
from models.estimator import Ensemble, fit_ensemble
from models.matrix import Array, feature_columns
from models.outcomes import Outcome
from models.splits import calibration_origins, fits, training_rows

# Fewer events, or fewer rows without one, teach a model nothing worth calibrating.
FEWEST = 10
KNOWN_LATER = ("iso3", "origin", "status", "fact", "observed")


@dataclass(frozen=True)
class Model:
    """A fitted ensemble and the calibration of its members' log-odds (see models.calibration)."""

    outcome: str
    ensemble: Ensemble
    calibration: Calibration
    base_rate: float
    trained_to: int
    name: str


def train(rows: pl.DataFrame, outcome: Outcome, origin: int) -> Model:
    """Fit an ensemble on rows known by `origin` and calibrate it on forecasts made again for earlier ones."""
    past = training_rows(rows, origin, outcome.lag, outcome.horizon)
    ensemble = fit_ensemble(past, feature_columns(past))
    calibration = calibrate(*_forecast_again(rows, outcome, origin))
    base, last = float(past["observed"].mean()), int(past["origin"].max())  # type: ignore[arg-type]
    return Model(outcome.name, ensemble, calibration, base, last, f"{outcome.name}-{origin}")


def teachable(past: pl.DataFrame) -> bool:
    """Whether rows hold enough events, and enough without, to learn from."""
    events = int(past["observed"].sum())
    return min(events, past.height - events) >= FEWEST


def known_by(rows: pl.DataFrame, outcome: Outcome, origin: int) -> pl.DataFrame:
    """Rows that calibrate at `origin`: their outcome was known by then, and they are among the last such origins."""
    known = training_rows(rows, origin, outcome.lag, outcome.horizon)
    return known.filter(pl.col("origin").is_in(list(calibration_origins(origin, outcome.lag, outcome.horizon))))


def too_early(origin: int) -> BadInput:
    """The refusal of an origin before which too little had happened."""
    return BadInput(f"origin {origin}: too few events were known by then to calibrate on; ask for a later origin")


def _forecast_again(rows: pl.DataFrame, outcome: Outcome, origin: int) -> tuple[Array, pl.DataFrame]:
    """Members × rows of log-odds for the calibrating rows, each from a fit on what was known when its block began."""
    known, odds, ahead = known_by(rows, outcome, origin), [], []
    for year, block in fits([origin], outcome.lag, outcome.horizon).items():
        past = training_rows(rows, year, outcome.lag, outcome.horizon)
        mine = known.filter(pl.col("origin").is_in(block))
        if year < origin and not mine.is_empty() and teachable(past):
            odds.append(fit_ensemble(past, feature_columns(past)).log_odds(mine))
            ahead.append(mine.select(KNOWN_LATER))
    if not odds:
        raise too_early(origin)
    return np.concatenate(odds, axis=1), pl.concat(ahead)
