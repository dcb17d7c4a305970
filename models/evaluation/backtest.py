"""Rolling-origin back-test: at each origin, fit and calibrate on what was known by then, and keep every forecast."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
import polars as pl
from joblib import delayed

from models.evaluation.baselines import BASELINE_ESTIMATORS
from models.parallel.cluster import get_active_link, share_value
from models.parallel.pool import run_in_parallel
from models.training.calibration import build_prior_calibration, fit_calibration
from models.training.estimator import fit_ensemble
from models.training.matrix import Array, list_feature_columns
from models.training.outcomes import Outcome, label_panel
from models.training.splits import group_origins_by_fit, select_training_rows
from models.training.train import KNOWN_LATER, has_enough_events, refuse_early_origin, select_known_rows

REPORTED_ORIGINS = range(2000, 2022)
ENGINE_NAME, SEEDED_PREFIX = "engine", "engine, seed "
# The slowest estimators to fit: seconds, where others take hundredths of a second.
SLOWEST_ESTIMATORS = (ENGINE_NAME, "elastic net", "random forest")
FORECAST_COLUMNS = (
    "iso3", "origin", "outcome", "estimator", "profile", "probability", "low", "high", "observed", "status",
    "onset_probability", "ongoing_probability",
)  # fmt: skip

EstimatorFunction = Callable[[pl.DataFrame, pl.DataFrame, Mapping[str, int]], Array]


def forecast_with_engine(past: pl.DataFrame, ahead: pl.DataFrame, signs: Mapping[str, int], seed: int = 0) -> Array:
    """Members × rows of log-odds; `signs` are those of own indicators."""
    return fit_ensemble(past, list_feature_columns(past), signs, seed).compute_log_odds(ahead)


def _apply_baseline(
    estimate: Callable[[pl.DataFrame, pl.DataFrame], Array], past: pl.DataFrame, ahead: pl.DataFrame, _: object
) -> Array:
    return estimate(past, ahead)[np.newaxis]


ALL_ESTIMATORS: dict[str, EstimatorFunction] = {
    ENGINE_NAME: forecast_with_engine,
    **{name: partial(_apply_baseline, estimate) for name, estimate in BASELINE_ESTIMATORS.items()},
}


def seed_engine(seed: int) -> str:
    """The name of the engine as an estimator with this random seed; with zero, the engine itself."""
    return f"{SEEDED_PREFIX}{seed}" if seed else ENGINE_NAME


def _find_estimator(estimator: str) -> EstimatorFunction:
    if estimator.startswith(SEEDED_PREFIX):
        return partial(forecast_with_engine, seed=int(estimator.removeprefix(SEEDED_PREFIX)))
    return ALL_ESTIMATORS[estimator]


class BacktestRequest(NamedTuple):
    """One requested back-test: the panel of a lag profile and the outcome to forecast."""

    panel: pl.DataFrame
    outcome: Outcome
    profile: str


def backtest_outcome(
    panel: pl.DataFrame,
    outcome: Outcome,
    profile: str,
    origins: Iterable[int] = REPORTED_ORIGINS,
    estimators: Iterable[str] = tuple(ALL_ESTIMATORS),
    jobs: int = 2,
) -> pl.DataFrame:
    """Every estimator's forecast for each partner at each origin, with the columns of FORECAST_COLUMNS, sorted.

    `status` is the status in the year of the origin as now known, so that both profiles are measured on the same rows.
    All estimators are calibrated alike, on forecasts of earlier origins whose outcome was known by then; without any,
    forecasts stay uncalibrated. Only the engine gives an interval. Raises BadInput for an origin before which too
    little was known.
    """
    [forecasts] = backtest_outcomes([BacktestRequest(panel, outcome, profile)], origins, estimators, jobs)
    return forecasts


def backtest_outcomes(
    requests: Sequence[BacktestRequest],
    origins: Iterable[int] = REPORTED_ORIGINS,
    estimators: Iterable[str] = tuple(ALL_ESTIMATORS),
    jobs: int = 2,
) -> list[pl.DataFrame]:
    """The back-test of every request, in order; all fits run in parallel."""
    sorted_origins, names = sorted(origins), list(estimators)
    rows = [label_panel(request.panel, request.outcome) for request in requests]
    plans = [
        _group_origins_by_fit(labeled, request.outcome, sorted_origins)
        for labeled, request in zip(rows, requests, strict=True)
    ]
    # On a cluster the rows are sent once, so smaller tasks spread better and repeat less when a worker dies. Slowest
    # first, so that no worker is left waiting at the end.
    name_groups = [[name] for name in sorted(names, key=_rank_by_speed)] if get_active_link() else [names]
    fitting = [
        delayed(_compute_odds)(shared, request.outcome, year, ahead, group)
        for shared, request, plan in zip(map(share_value, rows), requests, plans, strict=True)
        for group in name_groups
        for year, ahead in plan.items()
    ]
    fitted_odds = iter(list(run_in_parallel(fitting, min(jobs, len(fitting)), _format_title(requests))))
    odds = [pl.concat(islice(fitted_odds, len(plan) * len(name_groups))) for plan in plans]
    known = [share_value(labeled.select(KNOWN_LATER)) for labeled in rows]
    calibrating = [
        delayed(_forecast_origins)(outcome_odds.filter(estimator=name), shared, request.outcome, sorted_origins)
        for outcome_odds, shared, request in zip(odds, known, requests, strict=True)
        for name in names
    ]
    forecasts = iter(list(run_in_parallel(calibrating, min(jobs, len(calibrating)))))
    return [_label_forecasts(pl.concat(islice(forecasts, len(names))), request) for request in requests]


def _rank_by_speed(estimator: str) -> int:
    return next(
        (position for position, name in enumerate(SLOWEST_ESTIMATORS) if estimator.startswith(name)),
        len(SLOWEST_ESTIMATORS),
    )


def _label_forecasts(forecasts: pl.DataFrame, request: BacktestRequest) -> pl.DataFrame:
    named = forecasts.with_columns(outcome=pl.lit(request.outcome.name), profile=pl.lit(request.profile))
    return named.sort("estimator", "origin", "iso3").select(FORECAST_COLUMNS)


def _format_title(requests: Sequence[BacktestRequest]) -> str:
    """The title of the progress bar: one back-test by its name, or how many there are."""
    first = requests[0]
    return f"{first.outcome.name} {first.profile}" if len(requests) == 1 else f"{len(requests)} back-tests"


def _group_origins_by_fit(rows: pl.DataFrame, outcome: Outcome, requested: Sequence[int]) -> dict[int, list[int]]:
    """For each fit year with enough events to learn from, the origins that its fit forecasts.

    Raises BadInput for a requested origin with too few events.
    """
    planned = group_origins_by_fit(requested, outcome.lag, outcome.horizon)
    fit_years = {
        year for year in planned if has_enough_events(select_training_rows(rows, year, outcome.lag, outcome.horizon))
    }
    if early := [year for year in requested if year not in fit_years]:
        raise refuse_early_origin(early[0])
    return {year: ahead for year, ahead in planned.items() if year in fit_years}


def _compute_odds(
    rows: pl.DataFrame, outcome: Outcome, year: int, origins: Iterable[int], estimators: Iterable[str]
) -> pl.DataFrame:
    """Long format: iso3, origin, fit (its year), estimator and odds, a list of the members' log-odds."""
    past = select_training_rows(rows, year, outcome.lag, outcome.horizon)
    ahead = rows.filter(pl.col("origin").is_in(list(origins)))
    keys = ahead.select("iso3", "origin", fit=pl.lit(year))
    return pl.concat(
        keys.with_columns(estimator=pl.lit(name), odds=_pack_members(_find_estimator(name)(past, ahead, outcome.signs)))
        for name in estimators
    )


def _forecast_origins(odds: pl.DataFrame, rows: pl.DataFrame, outcome: Outcome, origins: Iterable[int]) -> pl.DataFrame:
    """One estimator's forecasts at every origin."""
    forecasts = pl.concat(_forecast_origin(odds, rows, outcome, origin) for origin in origins)
    return forecasts.with_columns(estimator=pl.lit(odds["estimator"][0]))


def _forecast_origin(odds: pl.DataFrame, rows: pl.DataFrame, outcome: Outcome, origin: int) -> pl.DataFrame:
    """One estimator's forecasts at one origin, calibrated on its forecasts of earlier origins."""
    blocks = group_origins_by_fit([origin], outcome.lag, outcome.horizon)
    refits = {(year, past) for year, block in blocks.items() for past in block if past != origin}
    fits = pl.DataFrame(sorted(refits), schema={"fit": pl.Int32, "origin": pl.Int64}, orient="row")
    known = select_known_rows(rows, outcome, origin)
    past = known.join(odds.join(fits, on=["fit", "origin"]), on=["iso3", "origin"], maintain_order="left")
    now = rows.join(odds.filter(fit=origin, origin=origin), on=["iso3", "origin"], maintain_order="left")
    is_engine, members = str(odds["estimator"][0]).startswith(ENGINE_NAME), _unpack_members(now)
    if past.is_empty():
        calibration = build_prior_calibration(len(members))
    else:
        calibration = fit_calibration(_unpack_members(past), past, free=not is_engine)
    forecast = calibration.forecast_probabilities(members, now["status"])
    if not is_engine:
        forecast = forecast.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    return now.select("iso3", "origin", "observed", status="fact").hstack(forecast)


def _pack_members(members: Array) -> pl.Series:
    return pl.Series(members.T.tolist(), dtype=pl.List(pl.Float64))


def _unpack_members(rows: pl.DataFrame) -> Array:
    return np.ascontiguousarray(np.array(rows["odds"].to_list()).T)
