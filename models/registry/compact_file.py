"""Plain forms on disk, beside the fitted parts they were read from: a line with the checksums of both, then arrays."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from features.bad_input import BadInput
from features.files.atomic_write import replace_file
from models.inference.compact_model import CompactEnsemble, RidgeMember, TreeMember
from models.inference.tree_shap import BoostedTrees
from models.training.matrix import Array

COMPACT_SUFFIX = ".plain"
WHOLE_ARRAYS = ("quantiles", "references", "tree_places")
RIDGE_MEMBERS = ("on_scores", "on_ranks")


def build_compact_path(folder: Path, outcome: str) -> Path:
    """Where the plain form of an outcome's model lies."""
    return folder / f"{outcome}{COMPACT_SUFFIX}"


def write_compact_model(path: Path, ensemble: CompactEnsemble, fitted: str) -> None:
    """Write the plain form of the fitted parts that have this SHA-256."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **_pack_arrays(ensemble))
    content = buffer.getvalue()
    replace_file(path, f"{fitted} {_compute_form_checksum(fitted, content)}\n".encode() + content)


def read_compact_model(path: Path, columns: list[str], fitted: str) -> CompactEnsemble | None:
    """The plain form of the fitted parts that have this SHA-256, or none; BadInput where it was altered."""
    if not path.is_file():
        return None
    of, content = _read_checked_content(path)
    if of != fitted:
        return None
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return _unpack_ensemble(dict(arrays), columns)
    except (ValueError, KeyError, TypeError, BadZipFile) as error:
        raise BadInput(f"{path}: not a form this version wrote ({error}); delete it to have it made again") from None


def find_compact_fault(path: Path) -> str | None:
    """What is wrong with a plain form, or none."""
    try:
        _read_checked_content(path)
    except BadInput as error:
        return str(error)
    return None


def _read_checked_content(path: Path) -> tuple[str, bytes]:
    head, _, content = path.read_bytes().partition(b"\n")
    of, _, listed = head.decode("ascii", "replace").partition(" ")
    if (found := _compute_form_checksum(of, content)) != listed:
        raise BadInput(
            f"{path}: altered: checksum {found[:12]}…, it says {listed[:12]}…; delete it to have it made again"
        )
    return of, content


def _compute_form_checksum(fitted: str, content: bytes) -> str:
    """One checksum over both, or a change to the first would make the form look like that of another model."""
    return sha256(fitted.encode() + content).hexdigest()


def _pack_arrays(ensemble: CompactEnsemble) -> dict[str, Array]:
    arrays = {name: getattr(ensemble, name) for name in WHOLE_ARRAYS}
    for number, (trees, *line) in enumerate(ensemble.tree_members):
        arrays[f"nodes{number}"] = np.concatenate(trees.nodes)
        arrays[f"sizes{number}"] = np.array([len(nodes) for nodes in trees.nodes])
        arrays[f"line{number}"] = np.array([trees.baseline, *line])
    for name in RIDGE_MEMBERS:
        ridge = getattr(ensemble, name)
        arrays |= {f"{name}.{part}": np.asarray(getattr(ridge, part)) for part in RidgeMember._fields}
    return arrays


def _unpack_ensemble(arrays: dict[str, Array], columns: list[str]) -> CompactEnsemble:
    grown: list[TreeMember] = []
    while (nodes := arrays.get(f"nodes{len(grown)}")) is not None:
        sizes, line = arrays[f"sizes{len(grown)}"], arrays[f"line{len(grown)}"]
        baseline, slope, intercept = line.tolist()
        grown.append(TreeMember(BoostedTrees(np.split(nodes, np.cumsum(sizes)[:-1]), baseline), slope, intercept))
    on_scores, on_ranks = (_unpack_ridge(arrays, name) for name in RIDGE_MEMBERS)
    quantiles, references, places = (arrays[name] for name in WHOLE_ARRAYS)
    return CompactEnsemble(quantiles, references, places.astype(np.int64), tuple(grown), on_scores, on_ranks, columns)


def _unpack_ridge(arrays: dict[str, Array], name: str) -> RidgeMember:
    mean, spread, medians, weights = (arrays[f"{name}.{part}"] for part in RidgeMember._fields[:-1])
    return RidgeMember(mean, spread, medians, weights, float(arrays[f"{name}.start"]))
