"""Training, promotion and back-testing on request, each recorded in MLflow."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.labels import describe
from features.panel import build_panel
from features.refresh.exchange import reading
from features.snapshot.compile import checksum, verify
from features.vocabulary import HEADLINE, LATEST_ORIGIN, PROFILE
from models.evaluation.backtest import ENGINE, backtest
from models.evaluation.metrics import table, wide
from models.evaluation.plots import weights
from models.inference.reasons import reasons
from models.registry.champion import current, install
from models.registry.fingerprint import Fingerprint, fingerprint
from models.registry.promotion import kept_file, promote
from models.registry.store import obtain_models
from models.registry.tracking import Record, Version, keep_forecasts, record_training
from models.training.calibration import HALF_LIFE as CALIBRATION_HALF_LIFE
from models.training.estimator import HALF_LIFE, PARAMETERS
from models.training.linear import RIDGE_ON_RANKS, RIDGE_ON_SCORES
from models.training.outcomes import built_in
from models.training.train import Model, kept_members
from risk.outputs.atomic_swap import only_run
from risk.outputs.writing import staged_outputs, write_parquet
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK

MODEL_CARD = Path(__file__).resolve().parents[2] / "docs" / "model_card.md"


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
    with only_run(out), reading(), TemporaryDirectory() as aside:
        folder = Path(aside)
        models, _ = obtain_models(panel, folder, key, PROFILE, LATEST_ORIGIN, anew=True)
        files = [_picture(models, panel, folder), *([MODEL_CARD] if MODEL_CARD.exists() else [])]
        registered = record_training(out, _record(models, key, snapshot, files), folder)
        lines = [_registered(registered, current(out, key.panel))]
        _keep_forecasts(out, key, registered, panel, make=promoting)
        if promoting:
            lines.append(promote(out).line)
        champions = current(out, key.panel)
        for outcome in registered:
            if champions[outcome].panel != key.panel:
                install(folder, outcome, out / "models")
    return Training(models, lines)


def _keep_forecasts(
    out: Path, key: Fingerprint, registered: dict[str, Version], panel: pl.DataFrame, make: bool
) -> None:
    """Keep the headline's back-test with the versions, if it has been made or is to be made now."""
    path = kept_file(out, key)
    if make and not path.exists():
        forecasts = backtest(panel, built_in(HEADLINE, PROFILE), PROFILE, estimators=(ENGINE,))
        _write_forecasts(forecasts, path)
    if path.exists():
        forecasts = pl.read_parquet(path).filter(profile=PROFILE)
        keep_forecasts(out, registered[HEADLINE], path, named(wide(table(forecasts))))


def _write_forecasts(forecasts: pl.DataFrame, path: Path) -> None:
    with staged_outputs(path.parent) as staging:
        write_parquet(forecasts, staging / path.name)


def _record(models: list[Model], key: Fingerprint, snapshot: str, files: list[Path]) -> Record:
    told = parameters() | {"profile": PROFILE, "origin": LATEST_ORIGIN}
    metrics: dict[str, float] = {}
    for model in models:
        told[f"{model.outcome}_features"] = len(model.ensemble.columns)
        told[f"{model.outcome}_trained_to"] = model.trained_to
        told[f"{model.outcome}_members"] = ", ".join(kept_members(model))
        slope = float(model.calibration.overall.point[1])
        metrics |= {f"{model.outcome}/base_rate": model.base_rate, f"{model.outcome}/slope": slope}
    tags = {"snapshot": snapshot, "profile": PROFILE} | key._asdict()
    return Record(f"train-{key.recipe[:8]}", told, metrics, inputs(snapshot), tags, files)


def _picture(models: list[Model], panel: pl.DataFrame, folder: Path) -> Path:
    """A picture of what the headline's forecasts weigh most, by SHAP."""
    model = next(model for model in models if model.outcome == HEADLINE)
    path = folder / "shap_summary.png"
    weights(reasons(model, panel.filter(pl.col("origin") == LATEST_ORIGIN), describe()), path)
    return path


def parameters() -> dict[str, object]:
    """What the models are fitted with."""
    ridge = {"ridge_on_scores": RIDGE_ON_SCORES, "ridge_on_ranks": RIDGE_ON_RANKS}
    return PARAMETERS | ridge | {"half_life_training": HALF_LIFE, "half_life_calibration": CALIBRATION_HALF_LIFE}


def inputs(snapshot: str) -> dict[str, str]:
    """Checksums of what a run reads."""
    return {"data/raw": snapshot, "risk/rulebook": read_rulebook(RULEBOOK).checksum}


def named(figures: pl.DataFrame) -> dict[str, float]:
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
