"""Rolling origins: refit at each on what was known by then, calibrate inside it, forecast, and keep every forecast."""

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
# Estimators whose fits take the longest, seconds where others take hundredths.
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
    """The engine as an estimator whose draws are those of a seed; with nought, the engine itself."""
    return f"{SEEDED_PREFIX}{seed}" if seed else ENGINE_NAME


def _find_estimator(estimator: str) -> EstimatorFunction:
    if estimator.startswith(SEEDED_PREFIX):
        return partial(forecast_with_engine, seed=int(estimator.removeprefix(SEEDED_PREFIX)))
    return ALL_ESTIMATORS[estimator]


class BacktestRequest(NamedTuple):
    """A back-test asked for: the panel of a lag profile and the outcome to forecast."""

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
    """Every estimator's forecast for each partner at each origin, with the columns of FORECAST, sorted.

    `status` is what the facts now say of the year of the origin, so that both profiles are measured on the same rows.
    All estimators are calibrated alike, on forecasts made again for origins whose outcome was known by then; where
    there are none yet, they stand as they are. Only the engine gives an interval. Raises BadInput for an origin before
    which too little was known.
    """
    [forecasts] = backtest_outcomes([BacktestRequest(panel, outcome, profile)], origins, estimators, jobs)
    return forecasts


def backtest_outcomes(
    requests: Sequence[BacktestRequest],
    origins: Iterable[int] = REPORTED_ORIGINS,
    estimators: Iterable[str] = tuple(ALL_ESTIMATORS),
    jobs: int = 2,
) -> list[pl.DataFrame]:
    """The back-test of every request, in order; the fits of all run side by side."""
    asked, names = sorted(origins), list(estimators)
    rows = [label_panel(one.panel, one.outcome) for one in requests]
    plans = [_group_origins_by_fit(held, one.outcome, asked) for held, one in zip(rows, requests, strict=True)]
    # Where rows are shipped once, smaller tasks spread wider and repeat less when a worker dies. The longest come
    # first, so that at the end no worker waits for one that began last.
    apart = [[name] for name in sorted(names, key=_rank_by_speed)] if get_active_link() else [names]
    fitting = [
        delayed(_compute_odds)(shared, one.outcome, year, ahead, some)
        for shared, one, plan in zip(map(share_value, rows), requests, plans, strict=True)
        for some in apart
        for year, ahead in plan.items()
    ]
    made = iter(list(run_in_parallel(fitting, min(jobs, len(fitting)), _format_title(requests))))
    odds = [pl.concat(islice(made, len(plan) * len(apart))) for plan in plans]
    known = [share_value(held.select(KNOWN_LATER)) for held in rows]
    calibrating = [
        delayed(_forecast_origins)(mine.filter(estimator=name), shared, one.outcome, asked)
        for mine, shared, one in zip(odds, known, requests, strict=True)
        for name in names
    ]
    forecasts = iter(list(run_in_parallel(calibrating, min(jobs, len(calibrating)))))
    return [_label_forecasts(pl.concat(islice(forecasts, len(names))), one) for one in requests]


def _rank_by_speed(estimator: str) -> int:
    return next(
        (place for place, name in enumerate(SLOWEST_ESTIMATORS) if estimator.startswith(name)), len(SLOWEST_ESTIMATORS)
    )


def _label_forecasts(forecasts: pl.DataFrame, request: BacktestRequest) -> pl.DataFrame:
    named = forecasts.with_columns(outcome=pl.lit(request.outcome.name), profile=pl.lit(request.profile))
    return named.sort("estimator", "origin", "iso3").select(FORECAST_COLUMNS)


def _format_title(requests: Sequence[BacktestRequest]) -> str:
    """What the fits are of: one back-test by its name, or how many."""
    first = requests[0]
    return f"{first.outcome.name} {first.profile}" if len(requests) == 1 else f"{len(requests)} back-tests"


def _group_origins_by_fit(rows: pl.DataFrame, outcome: Outcome, asked: Sequence[int]) -> dict[int, list[int]]:
    """For each year as of which something can be learnt, the origins that its fit forecasts.

    Raises BadInput where nothing can be for an origin asked for.
    """
    planned = group_origins_by_fit(asked, outcome.lag, outcome.horizon)
    able = {
        year for year in planned if has_enough_events(select_training_rows(rows, year, outcome.lag, outcome.horizon))
    }
    if early := [year for year in asked if year not in able]:
        raise refuse_early_origin(early[0])
    return {year: ahead for year, ahead in planned.items() if year in able}


def _compute_odds(
    rows: pl.DataFrame, outcome: Outcome, year: int, origins: Iterable[int], estimators: Iterable[str]
) -> pl.DataFrame:
    """Long: iso3, origin, fit (its year), estimator and odds, a list of the members' log-odds."""
    past = select_training_rows(rows, year, outcome.lag, outcome.horizon)
    ahead = rows.filter(pl.col("origin").is_in(list(origins)))
    keys = ahead.select("iso3", "origin", fit=pl.lit(year))
    return pl.concat(
        keys.with_columns(estimator=pl.lit(name), odds=_pack_members(_find_estimator(name)(past, ahead, outcome.signs)))
        for name in estimators
    )


def _forecast_origins(made: pl.DataFrame, rows: pl.DataFrame, outcome: Outcome, origins: Iterable[int]) -> pl.DataFrame:
    """One estimator's forecasts at every origin."""
    forecasts = pl.concat(_forecast_origin(made, rows, outcome, origin) for origin in origins)
    return forecasts.with_columns(estimator=pl.lit(made["estimator"][0]))


def _forecast_origin(made: pl.DataFrame, rows: pl.DataFrame, outcome: Outcome, origin: int) -> pl.DataFrame:
    """One estimator's forecasts at one origin, calibrated on those it made again for earlier origins."""
    blocks = group_origins_by_fit([origin], outcome.lag, outcome.horizon)
    again = {(year, past) for year, block in blocks.items() for past in block if past != origin}
    chosen = pl.DataFrame(sorted(again), schema={"fit": pl.Int32, "origin": pl.Int64}, orient="row")
    known = select_known_rows(rows, outcome, origin)
    past = known.join(made.join(chosen, on=["fit", "origin"]), on=["iso3", "origin"], maintain_order="left")
    now = rows.join(made.filter(fit=origin, origin=origin), on=["iso3", "origin"], maintain_order="left")
    of_engine, members = str(made["estimator"][0]).startswith(ENGINE_NAME), _unpack_members(now)
    if past.is_empty():
        calibration = build_prior_calibration(len(members))
    else:
        calibration = fit_calibration(_unpack_members(past), past, free=not of_engine)
    forecast = calibration.forecast_probabilities(members, now["status"])
    if not of_engine:
        forecast = forecast.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    return now.select("iso3", "origin", "observed", status="fact").hstack(forecast)


def _pack_members(members: Array) -> pl.Series:
    return pl.Series(members.T.tolist(), dtype=pl.List(pl.Float64))


def _unpack_members(rows: pl.DataFrame) -> Array:
    return np.ascontiguousarray(np.array(rows["odds"].to_list()).T)
