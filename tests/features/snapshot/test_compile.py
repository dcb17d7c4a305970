"""A snapshot that is altered, cut off or out of bounds is refused in one line."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.compile import SOURCES, compile_source, compute_snapshot_checksum, verify_snapshot
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from tests.features.snapshot.changed_snapshots import copy_snapshot, rewrite_table

Change = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return copy_snapshot(tmp_path)


def _refusal(raw: Path) -> str:
    with pytest.raises(BadInput) as refused:
        verify_snapshot(raw)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_the_committed_snapshot_is_as_its_cards_say() -> None:
    CURRENT_SNAPSHOT.verify()


def test_every_card_names_its_publisher_license_address_and_bounds() -> None:
    for source in SOURCES:
        card = CURRENT_SNAPSHOT.read_card(source)
        assert all([card.publisher, card.release, card.citation, card.licence, card.address.startswith("http")])
        assert all(table.sha256 and table.rows.floor > 0 and table.columns for table in card.tables.values())


def test_the_whole_snapshot_stays_under_25_megabytes() -> None:
    assert sum(path.stat().st_size for path in RAW_FOLDER.rglob("*") if path.is_file()) < 25e6


def test_a_missing_table_is_refused(raw: Path) -> None:
    (raw / "pts" / "scores.csv").unlink()
    assert "pts/scores.csv: missing" in _refusal(raw)


def test_a_truncated_table_is_refused(raw: Path) -> None:
    path = raw / "pts" / "scores.csv"
    path.write_bytes(path.read_bytes()[:-200])
    assert "altered or cut off" in _refusal(raw)


def test_an_unlisted_file_is_refused(raw: Path) -> None:
    (raw / "pts" / "more.csv").write_text("iso3,year\n")
    assert "pts/more.csv: not listed" in _refusal(raw)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.rename({"pts_state": "state"}), "columns differ from the card in pts_state, state"),
        (lambda frame: frame.with_columns(pts_state=pl.lit("9")), "column pts_state: 9.0 is outside 1 to 5"),
        (lambda frame: pl.concat([frame, frame.head(1)]), "appears 2 times, once is allowed"),
        (lambda frame: frame.head(10), "10 rows, the card's floor is"),
    ],
    ids=["renamed column", "value out of range", "duplicate key", "too few rows"],
)
def test_a_table_with_a_valid_checksum_is_still_checked(raw: Path, change: Change, message: str) -> None:
    rewrite_table(raw, "pts", "scores", change)
    assert message in _refusal(raw)


def test_an_unreadable_card_is_refused(raw: Path) -> None:
    (raw / "pts" / "card.yaml").write_text("source: [")
    assert "not readable as YAML" in _refusal(raw)


def test_the_checksum_moves_with_any_card(raw: Path) -> None:
    before = compute_snapshot_checksum(raw)
    rewrite_table(raw, "pts", "scores", lambda frame: frame.with_columns(pts_hrw=pl.lit("2")))
    assert compute_snapshot_checksum(raw) != before


def test_a_refused_source_keeps_its_old_table(raw: Path, tmp_path: Path) -> None:
    before = (raw / "pts" / "scores.csv").read_bytes()
    with pytest.raises(BadInput, match="missing"):
        compile_source("pts", tmp_path / "nowhere", raw)
    assert (raw / "pts" / "scores.csv").read_bytes() == before
