"""Trains and promotes models on request, recorded in MLflow."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.labels import describe_features
from features.panel import build_panel
from features.refresh.exchange import lock_for_reading
from features.snapshot.snapshot import Snapshot
from features.vocabulary import DEFAULT_PROFILE, HEADLINE_OUTCOME, LATEST_ORIGIN
from models.evaluation.backtest import ENGINE_NAME, backtest_outcome
from models.evaluation.metrics import pivot_figures, tabulate_figures
from models.evaluation.plots import draw_feature_weights
from models.inference.reasons import list_reasons
from models.registry.champion import install_model, load_champions
from models.registry.fingerprint import Fingerprint, compute_fingerprint
from models.registry.promotion import build_forecasts_path, promote_challengers
from models.registry.store import load_or_train
from models.registry.tracking import MlflowRun, ModelVersion, keep_forecasts, record_training
from models.training.calibration import HALF_LIFE as CALIBRATION_HALF_LIFE
from models.training.estimator import HALF_LIFE, PARAMETERS
from models.training.linear import RIDGE_ON_RANKS, RIDGE_ON_SCORES
from models.training.outcomes import build_outcome
from models.training.train import Model, list_kept_members
from risk.outputs.atomic_swap import hold_run_lock
from risk.outputs.writing import stage_outputs, write_parquet
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook

MODEL_CARD = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "model_card.md"


@dataclass(frozen=True)
class TrainingResult:
    """The trained models, and one line per result."""

    models: list[Model]
    lines: list[str]


def retrain_models(out: Path, snapshot: Snapshot, promoting: bool = False) -> TrainingResult:
    """Train every outcome's model, record the run, and register the models as challengers.

    Without a champion they become it. With `promoting`, they replace it if their back-test is better.
    """
    snapshot.verify()
    checksum = snapshot.compute_checksum()
    key = compute_fingerprint(checksum, DEFAULT_PROFILE)
    panel = build_panel(DEFAULT_PROFILE, snapshot)
    with hold_run_lock(out), lock_for_reading(snapshot.folder), TemporaryDirectory() as aside:
        folder = Path(aside)
        models, _ = load_or_train(panel, folder, key, DEFAULT_PROFILE, LATEST_ORIGIN, snapshot, anew=True)
        files = [
            _draw_headline_weights(models, panel, folder, snapshot),
            *([MODEL_CARD] if MODEL_CARD.exists() else []),
        ]
        registered = record_training(out, _build_training_run(models, key, checksum, files), folder)
        lines = [_describe_registration(registered, load_champions(out, key.panel))]
        _keep_forecasts(out, key, registered, panel, snapshot, run_backtest=promoting)
        if promoting:
            lines.append(promote_challengers(out).line)
        champions = load_champions(out, key.panel)
        for outcome in registered:
            if champions[outcome].panel != key.panel:
                install_model(folder, outcome, out / "models")
    return TrainingResult(models, lines)


def _keep_forecasts(
    out: Path,
    key: Fingerprint,
    registered: dict[str, ModelVersion],
    panel: pl.DataFrame,
    snapshot: Snapshot,
    run_backtest: bool,
) -> None:
    """Store the headline outcome's back-test with the versions, running it first if requested."""
    path = build_forecasts_path(out, key)
    if run_backtest and not path.exists():
        forecasts = backtest_outcome(
            panel,
            build_outcome(HEADLINE_OUTCOME, DEFAULT_PROFILE, snapshot),
            DEFAULT_PROFILE,
            estimators=(ENGINE_NAME,),
        )
        _write_forecasts(forecasts, path)
    if path.exists():
        forecasts = pl.read_parquet(path).filter(profile=DEFAULT_PROFILE)
        keep_forecasts(
            out, registered[HEADLINE_OUTCOME], path, name_figures(pivot_figures(tabulate_figures(forecasts)))
        )


def _write_forecasts(forecasts: pl.DataFrame, path: Path) -> None:
    with stage_outputs(path.parent) as staging:
        write_parquet(forecasts, staging / path.name)


def _build_training_run(models: list[Model], key: Fingerprint, snapshot: str, files: list[Path]) -> MlflowRun:
    parameters = list_parameters() | {"profile": DEFAULT_PROFILE, "origin": LATEST_ORIGIN}
    metrics: dict[str, float] = {}
    for model in models:
        parameters[f"{model.outcome}_features"] = len(model.ensemble.columns)
        parameters[f"{model.outcome}_trained_to"] = model.trained_to
        parameters[f"{model.outcome}_members"] = ", ".join(list_kept_members(model))
        slope = float(model.calibration.overall.point[1])
        metrics |= {f"{model.outcome}/base_rate": model.base_rate, f"{model.outcome}/slope": slope}
    tags = {"snapshot": snapshot, "profile": DEFAULT_PROFILE} | key._asdict()
    return MlflowRun(f"train-{key.recipe[:8]}", parameters, metrics, list_input_checksums(snapshot), tags, files)


def _draw_headline_weights(models: list[Model], panel: pl.DataFrame, folder: Path, snapshot: Snapshot) -> Path:
    """A picture of what the headline's forecasts weigh most, by SHAP."""
    model = next(model for model in models if model.outcome == HEADLINE_OUTCOME)
    path = folder / "shap_summary.png"
    draw_feature_weights(
        list_reasons(model, panel.filter(pl.col("origin") == LATEST_ORIGIN), describe_features(snapshot)), path
    )
    return path


def list_parameters() -> dict[str, object]:
    """List the models' fitting parameters."""
    ridge = {"ridge_on_scores": RIDGE_ON_SCORES, "ridge_on_ranks": RIDGE_ON_RANKS}
    return PARAMETERS | ridge | {"half_life_training": HALF_LIFE, "half_life_calibration": CALIBRATION_HALF_LIFE}


def list_input_checksums(snapshot: str) -> dict[str, str]:
    """List the checksums of a run's inputs."""
    return {"data/raw": snapshot, "risk/rulebook": read_rulebook(RULEBOOK_FOLDER).checksum}


def name_figures(figures: pl.DataFrame) -> dict[str, float]:
    """Name every figure by profile, outcome, subset, estimator and figure."""
    keys = ("profile", "outcome", "subset", "estimator")
    return {
        "/".join([*(row[key].replace(" ", "_") for key in keys), name]): float(value)
        for row in figures.to_dicts()
        for name, value in row.items()
        if name not in keys and value is not None
    }


def _describe_registration(registered: dict[str, ModelVersion], champions: dict[str, ModelVersion]) -> str:
    numbers = ", ".join(f"{outcome} version {version.number}" for outcome, version in registered.items())
    first = all(champions[outcome].number == version.number for outcome, version in registered.items())
    return f"registered {numbers}: " + ("also champion (the first version)" if first else "challenger")
