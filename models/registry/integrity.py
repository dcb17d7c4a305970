"""Integrity of saved models: whether each file is, byte for byte, as it was saved."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from features.bad_input import BadInput
from features.files.checksummed_json import load_with_checksum
from models.registry.compact_file import COMPACT_SUFFIX, find_compact_fault
from models.registry.store import build_model_filename


def list_model_faults(folder: Path) -> Iterator[str]:
    """A line for each saved model whose record or fitted parts differ from what was saved."""
    for path in sorted(folder.glob("*.json")):
        try:
            listed = load_with_checksum(path.read_bytes(), path).get("sha256")
        except BadInput as error:
            yield f"{error}; delete it to train again"
            continue
        if listed is not None:
            try:
                yield from _list_fitted_faults(folder / build_model_filename(path.stem, listed), listed)
            except BadInput as error:
                yield f"{path}: {error}"
    for path in sorted(folder.glob(f"*{COMPACT_SUFFIX}")):
        if fault := find_compact_fault(path):
            yield fault


def _list_fitted_faults(path: Path, listed: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{path}: missing, but its record lists it"
    elif (actual := sha256(path.read_bytes()).hexdigest()) != listed:
        yield f"{path}: altered: checksum {actual[:12]}…, its record has {listed[:12]}…; delete it to train again"
