"""Rolling origins: refit at each on what was known by then, calibrate inside it, forecast, and keep every forecast."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
import polars as pl
from joblib import delayed

from models.evaluation.baselines import BASELINES
from models.parallel.cluster import linked, placed
from models.parallel.pool import in_parallel
from models.training.calibration import calibrate, held_at_the_prior
from models.training.estimator import fit_ensemble
from models.training.matrix import Array, feature_columns
from models.training.outcomes import Outcome, labelled
from models.training.splits import fits, training_rows
from models.training.train import KNOWN_LATER, known_by, teachable, too_early

REPORTED = range(2000, 2022)
ENGINE, SEEDED = "engine", "engine, seed "
# Estimators whose fits take the longest, seconds where others take hundredths.
LONGEST = (ENGINE, "elastic net", "random forest")
FORECAST = (
    "iso3", "origin", "outcome", "estimator", "profile", "probability", "low", "high", "observed", "status",
    "onset_probability", "ongoing_probability",
)  # fmt: skip

Estimate = Callable[[pl.DataFrame, pl.DataFrame, Mapping[str, int]], Array]


def engine(past: pl.DataFrame, ahead: pl.DataFrame, signs: Mapping[str, int], seed: int = 0) -> Array:
    """Members × rows of log-odds; `signs` are those of own indicators."""
    return fit_ensemble(past, feature_columns(past), signs, seed).log_odds(ahead)


def _baseline(
    estimate: Callable[[pl.DataFrame, pl.DataFrame], Array], past: pl.DataFrame, ahead: pl.DataFrame, _: object
) -> Array:
    return estimate(past, ahead)[np.newaxis]


ESTIMATORS: dict[str, Estimate] = {
    ENGINE: engine,
    **{name: partial(_baseline, estimate) for name, estimate in BASELINES.items()},
}


def seeded(seed: int) -> str:
    """The engine as an estimator whose draws are those of a seed; with nought, the engine itself."""
    return f"{SEEDED}{seed}" if seed else ENGINE


def _estimate(estimator: str) -> Estimate:
    if estimator.startswith(SEEDED):
        return partial(engine, seed=int(estimator.removeprefix(SEEDED)))
    return ESTIMATORS[estimator]


class Request(NamedTuple):
    """A back-test asked for: the panel of a lag profile and the outcome to forecast."""

    panel: pl.DataFrame
    outcome: Outcome
    profile: str


def backtest(
    panel: pl.DataFrame,
    outcome: Outcome,
    profile: str,
    origins: Iterable[int] = REPORTED,
    estimators: Iterable[str] = tuple(ESTIMATORS),
    jobs: int = 2,
) -> pl.DataFrame:
    """Every estimator's forecast for each partner at each origin, with the columns of FORECAST, sorted.

    `status` is what the facts now say of the year of the origin, so that both profiles are measured on the same rows.
    All estimators are calibrated alike, on forecasts made again for origins whose outcome was known by then; where
    there are none yet, they stand as they are. Only the engine gives an interval. Raises BadInput for an origin before
    which too little was known.
    """
    [forecasts] = backtests([Request(panel, outcome, profile)], origins, estimators, jobs)
    return forecasts


def backtests(
    requests: Sequence[Request],
    origins: Iterable[int] = REPORTED,
    estimators: Iterable[str] = tuple(ESTIMATORS),
    jobs: int = 2,
) -> list[pl.DataFrame]:
    """The back-test of every request, in order; the fits of all run side by side."""
    asked, names = sorted(origins), list(estimators)
    rows = [labelled(one.panel, one.outcome) for one in requests]
    plans = [_years(held, one.outcome, asked) for held, one in zip(rows, requests, strict=True)]
    # Where rows are shipped once, smaller tasks spread wider and repeat less when a worker dies. The longest come
    # first, so that at the end no worker waits for one that began last.
    apart = [[name] for name in sorted(names, key=_shortness)] if linked() else [names]
    fitting = [
        delayed(_odds)(shared, one.outcome, year, ahead, some)
        for shared, one, plan in zip(map(placed, rows), requests, plans, strict=True)
        for some in apart
        for year, ahead in plan.items()
    ]
    made = iter(list(in_parallel(fitting, min(jobs, len(fitting)), _title(requests))))
    odds = [pl.concat(islice(made, len(plan) * len(apart))) for plan in plans]
    known = [placed(held.select(KNOWN_LATER)) for held in rows]
    calibrating = [
        delayed(_forecasts)(mine.filter(estimator=name), shared, one.outcome, asked)
        for mine, shared, one in zip(odds, known, requests, strict=True)
        for name in names
    ]
    forecasts = iter(list(in_parallel(calibrating, min(jobs, len(calibrating)))))
    return [_named(pl.concat(islice(forecasts, len(names))), one) for one in requests]


def _shortness(estimator: str) -> int:
    return next((place for place, name in enumerate(LONGEST) if estimator.startswith(name)), len(LONGEST))


def _named(forecasts: pl.DataFrame, request: Request) -> pl.DataFrame:
    named = forecasts.with_columns(outcome=pl.lit(request.outcome.name), profile=pl.lit(request.profile))
    return named.sort("estimator", "origin", "iso3").select(FORECAST)


def _title(requests: Sequence[Request]) -> str:
    """What the fits are of: one back-test by its name, or how many."""
    first = requests[0]
    return f"{first.outcome.name} {first.profile}" if len(requests) == 1 else f"{len(requests)} back-tests"


def _years(rows: pl.DataFrame, outcome: Outcome, asked: Sequence[int]) -> dict[int, list[int]]:
    """For each year as of which something can be learnt, the origins that its fit forecasts.

    Raises BadInput where nothing can be for an origin asked for.
    """
    planned = fits(asked, outcome.lag, outcome.horizon)
    able = {year for year in planned if teachable(training_rows(rows, year, outcome.lag, outcome.horizon))}
    if early := [year for year in asked if year not in able]:
        raise too_early(early[0])
    return {year: ahead for year, ahead in planned.items() if year in able}


def _odds(
    rows: pl.DataFrame, outcome: Outcome, year: int, origins: Iterable[int], estimators: Iterable[str]
) -> pl.DataFrame:
    """Long: iso3, origin, fit (its year), estimator and odds, a list of the members' log-odds."""
    past = training_rows(rows, year, outcome.lag, outcome.horizon)
    ahead = rows.filter(pl.col("origin").is_in(list(origins)))
    keys = ahead.select("iso3", "origin", fit=pl.lit(year))
    return pl.concat(
        keys.with_columns(estimator=pl.lit(name), odds=_listed(_estimate(name)(past, ahead, outcome.signs)))
        for name in estimators
    )


def _forecasts(made: pl.DataFrame, rows: pl.DataFrame, outcome: Outcome, origins: Iterable[int]) -> pl.DataFrame:
    """One estimator's forecasts at every origin."""
    forecasts = pl.concat(_forecast(made, rows, outcome, origin) for origin in origins)
    return forecasts.with_columns(estimator=pl.lit(made["estimator"][0]))


def _forecast(made: pl.DataFrame, rows: pl.DataFrame, outcome: Outcome, origin: int) -> pl.DataFrame:
    """One estimator's forecasts at one origin, calibrated on those it made again for earlier origins."""
    blocks = fits([origin], outcome.lag, outcome.horizon)
    again = {(year, past) for year, block in blocks.items() for past in block if past != origin}
    chosen = pl.DataFrame(sorted(again), schema={"fit": pl.Int32, "origin": pl.Int64}, orient="row")
    known = known_by(rows, outcome, origin)
    past = known.join(made.join(chosen, on=["fit", "origin"]), on=["iso3", "origin"], maintain_order="left")
    now = rows.join(made.filter(fit=origin, origin=origin), on=["iso3", "origin"], maintain_order="left")
    of_engine, members = str(made["estimator"][0]).startswith(ENGINE), _members(now)
    if past.is_empty():
        calibration = held_at_the_prior(len(members))
    else:
        calibration = calibrate(_members(past), past, free=not of_engine)
    forecast = calibration.forecast(members, now["status"])
    if not of_engine:
        forecast = forecast.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    return now.select("iso3", "origin", "observed", status="fact").hstack(forecast)


def _listed(members: Array) -> pl.Series:
    return pl.Series(members.T.tolist(), dtype=pl.List(pl.Float64))


def _members(rows: pl.DataFrame) -> Array:
    return np.ascontiguousarray(np.array(rows["odds"].to_list()).T)
