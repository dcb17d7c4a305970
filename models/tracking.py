"""Runs recorded in MLflow: the only file that imports it, and only when called; telemetry off, 127.0.0.1 only."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import polars as pl

from models.train import Model


def record_training(
    out: Path, models: Sequence[Model], parameters: Mapping[str, object], tags: Mapping[str, str]
) -> None:
    """One run with a nested run an outcome: parameters, base rate, calibration and the saved model."""
    mlflow = _mlflow(out, "training")
    with mlflow.start_run(run_name=f"train-{models[0].name.rsplit('-', 1)[-1]}", tags=dict(tags)):
        mlflow.log_params(dict(parameters))
        for model in models:
            with mlflow.start_run(run_name=model.name, nested=True):
                mlflow.log_params(
                    {"outcome": model.outcome, "features": len(model.ensemble.columns), "trained_to": model.trained_to}
                )
                mlflow.log_metrics({"base_rate": model.base_rate, "slope": model.point[1]})
                for path in sorted((out / "models").glob(f"{model.outcome}[-.]*")):
                    mlflow.log_artifact(str(path), "model")


def record_backtest(out: Path, figures: pl.DataFrame, forecasts: Path) -> None:
    """One run a back-test, with each figure as a metric and the kept forecasts as an artifact."""
    mlflow = _mlflow(out, "backtest")
    with mlflow.start_run(run_name=forecasts.stem):
        for row in figures.to_dicts():
            name = "/".join(row.pop(key).replace(" ", "_") for key in ("profile", "outcome", "subset", "estimator"))
            mlflow.log_metrics({f"{name}/{figure}": value for figure, value in row.items() if value == value})
        mlflow.log_artifact(str(forecasts))


def serve(out: Path, port: int) -> None:
    """Run MLflow's pages at 127.0.0.1 until interrupted."""
    command = ["mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    quiet = os.environ | _SWITCHES | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    subprocess.run([sys.executable, "-m", *command, "--backend-store-uri", _store(out)], env=quiet, check=False)


_SWITCHES = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def _mlflow(out: Path, experiment: str) -> ModuleType:
    os.environ.update(_SWITCHES)
    import mlflow

    out.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(_store(out))
    if mlflow.get_experiment_by_name(experiment) is None:
        mlflow.create_experiment(experiment, artifact_location=(out / "mlflow").resolve().as_uri())
    mlflow.set_experiment(experiment)
    return mlflow


def _store(out: Path) -> str:
    return f"sqlite:///{(out / 'mlflow.db').resolve()}"
