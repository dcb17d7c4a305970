"""Training and back-testing on request, each recorded in MLflow."""

from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from features.panel import build_panel
from features.snapshot import checksum, verify
from features.vocabulary import LATEST_ORIGIN, OUTCOMES, Profile
from models.backtest import backtest
from models.estimator import PARAMETERS
from models.metrics import table
from models.store import fingerprint, obtain_models
from models.tracking import record_backtest, record_training
from models.train import Model
from risk.outputs import only_run, staged_outputs, write_parquet
from risk.pipeline import PROFILE

BOTH: tuple[Profile, ...] = ("calendar", "snapshot")


def train_anew(out: Path) -> list[Model]:
    """Train every outcome's model whether or not a saved one would do, save them for scoring, and record the run."""
    verify()
    snapshot = checksum()
    key = fingerprint(snapshot, PROFILE)
    panel = build_panel(PROFILE)
    with only_run(out):
        models, _ = obtain_models(panel, out / "models", key, PROFILE, LATEST_ORIGIN, anew=True)
        record_training(out, models, PARAMETERS, {"snapshot": snapshot, "fingerprint": key, "profile": PROFILE})
    return models


def run_backtest(out: Path, outcome: str, origins: str) -> pl.DataFrame:
    """Forecast past origins again in both profiles, keep the forecasts in out/backtest, and return their figures.

    `origins` is FIRST:LAST. Raises BadInput for an unknown outcome or a range that is none.
    """
    if outcome not in OUTCOMES:
        raise BadInput(f"unknown outcome {outcome!r}, expected one of {', '.join(OUTCOMES)}")
    first, last = _range(origins)
    forecasts = pl.concat(backtest(outcome, profile, range(first, last + 1)) for profile in BOTH)
    figures = table(forecasts)
    with staged_outputs(out / "backtest") as staging:
        write_parquet(forecasts, staging / f"{outcome}.parquet")
    record_backtest(out, figures, out / "backtest" / f"{outcome}.parquet")
    return figures


def _range(origins: str) -> tuple[int, int]:
    first, separator, last = origins.partition(":")
    if (
        not separator
        or not (first.isdigit() and last.isdigit())
        or not 1990 <= int(first) <= int(last) <= LATEST_ORIGIN
    ):
        raise BadInput(f"origins {origins!r}: expected FIRST:LAST between 1990 and {LATEST_ORIGIN}, such as 2000:2021")
    return int(first), int(last)
