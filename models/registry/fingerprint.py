"""Fingerprints of a model's data and code: a saved model is reused while its fingerprint is still current."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from features.vocabulary import Profile

MODEL_LIBRARIES = ("scikit-learn", "numpy", "polars", "scipy")
ROOT = Path(__file__).resolve().parents[2]
# The code that turns the snapshot into model rows. Code that fetches, checks and compiles files is left out: the
# snapshot's checksum covers its results.
PANEL_CODE = (
    "features/panel.py", "features/partners.py", "features/vocabulary.py", "features/timing", "features/themes",
    "features/snapshot/cards.py", "features/snapshot/own_sources.py",
)  # fmt: skip
# The code of training, parameters included.
RECIPE_CODE = ("models/training",)


class Fingerprint(NamedTuple):
    """Two checksums: panel (data, code of its rows, libraries) and recipe (training code)."""

    panel: str
    recipe: str


def compute_fingerprint(snapshot: str, profile: Profile) -> Fingerprint:
    """Checksums over everything that determines a model.

    The panel: snapshot, the code that builds its rows, lag profile, library versions. The recipe: the training code.
    """
    panel_inputs = [snapshot, profile, {name: version(name) for name in MODEL_LIBRARIES}]
    return Fingerprint(panel=code_checksum(PANEL_CODE, ROOT, panel_inputs), recipe=code_checksum(RECIPE_CODE, ROOT))


def code_checksum(paths: tuple[str, ...], root: Path, decided: object = None) -> str:
    """SHA-256 over the Python files at and below the paths under a root, in order, and over `decided`."""
    files = sorted(path for name in paths for path in _list_code(root / name))
    code = b"".join(path.read_bytes() for path in files)
    return sha256(code + json.dumps(decided, sort_keys=True).encode()).hexdigest()


def _list_code(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]
