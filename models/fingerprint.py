"""What a model rests on, in checksums: a saved model is used while they are those of what would be made anew."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from features.vocabulary import Profile
from models.recipe import stated

LIBRARIES = ("scikit-learn", "numpy", "polars", "scipy")
# The files that decide how a model learns; the others compare, explain, file and issue.
PARAMETERS, HALF_LIFE = stated("estimator", "PARAMETERS", "HALF_LIFE")
RIDGE_ON_SCORES, RIDGE_ON_RANKS = stated("linear", "RIDGE_ON_SCORES", "RIDGE_ON_RANKS")
RECIPE = ("calibration", "estimator", "graded", "linear", "matrix", "outcomes", "signs", "splits", "train")


class Fingerprint(NamedTuple):
    """What a model rests on, in two checksums: what it is shown and can be read with, and how it learns from it."""

    panel: str
    recipe: str


def fingerprint(snapshot: str, profile: Profile) -> Fingerprint:
    """Checksums over all that decides a model.

    The panel: snapshot, the code of features, lag profile, library versions. The recipe: the code of models,
    parameters.
    """
    shown = [snapshot, profile, {name: version(name) for name in LIBRARIES}]
    return Fingerprint(
        panel=_checksum("features", shown),
        recipe=_checksum("models", [PARAMETERS, HALF_LIFE, RIDGE_ON_SCORES, RIDGE_ON_RANKS], RECIPE),
    )


def _checksum(room: str, decided: object, only: tuple[str, ...] = ()) -> str:
    files = sorted((Path(__file__).resolve().parents[1] / room).rglob("*.py"))
    code = b"".join(path.read_bytes() for path in files if not only or path.stem in only)
    return sha256(code + json.dumps(decided, sort_keys=True).encode()).hexdigest()
