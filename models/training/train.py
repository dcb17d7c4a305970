"""Training of one model per outcome: an ensemble, calibrated on forecasts of origins it was not trained on."""

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

# With fewer events, or fewer rows without one, a model is not worth calibrating.
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
    """One ensemble to fit on `past`: to keep or, if `ahead` is given, to forecast it."""

    past: pl.DataFrame
    ahead: pl.DataFrame | None
    signs: Mapping[str, int]


def train_model(rows: pl.DataFrame, outcome: Outcome, origin: int) -> Model:
    """Fit an ensemble on rows known by `origin` and calibrate it on forecasts of earlier origins."""
    tasks = plan_fits(rows, outcome, origin)
    return assemble_model(outcome, origin, tasks, [run_fit(task) for task in tasks])


def plan_fits(rows: pl.DataFrame, outcome: Outcome, origin: int) -> list[FitTask]:
    """The fits that a model needs: its own first, then one for each block of earlier origins."""
    known = select_known_rows(rows, outcome, origin)
    tasks = [FitTask(select_training_rows(rows, origin, *_find_delays(outcome)), None, outcome.signs)]
    for year, block in group_origins_by_fit([origin], *_find_delays(outcome)).items():
        past = select_training_rows(rows, year, *_find_delays(outcome))
        ahead = known.filter(pl.col("origin").is_in(block))
        if year < origin and not ahead.is_empty() and has_enough_events(past):
            tasks.append(FitTask(past, ahead, outcome.signs))
    return tasks


def run_fit(task: FitTask) -> Ensemble | Array:
    """The fitted ensemble or, if the task has rows ahead, its members × rows of log-odds for them."""
    ensemble = fit_ensemble(task.past, list_feature_columns(task.past), task.signs)
    return ensemble if task.ahead is None else ensemble.compute_log_odds(task.ahead)


def assemble_model(
    outcome: Outcome, origin: int, tasks: Sequence[FitTask], results: Sequence[Ensemble | Array]
) -> Model:
    """The model from the results of its fits, in the order of `plan_fits`."""
    ensemble, *refit_odds = results
    assert isinstance(ensemble, Ensemble)
    past, ahead = tasks[0].past, [task.ahead.select(KNOWN_LATER) for task in tasks if task.ahead is not None]
    if ahead:
        calibration = fit_calibration(
            np.concatenate([np.asarray(odds) for odds in refit_odds], axis=1), pl.concat(ahead)
        )
    else:
        calibration = build_prior_calibration(len(ensemble.member_names))
    base_rate, last_origin = float(past["observed"].mean()), int(past["origin"].max())  # type: ignore[arg-type]
    return Model(outcome.name, ensemble, calibration, base_rate, last_origin, f"{outcome.name}-{origin}")


def has_enough_events(past: pl.DataFrame) -> bool:
    """Whether rows have enough events, and enough non-events, to learn from."""
    events = int(past["observed"].sum())
    return min(events, past.height - events) >= FEWEST_TRAINING_EVENTS


def select_known_rows(rows: pl.DataFrame, outcome: Outcome, origin: int) -> pl.DataFrame:
    """Rows that calibrate at `origin`: the last origins whose outcome was known by then."""
    known = select_training_rows(rows, origin, outcome.lag, outcome.horizon)
    return known.filter(pl.col("origin").is_in(list(list_calibration_origins(origin, outcome.lag, outcome.horizon))))


def refuse_early_origin(origin: int) -> BadInput:
    """The error for an origin with too few known events before it."""
    return BadInput(f"origin {origin}: too few events were known by then to learn from; choose a later origin")


def _find_delays(outcome: Outcome) -> tuple[int, int]:
    """An outcome's reporting lag and horizon, in years."""
    return outcome.lag, outcome.horizon


def list_kept_members(model: Model) -> list[str]:
    """The members of a model's ensemble that its forecast averages."""
    return [name for name, kept in zip(model.ensemble.member_names, model.calibration.member_mask, strict=True) if kept]
