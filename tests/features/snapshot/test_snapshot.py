"""The one way to the facts: a snapshot handed on by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.bad_input import BadInput
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.compile import compute_snapshot_checksum
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from tests.features.snapshot.changed_snapshots import copy_snapshot

ROOT = Path(__file__).resolve().parents[3]
DEFAULTS = {"RAW_FOLDER", "CURRENT_SNAPSHOT"}


def list_default_snapshots(source: str) -> Iterator[str]:
    """Functions of a source text with a parameter that is a snapshot where nobody names one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            defaults = [*node.args.defaults, *(each for each in node.args.kw_defaults if each)]
            if any(isinstance(name, ast.Name) and name.id in DEFAULTS for each in defaults for name in ast.walk(each)):
                yield getattr(node, "name", "lambda")


@pytest.mark.parametrize("package", ["bench", "features", "models", "risk"])
def test_no_function_falls_back_on_the_facts_that_come_with_the_code(package: str) -> None:
    paths = sorted((ROOT / package).rglob("*.py"))
    found = {path.name: names for path in paths if (names := [*list_default_snapshots(path.read_text("utf-8"))])}
    assert found == {}


def test_a_default_snapshot_is_found() -> None:
    text = "def read(a, snapshot=CURRENT_SNAPSHOT): pass\ndef other(*, raw=RAW_FOLDER): pass\ndef sound(raw): pass\n"
    assert [*list_default_snapshots(text)] == ["read", "other"]


def test_a_snapshot_reads_its_own_folder(tmp_path: Path) -> None:
    other = Snapshot(copy_snapshot(tmp_path))
    assert other.compute_checksum() == CURRENT_SNAPSHOT.compute_checksum() == compute_snapshot_checksum(RAW_FOLDER)
    (other.folder / "pts" / "scores.csv").write_text("iso3,year\n")
    assert CURRENT_SNAPSHOT.read_table("pts", "scores").height > 1
    with pytest.raises(BadInput, match="scores.csv"):
        other.read_table("pts", "scores")
    with pytest.raises(BadInput, match="scores.csv"):
        other.verify()
