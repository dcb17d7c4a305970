"""Rolling origins: refit at each on what was known by then, forecast, and keep every forecast."""

from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
from joblib import Parallel, delayed

from features.cards import RAW
from features.panel import build_panel
from features.vocabulary import Profile
from models.baselines import one_indicator, persistence, ridge_logit
from models.calibration import calibrated
from models.matrix import Array
from models.outcomes import events, in_words, label_lag, labels
from models.splits import training_rows
from models.train import labelled, train

REPORTED = range(2000, 2022)
FORECAST = (
    "iso3", "origin", "outcome", "estimator", "profile", "probability", "low", "high", "observed", "status",
)  # fmt: skip
BASELINES: dict[str, Callable[[pl.DataFrame, pl.DataFrame], Array]] = {
    "persistence": persistence,
    "one indicator": one_indicator,
    "ridge logit": ridge_logit,
}


def backtest(
    outcome: str, profile: Profile, origins: Iterable[int] = REPORTED, jobs: int = 2, raw: Path = RAW
) -> pl.DataFrame:
    """Every estimator's forecast for each partner at each origin.

    Columns iso3, origin, outcome, estimator, profile, probability, low, high, observed, status; `status` is what
    the facts now say of the year of the origin, so that both profiles are measured on the same rows.
    """
    rows = labelled(build_panel(profile, raw), labels(raw), outcome)
    lag = label_lag(outcome, profile, raw)
    made = Parallel(n_jobs=jobs)(delayed(_forecasts)(rows, outcome, origin, lag) for origin in origins)
    true_status = events(raw).select("iso3", pl.col("year").alias("origin"), status=in_words(pl.col(outcome)))
    forecasts: pl.LazyFrame = (
        pl.concat(made)
        .lazy()
        .join(true_status, on=["iso3", "origin"], how="left")
        .with_columns(outcome=pl.lit(outcome), profile=pl.lit(profile))
        .sort("estimator", "origin", "iso3")
    )
    return forecasts.select(*FORECAST).collect()


def _forecasts(rows: pl.DataFrame, outcome: str, origin: int, lag: int) -> pl.DataFrame:
    """All estimators at one origin: iso3, origin, observed, estimator, probability, low, high."""
    past, ahead = training_rows(rows, origin, lag), rows.filter(pl.col("origin") == origin)
    model = train(rows, outcome, origin, lag)
    made = calibrated(model.ensemble.log_odds(ahead), ahead["status"], model.point, model.sampled)
    keys = ahead.select("iso3", "origin", "observed")
    engine = keys.with_columns(
        pl.Series("probability", made.probability),
        pl.Series("low", made.low),
        pl.Series("high", made.high),
        estimator=pl.lit("engine"),
    )
    others = [
        keys.with_columns(pl.Series("probability", estimate(past, ahead)), estimator=pl.lit(name))
        for name, estimate in BASELINES.items()
    ]
    return pl.concat([engine, *others], how="diagonal")
