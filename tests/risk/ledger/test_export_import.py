"""Exports and backups: the same ledger elsewhere, and nothing of it altered on the way."""

import json
import random
from pathlib import Path

import pytest

from features.bad_input import BadInput
from risk.ledger.export_import import backup, export, exported, take_in
from risk.ledger.files import Place
from risk.ledger.reader import examine, read_lines
from risk.ledger.writer import add
from tests.risk.ledger.invented_ledger import flip, forge, invented


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return invented(tmp_path / "first", 5)


def test_an_export_taken_into_an_empty_ledger_gives_the_same_lines_and_head(place: Place, tmp_path: Path) -> None:
    add(place, [("note", {"iso3": "EGY", "because": "Ünïcode, 0.1 and 1e-300", "values": [0.1, 1e-300, None, True]})])
    head = export(place, tmp_path / "lines.jsonl")
    other = Place(tmp_path / "second" / "ledger.db")
    assert take_in(other, tmp_path / "lines.jsonl") == head == examine(other).head
    assert read_lines(other) == read_lines(place)
    export(other, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "lines.jsonl").read_bytes()
    assert add(other, [("note", {"iso3": "EGY", "because": "Next."})])[0].previous == head.hash


def test_an_export_is_one_json_object_a_line_that_anyone_can_read(place: Place, tmp_path: Path) -> None:
    export(place, tmp_path / "lines.jsonl")
    *told, end = map(json.loads, (tmp_path / "lines.jsonl").read_text().splitlines())
    assert [line["body"]["because"] for line in told][2] == "Invented note 3."
    assert end == {"head": {"number": 5, "hash": told[-1]["hash"]}}


def test_a_flip_of_any_byte_of_an_export_is_refused(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    export(place, path)
    content, chance = path.read_bytes(), random.Random(1)
    for at in range(0, len(content), 11):
        flip(path, at, chance.randrange(8))
        with pytest.raises(BadInput, match=r"lines\.jsonl: "):
            exported(path)
        path.write_bytes(content)
    assert len(exported(path)) == 5


@pytest.mark.parametrize("kept", [0, 1, 3, 5])
def test_an_export_cut_off_after_any_line_is_refused(place: Place, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "lines.jsonl"
    export(place, path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:kept]))
    with pytest.raises(BadInput, match="cut off|not a line"):
        exported(path)


def test_an_export_is_taken_only_into_an_empty_ledger(place: Place, tmp_path: Path) -> None:
    export(place, tmp_path / "lines.jsonl")
    with pytest.raises(BadInput, match="has 5 lines; an export is taken into an empty one"):
        take_in(place, tmp_path / "lines.jsonl")
    assert examine(place)[1:] == ([], []) and len(read_lines(place)) == 5


def test_a_backup_is_a_ledger_that_can_be_checked_and_added_to(place: Place, tmp_path: Path) -> None:
    head = backup(place, tmp_path / "copies" / "monday.db")
    copy = Place(tmp_path / "copies" / "monday.db")
    assert examine(copy)[1:] == ([], []) and examine(copy).head == head == examine(place).head
    assert sorted(path.name for path in copy.database.parent.iterdir() if not path.name.endswith(".lock")) == [
        "monday.db",
        "monday.db.head",
    ]
    add(copy, [("note", {"iso3": "EGY", "because": "Next."})])
    assert examine(copy)[1:] == ([], [])
    backup(place, copy.database)
    assert read_lines(copy) == read_lines(place)


def test_a_broken_ledger_is_neither_exported_nor_copied_and_earlier_copies_stay(place: Place, tmp_path: Path) -> None:
    copy, text = tmp_path / "copy.db", tmp_path / "lines.jsonl"
    backup(place, copy)
    export(place, text)
    before = copy.read_bytes(), text.read_bytes()
    forge(place, "UPDATE line SET who = 'Eve' WHERE number = 2")
    for carry, to in ((backup, copy), (export, text)):
        with pytest.raises(BadInput, match="line 2: altered"):
            carry(place, to)
    assert (copy.read_bytes(), text.read_bytes()) == before


@pytest.mark.parametrize("end", ["", ".head"])
def test_nothing_is_written_over_the_ledger_itself(place: Place, end: str) -> None:
    to = place.database.with_name(place.database.name + end)
    for carry in (export, backup):
        with pytest.raises(BadInput, match="is the ledger itself"):
            carry(place, to)


def test_what_cannot_be_read_or_written_is_refused_in_one_line(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        export(place, tmp_path / "file" / "lines.jsonl")
    with pytest.raises(BadInput, match="cannot be written"):
        backup(place, tmp_path / "file" / "copy.db")
    with pytest.raises(BadInput, match=r"ends in \.db"):
        backup(place, tmp_path / "copy")
    with pytest.raises(BadInput, match="cannot be read"):
        exported(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="holds no line"):
        backup(Place(tmp_path / "none" / "ledger.db"), tmp_path / "copy.db")
