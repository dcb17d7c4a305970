"""One model an outcome: an ensemble, calibrated on forecasts of origins it was not trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from features.bad_input import BadInput
from models.training.calibration import Calibration, build_prior_calibration, fit_calibration
from models.training.estimator import Ensemble, fit_ensemble
from models.training.matrix import Array, list_feature_columns
from models.training.outcomes import Outcome
from models.training.splits import group_origins_by_fit, list_calibration_origins, select_training_rows

# Fewer events, or fewer rows without one, teach a model nothing worth calibrating.
FEWEST_TRAINING_EVENTS = 10
KNOWN_LATER = ("iso3", "origin", "status", "fact", "observed")


@dataclass(frozen=True)
class Model:
    """A fitted ensemble and the calibration of its members' log-odds (see models.training.calibration)."""

    outcome: str
    ensemble: Ensemble
    calibration: Calibration
    base_rate: float
    trained_to: int
    name: str


class FitTask(NamedTuple):
    """One ensemble to fit: on `past`, to keep or, where there is one, to forecast `ahead` again."""

    past: pl.DataFrame
    ahead: pl.DataFrame | None
    signs: Mapping[str, int]


def train_model(rows: pl.DataFrame, outcome: Outcome, origin: int) -> Model:
    """Fit an ensemble on rows known by `origin` and calibrate it on forecasts made again for earlier ones."""
    needed = plan_fits(rows, outcome, origin)
    return assemble_model(outcome, origin, needed, [run_fit(one) for one in needed])


def plan_fits(rows: pl.DataFrame, outcome: Outcome, origin: int) -> list[FitTask]:
    """The fits that a model takes: its own first, then one for each block of earlier origins forecast again."""
    known = select_known_rows(rows, outcome, origin)
    needed = [FitTask(select_training_rows(rows, origin, *_find_delays(outcome)), None, outcome.signs)]
    for year, block in group_origins_by_fit([origin], *_find_delays(outcome)).items():
        past = select_training_rows(rows, year, *_find_delays(outcome))
        ahead = known.filter(pl.col("origin").is_in(block))
        if year < origin and not ahead.is_empty() and has_enough_events(past):
            needed.append(FitTask(past, ahead, outcome.signs))
    return needed


def run_fit(one: FitTask) -> Ensemble | Array:
    """The fitted ensemble or, where there are rows ahead, its members × rows of log-odds for them."""
    ensemble = fit_ensemble(one.past, list_feature_columns(one.past), one.signs)
    return ensemble if one.ahead is None else ensemble.compute_log_odds(one.ahead)


def assemble_model(outcome: Outcome, origin: int, needed: Sequence[FitTask], made: Sequence[Ensemble | Array]) -> Model:
    """The model from what its fits gave, in the order of its plan."""
    ensemble, *again = made
    assert isinstance(ensemble, Ensemble)
    past, ahead = needed[0].past, [one.ahead.select(KNOWN_LATER) for one in needed if one.ahead is not None]
    if ahead:
        calibration = fit_calibration(np.concatenate([np.asarray(odds) for odds in again], axis=1), pl.concat(ahead))
    else:
        calibration = build_prior_calibration(len(ensemble.member_names))
    base, last = float(past["observed"].mean()), int(past["origin"].max())  # type: ignore[arg-type]
    return Model(outcome.name, ensemble, calibration, base, last, f"{outcome.name}-{origin}")


def has_enough_events(past: pl.DataFrame) -> bool:
    """Whether rows hold enough events, and enough without, to learn from."""
    events = int(past["observed"].sum())
    return min(events, past.height - events) >= FEWEST_TRAINING_EVENTS


def select_known_rows(rows: pl.DataFrame, outcome: Outcome, origin: int) -> pl.DataFrame:
    """Rows that calibrate at `origin`: their outcome was known by then, and they are among the last such origins."""
    known = select_training_rows(rows, origin, outcome.lag, outcome.horizon)
    return known.filter(pl.col("origin").is_in(list(list_calibration_origins(origin, outcome.lag, outcome.horizon))))


def refuse_early_origin(origin: int) -> BadInput:
    """The refusal of an origin before which too little had happened."""
    return BadInput(f"origin {origin}: too few events were known by then to learn from; ask for a later origin")


def _find_delays(outcome: Outcome) -> tuple[int, int]:
    """Years after which an outcome's events are known, and how far ahead it looks."""
    return outcome.lag, outcome.horizon


def list_kept_members(model: Model) -> list[str]:
    """The members of a model's ensemble whose mean it forecasts with."""
    return [name for name, kept in zip(model.ensemble.member_names, model.calibration.member_mask, strict=True) if kept]
