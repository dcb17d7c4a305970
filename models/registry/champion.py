"""The models that score: the registry's champion, copied into out/models; asked for again where it may have moved."""

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
from features.files.checksummed_json import sealed, unsealed
from features.files.untrusted import parsed
from features.snapshot.cards import RAW
from features.vocabulary import Profile
from models.inference.compact_model import AnyModel
from models.registry import tracking
from models.registry.fingerprint import Fingerprint
from models.registry.mlflow_server import DATABASE, SHARED
from models.registry.store import keep_plain, load_plain, model_file, obtain_models, sweep
from models.registry.tracking import Version

RECORD = "champion.json"


class Scorers(NamedTuple):
    """A model for every outcome, which were trained now, a line for each thing to say of them, and their checksum."""

    models: list[AnyModel]
    trained: list[str]
    remarks: list[str]
    checksum: str


def obtain_scorers(
    panel: pl.DataFrame, out: Path, key: Fingerprint, profile: Profile, origin: int, raw: Path = RAW
) -> Scorers:
    """The champions where trained on this panel, whatever their recipe; otherwise models of today's fingerprint."""
    champions = current(out, key.panel)
    known = {outcome: version.sha256 for outcome, version in champions.items()}
    folder, trained = out / "models", list[str]()
    models = load_plain(folder, key, known)
    if models is None:
        fitted, trained = obtain_models(panel, folder, key, profile, origin, raw, champions=known)
        keep_plain(fitted, folder)
        models = [*fitted]
    return Scorers(models, trained, remarks(champions, key), _checksum(models, folder))


def current(out: Path, panel: str) -> dict[str, Version]:
    """The champion version of each outcome, installed where it was trained on this panel; none without a registry.

    MLflow is asked, at the price of its import, only if its store has changed since or a shared server is used.
    """
    stamp, (stamped, champions) = _stamp(out), _read(out)
    if stamp == "":
        return {}
    if stamp is None or stamp != stamped:
        champions = tracking.versions(out, tracking.CHAMPION)
    for outcome, version in champions.items():
        if version.panel == panel and _installed(out / "models", outcome) != version.sha256:
            _fetch(out, version)
    if stamp is None or stamp != stamped:
        _write(out, stamp, champions)
    return champions


def install(source: Path, outcome: str, folder: Path) -> None:
    """Copy a saved model, its fitted parts first, so that an interruption leaves the older pair whole."""
    described = (source / f"{outcome}.json").read_bytes()
    checksum = json.loads(described)["sha256"]
    name = model_file(outcome, checksum)
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / name, (source / name).read_bytes())
    replace_file(folder / f"{outcome}.json", described)
    sweep(folder, outcome, checksum)


def remarks(champions: Mapping[str, Version], key: Fingerprint) -> list[str]:
    """Where the champions are not what this checkout would train today: a line each."""
    stale = [version for version in champions.values() if version.panel != key.panel]
    other = [version for version in champions.values() if version.panel == key.panel and version.recipe != key.recipe]
    lines = []
    if stale:
        lines.append(f"the champion ({_named(stale)}) was trained on other data or libraries; trained anew")
    if other:
        lines.append(
            f"the champion ({_named(other)}) scores on, though this checkout's own recipe differs: "
            "`make train`, then `risk train --promote`, would compare them"
        )
    return lines


def _named(found: list[Version]) -> str:
    numbers = sorted({version.number for version in found})
    if len(numbers) == 1:
        return f"version {numbers[0]}"
    return ", ".join(f"{version.outcome} version {version.number}" for version in found)


def _fetch(out: Path, version: Version) -> None:
    """Download a version and install it, if its files are those that were registered."""
    with TemporaryDirectory() as aside:
        folder = tracking.fetch(out, version, Path(aside))
        files = {f"{version.outcome}.json": version.json_sha256}
        files[model_file(version.outcome, version.sha256)] = version.sha256
        for name, registered in files.items():
            content = (folder / name).read_bytes() if (folder / name).exists() else b""
            if (found := sha256(content).hexdigest()) != registered:
                raise BadInput(
                    f"{version.outcome} version {version.number}, {name}: checksum {found[:12]}…, the registry says "
                    f"{registered[:12] or 'none'}…; not used: give the alias champion to another version"
                )
        install(folder, version.outcome, out / "models")


def _installed(folder: Path, outcome: str) -> str | None:
    """The checksum of the fitted parts in use, or none where a file is missing."""
    try:
        listed = str(parsed((folder / f"{outcome}.json").read_bytes())["sha256"])
        return listed if (folder / model_file(outcome, listed)).exists() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp(out: Path) -> str | None:
    """Sizes and times of the SQLite store, empty where there is none; none for a server, which may change unseen."""
    if os.environ.get(SHARED):
        return None
    paths = [out / name for name in (DATABASE, f"{DATABASE}-wal") if (out / name).exists()]
    return " ".join(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in paths)


def _read(out: Path) -> tuple[str | None, dict[str, Version]]:
    """The store's stamp and the champions when it was last asked; a record that cannot be read is none."""
    try:
        path = out / "models" / RECORD
        kept = unsealed(path.read_bytes(), path)
        return kept["stamp"], {outcome: Version(**facts) for outcome, facts in kept["champions"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, {}


def _write(out: Path, stamp: str | None, champions: Mapping[str, Version]) -> None:
    kept = {"stamp": stamp, "champions": {outcome: asdict(version) for outcome, version in champions.items()}}
    (out / "models").mkdir(parents=True, exist_ok=True)
    replace_file(out / "models" / RECORD, sealed(kept))


def _checksum(models: Sequence[AnyModel], folder: Path) -> str:
    """One SHA-256 over the fingerprints of the models in use: the same after training again on the same."""
    facts = [json.loads((folder / f"{model.outcome}.json").read_text(encoding="utf-8")) for model in models]
    return sha256(json.dumps([[fact["panel"], fact["recipe"]] for fact in facts]).encode()).hexdigest()
