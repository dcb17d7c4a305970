"""What a model rests on, in checksums: a saved model is used while they are those of what would be trained again."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from features.vocabulary import Profile

MODEL_LIBRARIES = ("scikit-learn", "numpy", "polars", "scipy")
ROOT = Path(__file__).resolve().parents[2]
# What turns the snapshot into the rows that a model sees. How files are fetched, checked and compiled is left out: the
# checksum of the snapshot covers what came of it.
PANEL_CODE = (
    "features/panel.py", "features/partners.py", "features/vocabulary.py", "features/timing", "features/themes",
    "features/snapshot/cards.py", "features/snapshot/own_sources.py",
)  # fmt: skip
# How a model learns from them, parameters included.
RECIPE_CODE = ("models/training",)


class Fingerprint(NamedTuple):
    """What a model rests on, in two checksums: what it is shown and can be read with, and how it learns from it."""

    panel: str
    recipe: str


def compute_fingerprint(snapshot: str, profile: Profile) -> Fingerprint:
    """Checksums over all that decides a model.

    The panel: snapshot, the code that makes its rows, lag profile, library versions. The recipe: the code of training.
    """
    shown = [snapshot, profile, {name: version(name) for name in MODEL_LIBRARIES}]
    return Fingerprint(panel=code_checksum(PANEL_CODE, ROOT, shown), recipe=code_checksum(RECIPE_CODE, ROOT))


def code_checksum(places: tuple[str, ...], root: Path, decided: object = None) -> str:
    """SHA-256 over the Python files at and below the places under a root, in order, and what else decides."""
    files = sorted(path for place in places for path in _list_code(root / place))
    code = b"".join(path.read_bytes() for path in files)
    return sha256(code + json.dumps(decided, sort_keys=True).encode()).hexdigest()


def _list_code(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]
