"""Rolling origins: refit at each on what was known by then, calibrate inside it, forecast, and keep every forecast."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import polars as pl
from joblib import delayed

from models.baselines import BASELINES
from models.calibration import calibrate, held_at_the_prior
from models.estimator import fit_ensemble
from models.matrix import Array, feature_columns
from models.outcomes import Outcome, labelled
from models.parallel import in_parallel
from models.splits import fits, training_rows
from models.train import KNOWN_LATER, known_by, teachable, too_early

REPORTED = range(2000, 2022)
ENGINE = "engine"
FORECAST = (
    "iso3", "origin", "outcome", "estimator", "profile", "probability", "low", "high", "observed", "status",
    "onset_probability", "ongoing_probability",
)  # fmt: skip

Estimate = Callable[[pl.DataFrame, pl.DataFrame, Mapping[str, int]], Array]


def engine(past: pl.DataFrame, ahead: pl.DataFrame, signs: Mapping[str, int]) -> Array:
    """Members × rows of log-odds; `signs` are those of own indicators."""
    return fit_ensemble(past, feature_columns(past), signs).log_odds(ahead)


ESTIMATORS: dict[str, Estimate] = {ENGINE: engine} | {
    name: lambda past, ahead, _, estimate=estimate: estimate(past, ahead)[np.newaxis]  # type: ignore[misc]
    for name, estimate in BASELINES.items()
}


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
    rows, asked, names = labelled(panel, outcome), sorted(origins), list(estimators)
    tasks = []
    for year, ahead in fits(asked, outcome.lag, outcome.horizon).items():
        past = training_rows(rows, year, outcome.lag, outcome.horizon)
        if teachable(past):
            tasks.append(delayed(_odds)(past, rows.filter(pl.col("origin").is_in(ahead)), year, names, outcome.signs))
        elif year in asked:
            raise too_early(year)
    made = pl.concat(in_parallel(tasks, min(jobs, len(tasks)), f"{outcome.name} {profile}"))
    known = rows.select(KNOWN_LATER)
    calibrating = [delayed(_forecasts)(made.filter(estimator=name), known, outcome, asked) for name in names]
    forecasts: pl.DataFrame = pl.concat(in_parallel(calibrating, min(jobs, len(calibrating))))
    named = forecasts.with_columns(outcome=pl.lit(outcome.name), profile=pl.lit(profile))
    return named.sort("estimator", "origin", "iso3").select(FORECAST)


def _odds(
    past: pl.DataFrame, ahead: pl.DataFrame, year: int, estimators: Iterable[str], signs: Mapping[str, int]
) -> pl.DataFrame:
    """Long: iso3, origin, fit (its year), estimator and odds, a list of the members' log-odds."""
    keys = ahead.select("iso3", "origin", fit=pl.lit(year))
    return pl.concat(
        keys.with_columns(estimator=pl.lit(name), odds=_listed(ESTIMATORS[name](past, ahead, signs)))
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
    of_engine, members = made["estimator"][0] == ENGINE, _members(now)
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
