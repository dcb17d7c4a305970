"""Training, promotion and back-testing on request, each recorded in MLflow."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.bad_input import BadInput
from features.panel import build_panel
from features.snapshot import checksum, verify
from features.vocabulary import LATEST_ORIGIN, OUTCOMES, Profile
from models.backtest import REPORTED, backtest
from models.champion import current, install
from models.estimator import PARAMETERS, SEEDS
from models.linear import RIDGE
from models.metrics import table
from models.promotion import HEADLINE, kept_file, promote
from models.store import Fingerprint, fingerprint, obtain_models
from models.tracking import Record, Version, keep_forecasts, record_backtest, record_training
from models.train import Model
from risk.outputs import only_run, staged_outputs, write_parquet
from risk.pipeline import PROFILE, RULEBOOK, rulebook_checksum

BOTH: tuple[Profile, ...] = ("calendar", "snapshot")
MODEL_CARD = Path(__file__).resolve().parents[1] / "docs" / "model-card.md"


@dataclass(frozen=True)
class Training:
    """The models trained, and a line for each thing that became of them."""

    models: list[Model]
    lines: list[str]


def train_anew(out: Path, promoting: bool = False) -> Training:
    """Train every outcome's model, record the run, and register the models as challengers.

    Where there is no champion they become it. With `promoting`, they take its place if their back-test was better.
    """
    verify()
    snapshot = checksum()
    key = fingerprint(snapshot, PROFILE)
    panel = build_panel(PROFILE)
    with only_run(out), TemporaryDirectory() as aside:
        folder = Path(aside)
        models, _ = obtain_models(panel, folder, key, PROFILE, LATEST_ORIGIN, anew=True)
        registered = record_training(out, _record(models, key, snapshot), folder)
        lines = [_registered(registered, current(out, key.panel))]
        _keep_forecasts(out, key, registered, make=promoting)
        if promoting:
            lines.append(promote(out).line)
        champions = current(out, key.panel)
        for outcome in registered:
            if champions[outcome].panel != key.panel:
                install(folder, outcome, out / "models")
    return Training(models, lines)


def run_backtest(out: Path, outcome: str, origins: str) -> pl.DataFrame:
    """Forecast past origins again in both profiles, keep the forecasts in out/backtest, and return their figures.

    `origins` is FIRST:LAST. Raises BadInput for an unknown outcome or a range that is none.
    """
    if outcome not in OUTCOMES:
        raise BadInput(f"unknown outcome {outcome!r}, expected one of {', '.join(OUTCOMES)}")
    first, last = _range(origins)
    chosen = range(first, last + 1)
    forecasts = pl.concat(backtest(outcome, profile, chosen) for profile in BOTH)
    figures = table(forecasts)
    snapshot = checksum()
    key = fingerprint(snapshot, PROFILE)
    path = out / "backtest" / f"{outcome}.parquet"
    for kept in (path, *([kept_file(out, key, outcome)] if chosen == REPORTED else [])):
        _write_forecasts(forecasts, kept)
    parameters = _parameters() | {"outcome": outcome, "origins": origins}
    record = Record(outcome, parameters, _named(figures), _inputs(snapshot), key._asdict(), [path])
    record_backtest(out, record)
    return figures


def _keep_forecasts(out: Path, key: Fingerprint, registered: dict[str, Version], make: bool) -> None:
    """Keep the headline's back-test with the versions, if it has been made or is to be made now."""
    path = kept_file(out, key)
    if make and not path.exists():
        _write_forecasts(backtest(HEADLINE, PROFILE), path)
    if path.exists():
        forecasts = pl.read_parquet(path).filter(profile=PROFILE)
        keep_forecasts(out, registered[HEADLINE], path, _named(table(forecasts)))


def _write_forecasts(forecasts: pl.DataFrame, path: Path) -> None:
    with staged_outputs(path.parent) as staging:
        write_parquet(forecasts, staging / path.name)


def _record(models: list[Model], key: Fingerprint, snapshot: str) -> Record:
    parameters = _parameters() | {"profile": PROFILE, "origin": LATEST_ORIGIN}
    metrics: dict[str, float] = {}
    for model in models:
        parameters[f"{model.outcome}_features"] = len(model.ensemble.columns)
        parameters[f"{model.outcome}_trained_to"] = model.trained_to
        metrics |= {f"{model.outcome}/base_rate": model.base_rate, f"{model.outcome}/slope": float(model.point[1])}
    tags = {"snapshot": snapshot, "profile": PROFILE} | key._asdict()
    files = [MODEL_CARD] if MODEL_CARD.exists() else []
    return Record(f"train-{key.recipe[:8]}", parameters, metrics, _inputs(snapshot), tags, files)


def _parameters() -> dict[str, object]:
    return PARAMETERS | {"ridge": RIDGE, "seeds": SEEDS}


def _inputs(snapshot: str) -> dict[str, str]:
    return {"data/raw": snapshot, "risk/rulebook": rulebook_checksum(RULEBOOK)}


def _named(figures: pl.DataFrame) -> dict[str, float]:
    """Every figure by profile, outcome, subset, estimator and its own name."""
    keys = ("profile", "outcome", "subset", "estimator")
    return {
        "/".join([*(row[key].replace(" ", "_") for key in keys), name]): float(value)
        for row in figures.to_dicts()
        for name, value in row.items()
        if name not in keys and value is not None
    }


def _registered(registered: dict[str, Version], champions: dict[str, Version]) -> str:
    numbers = ", ".join(f"{outcome} version {version.number}" for outcome, version in registered.items())
    first = all(champions[outcome].number == version.number for outcome, version in registered.items())
    return f"registered {numbers}: " + ("champion too, the first: nothing to beat" if first else "challenger")


def _range(origins: str) -> tuple[int, int]:
    first, separator, last = origins.partition(":")
    if (
        not separator
        or not (first.isdigit() and last.isdigit())
        or not 1990 <= int(first) <= int(last) <= LATEST_ORIGIN
    ):
        raise BadInput(f"origins {origins!r}: expected FIRST:LAST between 1990 and {LATEST_ORIGIN}, such as 2000:2021")
    return int(first), int(last)
