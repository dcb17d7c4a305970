"""Runs and versions in MLflow: the only module that imports it, and only when called; telemetry is off."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

from features.bad_input import BadInput
from features.vocabulary import OUTCOME_LABELS, OUTCOMES
from models.registry.mlflow_server import MLFLOW_SWITCHES, choose_artifacts_uri, choose_tracking_uri

CHAMPION_ALIAS, CHALLENGER_ALIAS = "champion", "challenger"
FORECASTS_FOLDER = "forecasts"
# MLflow's limit of metrics per request.
BATCH_SIZE = 1000
# MLflow's limit for the digest of a dataset.
DIGEST_LENGTH = 36


@dataclass(frozen=True)
class MlflowRun:
    """The record of a run; `inputs` holds checksums of what it read by name, `files` files and folders."""

    name: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Path] = ()


@dataclass(frozen=True)
class ModelVersion:
    """A registered version of an outcome's model: its number, its run, and its tags.

    `sha256` is the checksum of the fitted parts, `json_sha256` that of their record.
    """

    outcome: str
    number: int
    run: str
    sha256: str
    json_sha256: str
    panel: str
    recipe: str


def record_training(out: Path, record: MlflowRun, folder: Path) -> dict[str, ModelVersion]:
    """Record a training, register its models, and return the versions by outcome.

    `folder` holds models as models.registry.store saves them. Each version becomes challenger, and champion if there
    is none.
    """
    with _record_run(out, "training", record) as (client, run):
        return {
            outcome: _register_model(client, run, outcome, folder)
            for outcome in OUTCOMES
            if (folder / f"{outcome}.json").exists()
        }


def record_backtest(out: Path, record: MlflowRun) -> None:
    """Record a back-test."""
    with _record_run(out, "backtest", record):
        pass


def find_versions(out: Path, alias: str) -> dict[str, ModelVersion]:
    """The version of each outcome with this alias; outcomes without one are left out."""
    with _open_mlflow_client(out) as client:
        numbers = {outcome: _read_aliases(client, outcome).get(alias) for outcome in OUTCOMES}
        return {
            outcome: _build_version(client.get_model_version(outcome, str(number)))
            for outcome, number in numbers.items()
            if number is not None
        }


def make_champions(out: Path, chosen: Mapping[str, ModelVersion]) -> None:
    """Give versions the alias champion."""
    with _open_mlflow_client(out) as client:
        for outcome, version in chosen.items():
            client.set_registered_model_alias(outcome, CHAMPION_ALIAS, str(version.number))


def fetch_version(out: Path, version: ModelVersion, into: Path) -> Path:
    """Download the files of a version, unchecked, and return their folder."""
    with _open_mlflow_client(out) as client:
        return Path(client.download_artifacts(version.run, version.outcome, str(into)))


def keep_forecasts(out: Path, version: ModelVersion, forecasts: Path, metrics: Mapping[str, float]) -> None:
    """Store back-test forecasts and their metrics with the run that created a version."""
    with _open_mlflow_client(out) as client:
        client.log_artifact(version.run, str(forecasts), FORECASTS_FOLDER)
        _log_figures(client, version.run, metrics)


def fetch_kept_forecasts(out: Path, version: ModelVersion, into: Path) -> Path | None:
    """Download the back-test forecasts stored with a version; None if there are none."""
    name = f"{FORECASTS_FOLDER}/{version.outcome}.parquet"
    with _open_mlflow_client(out) as client:
        if name not in [file.path for file in client.list_artifacts(version.run, FORECASTS_FOLDER)]:
            return None
        return Path(client.download_artifacts(version.run, name, str(into)))


@contextmanager
def _open_mlflow_client(out: Path) -> Iterator[Any]:
    """MLflow's client; raises BadInput in one line for any failure of MLflow."""
    # Not mlflow.set_tracking_uri: it would set the variable that names a shared server.
    os.environ.update({name: os.environ.get(name, value) for name, value in _RETRY_LIMITS.items()} | MLFLOW_SWITCHES)
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    out.mkdir(parents=True, exist_ok=True)
    uri = choose_tracking_uri(out)
    try:
        yield MlflowClient(uri, uri)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise BadInput(f"MLflow at {uri}: {(str(error).splitlines() or ['no answer'])[0]}") from None


# An unreachable server is reported soon, not after minutes of retries.
_RETRY_LIMITS = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}


# Otherwise MLflow's UI takes runs for conversations with a language model and shows none of their metrics.
_SHOWN_AS_TRAINING = {"mlflow.experimentKind": "custom_model_development"}


@contextmanager
def _record_run(out: Path, experiment: str, record: MlflowRun) -> Iterator[tuple[Any, str]]:
    """The client and the run with its record logged; a failure within marks the run as failed."""
    with _open_mlflow_client(out) as client:
        known = client.get_experiment_by_name(experiment)
        number = (
            known.experiment_id
            if known
            else client.create_experiment(experiment, choose_artifacts_uri(out), _SHOWN_AS_TRAINING)
        )
        run = client.create_run(number, run_name=record.name, tags=dict(record.tags)).info.run_id
        try:
            _log_run(client, run, record)
            yield client, run
        except BaseException:
            client.set_terminated(run, "FAILED")
            raise
        client.set_terminated(run)


def _log_run(client: Any, run: str, record: MlflowRun) -> None:
    from mlflow.entities import Dataset, DatasetInput, Param

    client.log_batch(run, params=[Param(name, str(value)) for name, value in record.parameters.items()])
    _log_figures(client, run, record.metrics)
    datasets = [
        Dataset(name, checksum[:DIGEST_LENGTH], "local", json.dumps({"uri": name, "sha256": checksum}))
        for name, checksum in record.inputs.items()
    ]
    client.log_inputs(run, [DatasetInput(dataset) for dataset in datasets])
    for path in record.files:
        if path.is_dir():
            client.log_artifacts(run, str(path), path.name)
        else:
            client.log_artifact(run, str(path))


def _log_figures(client: Any, run: str, metrics: Mapping[str, float]) -> None:
    """Log metrics in as few requests as MLflow allows; NaN and infinite values are left out."""
    from mlflow.entities import Metric

    logged = [Metric(name, value, 0, 0) for name, value in metrics.items() if isfinite(value)]
    for start in range(0, len(logged), BATCH_SIZE):
        client.log_batch(run, metrics=logged[start : start + BATCH_SIZE])


def _register_model(client: Any, run: str, outcome: str, folder: Path) -> ModelVersion:
    description_file = folder / f"{outcome}.json"
    facts = json.loads(description_file.read_text(encoding="utf-8"))
    for path in (description_file, *folder.glob(f"{outcome}-{facts['sha256'][:16]}.skops")):
        client.log_artifact(run, str(path), outcome)
    known = _read_aliases(client, outcome, create=True)
    registered = client.create_model_version(
        outcome,
        f"{client.get_run(run).info.artifact_uri}/{outcome}",
        run,
        tags={name: facts[name] for name in ("sha256", "panel", "recipe")}
        | {"json_sha256": sha256(description_file.read_bytes()).hexdigest()},
        description=f"Trained on origins to {facts['trained_to']}; read through skops against its checksum.",
    )
    for alias in (CHALLENGER_ALIAS, *([] if CHAMPION_ALIAS in known else [CHAMPION_ALIAS])):
        client.set_registered_model_alias(outcome, alias, str(registered.version))
    return _build_version(registered)


def _read_aliases(client: Any, outcome: str, create: bool = False) -> Mapping[str, Any]:
    """The version number of each alias of an outcome's registered model; `create` registers a missing one."""
    from mlflow.exceptions import MlflowException

    try:
        aliases: Mapping[str, Any] = client.get_registered_model(outcome).aliases
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        if create:
            client.create_registered_model(outcome, description=f"{OUTCOME_LABELS[outcome]}.".capitalize())
        return {}
    return aliases


def _build_version(registered: Any) -> ModelVersion:
    tags = {name: registered.tags.get(name, "") for name in ("sha256", "json_sha256", "panel", "recipe")}
    return ModelVersion(registered.name, int(registered.version), registered.run_id or "", **tags)
