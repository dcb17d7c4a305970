"""Compact models on disk: a line with the checksums of the fitted parts and of the content, then arrays."""

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
    """The path of an outcome's compact model."""
    return folder / f"{outcome}{COMPACT_SUFFIX}"


def write_compact_model(path: Path, ensemble: CompactEnsemble, fitted: str) -> None:
    """Write the compact model of the fitted parts with this SHA-256."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **_pack_arrays(ensemble))
    content = buffer.getvalue()
    replace_file(path, f"{fitted} {_compute_form_checksum(fitted, content)}\n".encode() + content)


def read_compact_model(path: Path, columns: list[str], fitted: str) -> CompactEnsemble | None:
    """The compact model of the fitted parts with this SHA-256, or None; raises BadInput if it was altered."""
    if not path.is_file():
        return None
    fitted_checksum, content = _read_checked_content(path)
    if fitted_checksum != fitted:
        return None
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return _unpack_ensemble(dict(arrays), columns)
    except (ValueError, KeyError, TypeError, BadZipFile) as error:
        raise BadInput(
            f"{path}: not a compact model of this version ({error}); delete it and it is written again"
        ) from None


def find_compact_fault(path: Path) -> str | None:
    """The fault of a compact model, or None."""
    try:
        _read_checked_content(path)
    except BadInput as error:
        return str(error)
    return None


def _read_checked_content(path: Path) -> tuple[str, bytes]:
    head, _, content = path.read_bytes().partition(b"\n")
    fitted_checksum, _, listed = head.decode("ascii", "replace").partition(" ")
    if (actual := _compute_form_checksum(fitted_checksum, content)) != listed:
        raise BadInput(
            f"{path}: altered: checksum {actual[:12]}…, recorded {listed[:12]}…; delete it and it is written again"
        )
    return fitted_checksum, content


def _compute_form_checksum(fitted: str, content: bytes) -> str:
    """One checksum over both; otherwise a change to the first would make the file look like another model's."""
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
    members: list[TreeMember] = []
    while (nodes := arrays.get(f"nodes{len(members)}")) is not None:
        sizes, line = arrays[f"sizes{len(members)}"], arrays[f"line{len(members)}"]
        baseline, slope, intercept = line.tolist()
        members.append(TreeMember(BoostedTrees(np.split(nodes, np.cumsum(sizes)[:-1]), baseline), slope, intercept))
    on_scores, on_ranks = (_unpack_ridge(arrays, name) for name in RIDGE_MEMBERS)
    quantiles, references, tree_places = (arrays[name] for name in WHOLE_ARRAYS)
    return CompactEnsemble(
        quantiles, references, tree_places.astype(np.int64), tuple(members), on_scores, on_ranks, columns
    )


def _unpack_ridge(arrays: dict[str, Array], name: str) -> RidgeMember:
    mean, spread, medians, weights = (arrays[f"{name}.{part}"] for part in RidgeMember._fields[:-1])
    return RidgeMember(mean, spread, medians, weights, float(arrays[f"{name}.start"]))
