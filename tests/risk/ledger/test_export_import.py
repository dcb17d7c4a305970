"""Exports and backups: the same ledger elsewhere, and nothing of it altered on the way."""

import json
import random
from pathlib import Path

import pytest

from features.bad_input import BadInput
from risk.ledger.export_import import export_lines, import_exported_lines, read_export, write_ledger_backup
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import examine_ledger, read_lines
from risk.ledger.writer import add_to_ledger
from tests.risk.ledger.invented_ledger import flip_bit, forge_ledger, write_invented_ledger


@pytest.fixture
def place(tmp_path: Path) -> LedgerFiles:
    return write_invented_ledger(tmp_path / "first", 5)


def test_an_export_taken_into_an_empty_ledger_gives_the_same_lines_and_head(place: LedgerFiles, tmp_path: Path) -> None:
    add_to_ledger(
        place, [("note", {"iso3": "EGY", "because": "Ünïcode, 0.1 and 1e-300", "values": [0.1, 1e-300, None, True]})]
    )
    head = export_lines(place, tmp_path / "lines.jsonl")
    other = LedgerFiles(tmp_path / "second" / "ledger.db")
    assert import_exported_lines(other, tmp_path / "lines.jsonl") == head == examine_ledger(other).head
    assert read_lines(other) == read_lines(place)
    export_lines(other, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "lines.jsonl").read_bytes()
    assert add_to_ledger(other, [("note", {"iso3": "EGY", "because": "Next."})])[0].previous == head.hash


def test_an_export_is_one_json_object_a_line_that_anyone_can_read(place: LedgerFiles, tmp_path: Path) -> None:
    export_lines(place, tmp_path / "lines.jsonl")
    *told, end = map(json.loads, (tmp_path / "lines.jsonl").read_text().splitlines())
    assert [line["body"]["because"] for line in told][2] == "Invented note 3."
    assert end == {"head": {"number": 5, "hash": told[-1]["hash"]}}


def test_a_flip_of_any_byte_of_an_export_is_refused(place: LedgerFiles, tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    export_lines(place, path)
    content, chance = path.read_bytes(), random.Random(1)
    for at in range(0, len(content), 11):
        flip_bit(path, at, chance.randrange(8))
        with pytest.raises(BadInput, match=r"lines\.jsonl: "):
            read_export(path)
        path.write_bytes(content)
    assert len(read_export(path)) == 5


@pytest.mark.parametrize("kept", [0, 1, 3, 5])
def test_an_export_cut_off_after_any_line_is_refused(place: LedgerFiles, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "lines.jsonl"
    export_lines(place, path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:kept]))
    with pytest.raises(BadInput, match="truncated|not a ledger line"):
        read_export(path)


def test_an_export_is_taken_only_into_an_empty_ledger(place: LedgerFiles, tmp_path: Path) -> None:
    export_lines(place, tmp_path / "lines.jsonl")
    with pytest.raises(BadInput, match="has 5 lines; import into an empty ledger"):
        import_exported_lines(place, tmp_path / "lines.jsonl")
    assert examine_ledger(place)[1:] == ([], []) and len(read_lines(place)) == 5


def test_a_backup_is_a_ledger_that_can_be_checked_and_added_to(place: LedgerFiles, tmp_path: Path) -> None:
    head = write_ledger_backup(place, tmp_path / "copies" / "monday.db")
    copy = LedgerFiles(tmp_path / "copies" / "monday.db")
    assert examine_ledger(copy)[1:] == ([], []) and examine_ledger(copy).head == head == examine_ledger(place).head
    assert sorted(path.name for path in copy.database.parent.iterdir() if not path.name.endswith(".lock")) == [
        "monday.db",
        "monday.db.head",
    ]
    add_to_ledger(copy, [("note", {"iso3": "EGY", "because": "Next."})])
    assert examine_ledger(copy)[1:] == ([], [])
    write_ledger_backup(place, copy.database)
    assert read_lines(copy) == read_lines(place)


def test_a_broken_ledger_is_neither_exported_nor_copied_and_earlier_copies_stay(
    place: LedgerFiles, tmp_path: Path
) -> None:
    copy, text = tmp_path / "copy.db", tmp_path / "lines.jsonl"
    write_ledger_backup(place, copy)
    export_lines(place, text)
    before = copy.read_bytes(), text.read_bytes()
    forge_ledger(place, "UPDATE line SET who = 'Eve' WHERE number = 2")
    for carry, to in ((write_ledger_backup, copy), (export_lines, text)):
        with pytest.raises(BadInput, match="line 2: altered"):
            carry(place, to)
    assert (copy.read_bytes(), text.read_bytes()) == before


@pytest.mark.parametrize("end", ["", ".head"])
def test_nothing_is_written_over_the_ledger_itself(place: LedgerFiles, end: str) -> None:
    to = place.database.with_name(place.database.name + end)
    for carry in (export_lines, write_ledger_backup):
        with pytest.raises(BadInput, match="is the ledger itself"):
            carry(place, to)


def test_what_cannot_be_read_or_written_is_refused_in_one_line(place: LedgerFiles, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        export_lines(place, tmp_path / "file" / "lines.jsonl")
    with pytest.raises(BadInput, match="cannot be written"):
        write_ledger_backup(place, tmp_path / "file" / "copy.db")
    with pytest.raises(BadInput, match=r"ends in \.db"):
        write_ledger_backup(place, tmp_path / "copy")
    with pytest.raises(BadInput, match="cannot be read"):
        read_export(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="no lines to back up"):
        write_ledger_backup(LedgerFiles(tmp_path / "none" / "ledger.db"), tmp_path / "copy.db")
