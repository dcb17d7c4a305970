"""A byte flipped in a table, a card, a model, the ledger or the figures is found, and the file is named."""

import json
import random
import shutil
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from features.files.checksummed_json import dump_with_checksum
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.checksums import CHECKSUM_LIST, list_checksum_faults, write_checksum_list
from features.snapshot.snapshot import Snapshot
from models.registry.champion import install_model
from models.registry.integrity import list_model_faults as model_faults
from models.registry.store import build_model_filename
from risk.ledger.issues import record_release
from risk.ledger.ledger_files import LedgerFiles
from risk.workflows.verify import VerifiedPart, verify_all
from tests.features.snapshot.changed_snapshots import copy_snapshot
from tests.risk.ledger.invented_ledger import flip_bit
from tests.risk.publishing.test_publish import issue


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_snapshot(tmp_path_factory.mktemp("snapshot"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Outputs of an invented issue with two invented models."""
    folder = tmp_path_factory.mktemp("verified") / "out"
    issue(folder)
    (folder / "models").mkdir()
    for outcome in ("misuse", "coup"):
        content = f"invented parts of {outcome}".encode() * 50
        checksum = sha256(content).hexdigest()
        (folder / "models" / build_model_filename(outcome, checksum)).write_bytes(content)
        (folder / "models" / f"{outcome}.json").write_bytes(
            dump_with_checksum({"sha256": checksum, "curve": [0.1, 0.25]})
        )
    return folder


@pytest.fixture(scope="module")
def place(out: Path) -> LedgerFiles:
    place = LedgerFiles(out.parent / "ledger" / "ledger.db")
    record_release(out, place)
    return place


def checked(out: Path, place: LedgerFiles, raw: Path) -> dict[str, VerifiedPart]:
    return {one.what: one for one in verify_all(out, place, Snapshot(raw))}


def test_the_snapshot_of_this_version_is_as_listed() -> None:
    assert list(list_checksum_faults(RAW_FOLDER)) == []


def test_all_is_found_as_written(out: Path, place: LedgerFiles, raw: Path) -> None:
    found = checked(out, place, raw)
    assert [one.faults for one in found.values()] == [[], [], [], []]
    assert found["outputs"].remarks[0] == "as recorded in line 1" and found["ledger"].size == "4 lines"


def flips(path: Path, number: int) -> list[int]:
    """Some places of a file, its first and last byte among them."""
    size = path.stat().st_size
    return [0, size - 1, *random.Random(path.name).sample(range(size), min(number, size))]


@pytest.mark.parametrize(
    "name", ["pts/scores.csv", "vdem/card.yaml", "wdi/card.yaml", "partners/codes.csv", "dsca/card.yaml", CHECKSUM_LIST]
)
def test_a_flip_in_a_table_or_card_is_found_and_the_file_named(raw: Path, name: str) -> None:
    path = raw / name
    content = path.read_bytes()
    for at in flips(path, 25 if name == CHECKSUM_LIST else 6):
        flip_bit(path, at, at % 8)
        assert any(name in message for message in list_checksum_faults(raw)), f"{name}: byte {at}"
        path.write_bytes(content)


def test_a_flip_in_a_card_that_still_reads_well_is_found(out: Path, place: LedgerFiles, raw: Path) -> None:
    path = raw / "pts" / "card.yaml"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"scale", b"scaLe", 1))
    try:
        (message,) = checked(out, place, raw)["snapshot"].faults
        assert message.startswith(f"{path}: altered: checksum")
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize("pattern", ["misuse.json", "coup-*.skops"])
def test_a_flip_in_a_model_file_is_found_and_the_file_named(out: Path, pattern: str) -> None:
    path = next((out / "models").glob(pattern))
    content = path.read_bytes()
    for at in flips(path, 40):
        flip_bit(path, at, at % 8)
        assert any(str(path.parent) in message and path.stem[:4] in message for message in model_faults(path.parent))
        path.write_bytes(content)


def test_a_flip_in_the_ledger_is_found_with_its_line(out: Path, place: LedgerFiles, raw: Path) -> None:
    content = place.database.read_bytes()
    flip_bit(place.database, content.index(b'"rulebook"'))
    found = checked(out, place, raw)["ledger"].faults
    place.database.write_bytes(content)
    assert found == ["line 1: altered: its content does not match its hash"]


def test_figures_altered_after_they_were_issued_are_found(
    out: Path, place: LedgerFiles, raw: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(out, tmp_path / "out"))
    scores = pl.read_parquet(copy / "scores.parquet")
    scores.with_columns(probability=pl.col("probability") / 2).write_parquet(copy / "scores.parquet")
    (message,) = checked(copy, place, raw)["outputs"].faults
    assert "its figures differ from those in line 1 for" in message


def test_outputs_not_yet_recorded_and_another_rulebook_are_remarked(
    out: Path, place: LedgerFiles, raw: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(out, tmp_path / "out"))
    record = json.loads((copy / "run.json").read_text())
    (copy / "run.json").write_text(json.dumps(record | {"models": "others"}))
    found = checked(copy, place, raw)["outputs"]
    assert found.faults == [] and found.remarks[0].startswith("not yet in the ledger")
    assert found.remarks[1] == "the rulebook has changed since these outputs were written"
    assert checked(tmp_path / "none", place, raw)["outputs"].size == "none yet"


def test_a_file_too_many_or_missing_is_found(raw: Path) -> None:
    path = raw / "wdi" / "extra.csv"
    path.write_text("iso3\n")
    assert list(list_checksum_faults(raw)) == [f"{path}: not listed in {CHECKSUM_LIST}"]
    path.unlink()
    kept = (raw / "wdi" / "card.yaml").read_bytes()
    (raw / "wdi" / "card.yaml").unlink()
    assert list(list_checksum_faults(raw)) == [f"{raw / 'wdi' / 'card.yaml'}: missing; {CHECKSUM_LIST} lists it"]
    (raw / "wdi" / "card.yaml").write_bytes(kept)
    assert list(list_checksum_faults(raw)) == []


def test_vouching_for_one_source_leaves_what_is_said_of_the_others(tmp_path: Path) -> None:
    raw = copy_snapshot(tmp_path)
    for source in ("pts", "vdem"):
        flip_bit(raw / source / "card.yaml", 3)
    write_checksum_list(raw, "pts")
    assert [message.split(": ")[0] for message in list_checksum_faults(raw)] == [str(raw / "vdem" / "card.yaml")]
    (raw / CHECKSUM_LIST).unlink()
    assert "missing; tables and cards cannot be checked" in next(list_checksum_faults(raw))


def test_a_model_put_in_use_sweeps_away_what_a_killed_command_had_begun_to_write(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "models"
    to.mkdir()
    for name in ("misuse-0123456789abcdef.new", "misuse-0123456789abcdef.skops", "coup-0123456789abcdef.skops"):
        (to / name).write_bytes(b"invented")
    install_model(out / "models", "misuse", to)
    left = sorted(path.name for path in to.iterdir())
    assert [name.split("-")[0] for name in left] == ["coup", "misuse", "misuse.json"]
    assert left[0] == "coup-0123456789abcdef.skops" and list(model_faults(to)) == []
