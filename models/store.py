"""Models on disk: saved with a checksum, reused while nothing that decides them has changed, read through skops."""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from multiprocessing import resource_tracker
from pathlib import Path
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import polars as pl
import skops.io
from joblib import Parallel, delayed

from features.bad_input import BadInput
from features.cards import RAW
from features.vocabulary import OUTCOMES, Profile
from models.estimator import PARAMETERS, SEEDS, Ensemble
from models.graded import Graded
from models.linear import RIDGE
from models.outcomes import label_lag, labels
from models.train import Model, labelled, train

TRUSTED = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor", "numpy.dtype"]
LIBRARIES = ("scikit-learn", "numpy", "polars", "scipy")
# They file models and compare forecasts; no model depends on them.
NO_PART_OF_THE_RECIPE = ("champion.py", "promotion.py", "server.py", "tracking.py")


class Fingerprint(NamedTuple):
    """What a model rests on, in two checksums: what it is shown and can be read with, and how it learns from it."""

    panel: str
    recipe: str


def obtain_models(
    panel: pl.DataFrame,
    folder: Path,
    key: Fingerprint,
    profile: Profile,
    origin: int,
    raw: Path = RAW,
    anew: bool = False,
    champions: Mapping[str, str] | None = None,
) -> tuple[list[Model], list[str]]:
    """A model for every outcome, and which were trained now: those without a saved one that `load` would give, or all.

    `champions` holds the SHA-256 of a champion's file by outcome.
    """
    known = champions or {}
    saved = {outcome: None if anew else load(outcome, folder, key, known.get(outcome)) for outcome in OUTCOMES}
    missing = [outcome for outcome in OUTCOMES if saved[outcome] is None]
    if missing:
        observed = labels(raw)
        tasks = [
            delayed(train)(labelled(panel, observed, outcome), outcome, origin, label_lag(outcome, profile, raw))
            for outcome in missing
        ]
        with _interrupts_held_back():
            trained = Parallel(n_jobs=min(2, len(tasks)), return_as="generator")(tasks)
        for model in list(trained):
            save(model, folder, key)
            saved[model.outcome] = model
    return [model for model in saved.values() if model is not None], missing


def fingerprint(snapshot: str, profile: Profile) -> Fingerprint:
    """Checksums over all that decides a model.

    The panel: snapshot, the code of features, lag profile, library versions. The recipe: the code of models,
    parameters, seeds.
    """
    shown = [snapshot, profile, {name: version(name) for name in LIBRARIES}]
    return Fingerprint(
        panel=_checksum("features", shown),
        recipe=_checksum("models", [PARAMETERS, RIDGE, SEEDS], NO_PART_OF_THE_RECIPE),
    )


def _checksum(room: str, decided: object, left_out: tuple[str, ...] = ()) -> str:
    files = sorted((Path(__file__).resolve().parents[1] / room).rglob("*.py"))
    code = b"".join(path.read_bytes() for path in files if path.name not in left_out)
    return sha256(code + json.dumps(decided, sort_keys=True).encode()).hexdigest()


def save(model: Model, folder: Path, key: Fingerprint) -> None:
    """Write the fitted parts under their checksum, then <outcome>.json, which names them.

    An interruption between the two leaves the older pair whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ensemble = model.ensemble
    content = skops.io.dumps(_parts(ensemble))
    checksum = sha256(content).hexdigest()
    facts: dict[str, Any] = {name: value for name, value in vars(model).items() if name != "ensemble"}
    facts |= {"point": model.point.tolist(), "sampled": model.sampled.tolist(), "columns": ensemble.columns}
    facts |= {"panel": key.panel, "recipe": key.recipe, "sha256": checksum}
    replace_file(folder / model_file(model.outcome, checksum), content)
    replace_file(folder / f"{model.outcome}.json", json.dumps(facts, indent=1, sort_keys=True).encode())
    for old in folder.glob(f"{model.outcome}-*.skops"):
        if old.name != model_file(model.outcome, checksum):
            old.unlink()


def load(outcome: str, folder: Path, key: Fingerprint, champion: str | None = None) -> Model | None:
    """The saved model of an outcome, or none if there is none with this fingerprint; a tampered file is refused.

    Of the champion's file, known by its SHA-256, only the panel need be the same: its recipe stays in use.
    """
    try:
        facts = json.loads((folder / f"{outcome}.json").read_text(encoding="utf-8"))
        panel, recipe, listed = (facts.pop(name) for name in ("panel", "recipe", "sha256"))
        if panel != key.panel or (recipe != key.recipe and listed != champion):
            return None
        path = folder / model_file(outcome, listed)
        content = path.read_bytes()
    except (FileNotFoundError, json.JSONDecodeError, KeyError):
        return None
    if (found := sha256(content).hexdigest()) != listed:
        raise BadInput(f"{path}: checksum {found[:12]}…, its record says {listed[:12]}…; delete it to train again")
    try:
        parts = skops.io.loads(content, trusted=TRUSTED)
        graded = Graded(*parts["graded"]) if parts["graded"] else None
        ensemble = Ensemble(parts["boosters"], graded, parts["linear"], facts.pop("columns"))
        facts |= {"point": np.array(facts["point"]), "sampled": np.array(facts["sampled"])}
        return Model(ensemble=ensemble, **facts)
    except (TypeError, KeyError, BadZipFile) as error:
        raise BadInput(f"{path}: not a model this version saved ({error}); delete it to train again") from None


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes started within leave Ctrl-C to this one, which ends them; else each would print its own traceback."""
    # An interrupted run says so itself.
    warnings.filterwarnings("ignore", message=".*still being processed by the workers have been cancelled")
    # Started later, Python's own tracker of shared memory would let interrupts through again.
    resource_tracker.ensure_running()
    before = pthread_sigmask(SIG_BLOCK, {SIGINT})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def _parts(ensemble: Ensemble) -> dict[str, Any]:
    """Nothing but scikit-learn's own objects."""
    graded = ensemble.graded
    return {
        "boosters": ensemble.boosters,
        "graded": [graded.regressor, graded.logit] if graded else None,
        "linear": ensemble.linear,
    }


def model_file(outcome: str, checksum: str) -> str:
    """The name of the file of fitted parts with this SHA-256."""
    return f"{outcome}-{checksum[:16]}.skops"


def replace_file(path: Path, content: bytes) -> None:
    """Write a file aside and move it into place; a full disk is refused in one line."""
    aside = path.with_suffix(".new")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise BadInput(f"{path}: cannot be saved ({error.strerror}); earlier outputs are as they were") from None
