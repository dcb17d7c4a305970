"""The scoring models: the registry's champions, copied to out/models and refreshed when the registry changes."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polars as pl

from features.bad_input import BadInput
from features.files.atomic_write import replace_file
from features.files.checksummed_json import dump_with_checksum, load_with_checksum
from features.files.untrusted import parse_json
from features.snapshot.snapshot import Snapshot
from features.vocabulary import Profile
from models.inference.compact_model import AnyModel
from models.registry import tracking
from models.registry.fingerprint import Fingerprint
from models.registry.mlflow_server import DATABASE_FILE, TRACKING_VARIABLE
from models.registry.store import (
    build_model_filename,
    load_compact_models,
    load_or_train,
    remove_old_parts,
    write_compact_models,
)
from models.registry.tracking import ModelVersion

CHAMPION_FILE = "champion.json"


class ScoringModels(NamedTuple):
    """A model for every outcome, the outcomes trained now, remarks of one line each, and the models' checksum."""

    models: list[AnyModel]
    trained: list[str]
    remarks: list[str]
    checksum: str


def load_scoring_models(
    panel: pl.DataFrame, out: Path, key: Fingerprint, profile: Profile, origin: int, snapshot: Snapshot
) -> ScoringModels:
    """The champions where trained on this panel, whatever their recipe; otherwise models of today's fingerprint."""
    champions = load_champions(out, key.panel)
    known = {outcome: version.sha256 for outcome, version in champions.items()}
    folder, trained = out / "models", list[str]()
    models = load_compact_models(folder, key, known)
    if models is None:
        fitted, trained = load_or_train(panel, folder, key, profile, origin, snapshot, champions=known)
        write_compact_models(fitted, folder)
        models = [*fitted]
    return ScoringModels(
        models, trained, list_champion_remarks(champions, key), _compute_models_checksum(models, folder)
    )


def load_champions(out: Path, panel: str) -> dict[str, ModelVersion]:
    """The champion version of each outcome, installed if it was trained on this panel; empty without a registry.

    MLflow, which is slow to import, is queried only if its store has changed since or a shared server is used.
    """
    stamp, (stamped, champions) = _stamp_store(out), _read_champions(out)
    if stamp == "":
        return {}
    if stamp is None or stamp != stamped:
        champions = tracking.find_versions(out, tracking.CHAMPION_ALIAS)
    for outcome, version in champions.items():
        if version.panel == panel and _read_installed_checksum(out / "models", outcome) != version.sha256:
            _fetch_champion(out, version)
    if stamp is None or stamp != stamped:
        _write_champions(out, stamp, champions)
    return champions


def install_model(source: Path, outcome: str, folder: Path) -> None:
    """Copy a saved model, its fitted parts first, so that an interruption leaves the older pair intact."""
    described = (source / f"{outcome}.json").read_bytes()
    checksum = json.loads(described)["sha256"]
    name = build_model_filename(outcome, checksum)
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / name, (source / name).read_bytes())
    replace_file(folder / f"{outcome}.json", described)
    remove_old_parts(folder, outcome, checksum)


def list_champion_remarks(champions: Mapping[str, ModelVersion], key: Fingerprint) -> list[str]:
    """A line for each way in which the champions differ from what this checkout would train today."""
    stale = [version for version in champions.values() if version.panel != key.panel]
    outdated = [
        version for version in champions.values() if version.panel == key.panel and version.recipe != key.recipe
    ]
    lines = []
    if stale:
        lines.append(
            f"the champion ({_format_version_names(stale)}) was trained on other data or libraries; "
            "new models were trained"
        )
    if outdated:
        lines.append(
            f"the champion ({_format_version_names(outdated)}) still scores, although this checkout's recipe differs: "
            "run `make train`, then `risk train --promote`, to compare them"
        )
    return lines


def _format_version_names(versions: list[ModelVersion]) -> str:
    numbers = sorted({version.number for version in versions})
    if len(numbers) == 1:
        return f"version {numbers[0]}"
    return ", ".join(f"{version.outcome} version {version.number}" for version in versions)


def _fetch_champion(out: Path, version: ModelVersion) -> None:
    """Download a version and install it; raises BadInput if its files differ from the registered checksums."""
    with TemporaryDirectory() as temporary:
        folder = tracking.fetch_version(out, version, Path(temporary))
        files = {f"{version.outcome}.json": version.json_sha256}
        files[build_model_filename(version.outcome, version.sha256)] = version.sha256
        for name, registered in files.items():
            content = (folder / name).read_bytes() if (folder / name).exists() else b""
            if (actual := sha256(content).hexdigest()) != registered:
                raise BadInput(
                    f"{version.outcome} version {version.number}, {name}: checksum {actual[:12]}…, the registry has "
                    f"{registered[:12] or 'none'}…; not used: give the alias champion to another version"
                )
        install_model(folder, version.outcome, out / "models")


def _read_installed_checksum(folder: Path, outcome: str) -> str | None:
    """The checksum of the fitted parts in use, or None if a file is missing."""
    try:
        listed = str(parse_json((folder / f"{outcome}.json").read_bytes())["sha256"])
        return listed if (folder / build_model_filename(outcome, listed)).exists() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp_store(out: Path) -> str | None:
    """Sizes and times of the SQLite store, empty without a store; None for a server, which may change unnoticed."""
    if os.environ.get(TRACKING_VARIABLE):
        return None
    paths = [out / name for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal") if (out / name).exists()]
    return " ".join(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in paths)


def _read_champions(out: Path) -> tuple[str | None, dict[str, ModelVersion]]:
    """The store's stamp and the champions at the last query; (None, {}) if the record cannot be read."""
    try:
        path = out / "models" / CHAMPION_FILE
        kept = load_with_checksum(path.read_bytes(), path)
        return kept["stamp"], {outcome: ModelVersion(**facts) for outcome, facts in kept["champions"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, {}


def _write_champions(out: Path, stamp: str | None, champions: Mapping[str, ModelVersion]) -> None:
    kept = {"stamp": stamp, "champions": {outcome: asdict(version) for outcome, version in champions.items()}}
    (out / "models").mkdir(parents=True, exist_ok=True)
    replace_file(out / "models" / CHAMPION_FILE, dump_with_checksum(kept))


def _compute_models_checksum(models: Sequence[AnyModel], folder: Path) -> str:
    """One SHA-256 over the fingerprints of the models in use: the same after retraining on the same inputs."""
    facts = [json.loads((folder / f"{model.outcome}.json").read_text(encoding="utf-8")) for model in models]
    return sha256(json.dumps([[fact["panel"], fact["recipe"]] for fact in facts]).encode()).hexdigest()
