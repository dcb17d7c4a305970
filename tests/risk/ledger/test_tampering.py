"""Whatever is altered in a ledger is found, with its place: a line, the end, a byte of the files."""

import random
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.bad_input import BadInput
from features.files.checksummed_json import dump_with_checksum, load_with_checksum
from risk.ledger.ledger_files import LedgerFiles, LedgerHead, write_head
from risk.ledger.line import START_HASH, LedgerLine, chain_next_line, find_chain_faults
from risk.ledger.reader import examine_ledger, read_lines
from risk.ledger.writer import add_to_ledger
from tests.risk.ledger.invented_ledger import flip_bit, forge_ledger, list_faults, list_lines, write_invented_ledger

NAMES = ("number", "when", "who", "kind", "body", "previous", "hash")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> LedgerFiles:
    return write_invented_ledger(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def place(whole: LedgerFiles, tmp_path: Path) -> LedgerFiles:
    """A copy of a whole ledger that a test may spoil."""
    return LedgerFiles(Path(shutil.copytree(whole.database.parent, tmp_path / "copy")) / "ledger.db")


def test_a_ledger_left_alone_is_whole(place: LedgerFiles) -> None:
    found = examine_ledger(place)
    assert (found.faults, found.remarks, len(found.lines)) == ([], [], 6)
    assert [line.content["because"] for line in found.lines][::5] == ["Invented note 1.", "Invented note 6."]


@pytest.mark.parametrize("change", ["UPDATE line SET who = 'Eve'", "DELETE FROM line WHERE number = 6"])
def test_the_database_itself_refuses_to_change_or_remove_a_line(place: LedgerFiles, change: str) -> None:
    with (
        closing(sqlite3.connect(place.database)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only grows"),
    ):
        connection.execute(change)


def test_the_database_itself_refuses_to_replace_a_line_or_to_leave_a_gap(place: LedgerFiles) -> None:
    for number in (3, 9):
        with (
            closing(sqlite3.connect(place.database)) as connection,
            pytest.raises(sqlite3.IntegrityError, match="after"),
        ):
            connection.execute(f"INSERT OR REPLACE INTO line VALUES ({number},'','','','{{}}','','')")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE line SET body = replace(body, 'note 3', 'note 8') WHERE number = 3", "line 3: altered"),
        ("UPDATE line SET who = 'Eve' WHERE number = 4", "line 4: altered"),
        ("UPDATE line SET \"when\" = '2020-01-01T00:00:00Z' WHERE number = 1", "line 1: altered"),
        ("DELETE FROM line WHERE number = 2", "line 2: missing"),
        ("DELETE FROM line WHERE number IN (2, 3, 4)", "lines 2 to 4: missing"),
        ("DELETE FROM line WHERE number > 4", "lines 5 to 6: missing at the end"),
        ("DELETE FROM line", "lines 1 to 6: missing at the end"),
        ("DROP TABLE line", "missing at the end"),
    ],
)
def test_a_line_altered_removed_or_cut_off_behind_the_guards_is_named(
    place: LedgerFiles, statement: str, said: str
) -> None:
    # A table that is gone takes no guards back.
    with suppress(sqlite3.OperationalError):
        forge_ledger(place, statement)
    assert said in list_faults(place)
    with pytest.raises(BadInput, match="see `risk ledger verify`"):
        read_lines(place)


def test_lines_that_changed_places_are_named(place: LedgerFiles) -> None:
    forge_ledger(
        place, *(f"UPDATE line SET number = {new} WHERE number = {old}" for old, new in ((2, 90), (3, 2), (90, 3)))
    )
    assert "line 2: altered" in list_faults(place) and "line 3: altered" in list_faults(place)


def test_a_line_inserted_among_others_is_named(place: LedgerFiles) -> None:
    forge_ledger(
        place,
        "UPDATE line SET number = -number WHERE number > 3",
        "UPDATE line SET number = 1 - number WHERE number < 0",
        'INSERT INTO line SELECT 4, "when", who, kind, body, previous, hash FROM line WHERE number = 2',
    )
    assert "line 4: does not follow line 3" in list_faults(place)


def test_a_guard_taken_away_is_noticed(place: LedgerFiles) -> None:
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("DROP TRIGGER no_delete")
    assert "no_delete: differs from the engine's schema" in list_faults(place)


def test_a_chain_written_anew_is_found_by_the_head_kept_beside_it(place: LedgerFiles, tmp_path: Path) -> None:
    forged = write_invented_ledger(tmp_path / "forged", who="Eve")
    shutil.copy(forged.database, place.database)
    assert "line 6: its hash differs from the one in ledger.db.head" in list_faults(place)


def test_a_chain_written_anew_with_its_head_has_another_head_than_the_one_written_down(
    place: LedgerFiles, tmp_path: Path
) -> None:
    written_down = examine_ledger(place).head
    forged = write_invented_ledger(tmp_path / "forged", who="Eve")
    assert list_faults(forged) == "" and examine_ledger(forged).head != written_down


def test_a_head_that_is_gone_is_a_fault_and_nothing_is_added(place: LedgerFiles) -> None:
    place.head.unlink()
    assert "lines may have been removed from the end" in list_faults(place)
    with pytest.raises(BadInput, match="restore it from a backup"):
        add_to_ledger(place, [("note", {})])


def test_a_database_that_is_gone_is_a_fault_and_no_new_one_is_begun(place: LedgerFiles) -> None:
    place.database.unlink()
    assert "missing; ledger.db.head lists 6 lines" in list_faults(place)
    with pytest.raises(BadInput, match="missing"):
        add_to_ledger(place, [("note", {})])
    assert not place.database.exists()


def test_a_flip_of_a_byte_of_the_database_is_found_or_changes_nothing_that_the_ledger_says(place: LedgerFiles) -> None:
    content, whole, chance = place.database.read_bytes(), examine_ledger(place), random.Random(7)
    found = 0
    for at in [*range(100), *range(100, len(content), 17)]:
        flip_bit(place.database, at, chance.randrange(8))
        after = examine_ledger(place)
        found += bool(after.faults)
        assert after.faults or after == whole, at
        place.database.write_bytes(content)
    assert found > 100 and list_faults(place) == ""


@pytest.mark.parametrize("column", NAMES[1:])
def test_a_flip_of_any_byte_of_a_line_is_told_and_nothing_is_added(place: LedgerFiles, column: str) -> None:
    content, told = place.database.read_bytes(), str(getattr(list_lines(place)[3], column)).encode()
    chance = random.Random(11)
    for at in chance.sample(range(len(told)), min(8, len(told))):
        flip_bit(place.database, content.index(told) + at, chance.randrange(8))
        assert list_faults(place)
        with pytest.raises(BadInput, match="see `risk ledger verify`"):
            add_to_ledger(place, [("note", {})])
        place.database.write_bytes(content)
    assert list_faults(place) == ""


def test_a_flip_of_any_byte_of_the_head_is_found(place: LedgerFiles) -> None:
    path = place.head
    content = path.read_bytes()
    for at in range(len(content)):
        for bit in (0, 3, 5):
            flipped = bytearray(content)
            flipped[at] ^= 1 << bit
            with pytest.raises(BadInput, match=path.name):
                load_with_checksum(bytes(flipped), path)
    flip_bit(path, len(content) // 2)
    assert path.name in list_faults(place)


def test_a_ledger_with_files_of_an_earlier_version_beside_it_opens_without_a_word(place: LedgerFiles) -> None:
    for end in ("blocks", "turn"):
        place.database.with_name(f"ledger.db.{end}").write_text("of version 0.4.1", encoding="utf-8")
    assert examine_ledger(place)[1:] == ([], [])
    assert add_to_ledger(place, [("note", {"iso3": "EGY", "because": "Next."})])[0].number == 7


def test_a_flip_in_the_log_a_killed_writer_left_is_found_or_changes_no_line(place: LedgerFiles, tmp_path: Path) -> None:
    kept = killed_writer(place, tmp_path)
    log, found = kept.log.read_bytes(), examine_ledger(kept)
    assert not found.faults and [line.number for line in found.lines] == list(range(1, 8))
    for at in [*range(0, 60, 5), *random.Random(5).sample(range(len(log)), 40)]:
        flip_bit(kept.log, at, 4)
        assert "missing at the end" in list_faults(kept) or list_lines(kept) == found.lines
        kept.log.write_bytes(log)


def killed_writer(place: LedgerFiles, folder: Path) -> LedgerFiles:
    """The files of a ledger as a writer leaves them that is killed after its line is on disk and before it closes."""
    before = list_lines(place)[-1]
    line = chain_next_line(
        (before.number, before.hash), "2026-01-01T00:00:00Z", "Anna", "note", {"iso3": "EGY", "because": "x"}
    )
    kept = LedgerFiles(folder / "killed" / "ledger.db")
    kept.database.parent.mkdir()
    with closing(sqlite3.connect(place.database, isolation_level=None)) as connection:
        connection.execute("INSERT INTO line VALUES (?,?,?,?,?,?,?)", line)
        for path in (place.database, place.log):
            shutil.copy(path, kept.database.with_name(path.name))
    write_head(kept, LedgerHead(line.number, line.hash))
    return kept


def test_a_ledger_whose_last_writer_was_killed_is_whole_and_takes_the_next_line(
    place: LedgerFiles, tmp_path: Path
) -> None:
    kept = killed_writer(place, tmp_path)
    write_head(kept, LedgerHead(6, list_lines(kept)[5].hash))
    assert [remark.split()[0] for remark in examine_ledger(kept).remarks] == ["ledger.db.head"]
    (added,) = add_to_ledger(kept, [("note", {"iso3": "EGY", "because": "Next."})])
    assert added.number == 8 and examine_ledger(kept)[1:] == ([], [])


def chain(length: int) -> list[LedgerLine]:
    made: list[LedgerLine] = []
    for number in range(length):
        before = (made[-1].number, made[-1].hash) if made else (0, START_HASH)
        made.append(chain_next_line(before, f"2026-01-01T00:00:{number:02}Z", "Anna", "note", {"said": number}))
    return made


@settings(max_examples=40)
@given(st.integers(2, 9), st.data())
def test_any_change_to_any_part_of_any_line_breaks_the_chain_there(length: int, data: st.DataObject) -> None:
    whole = chain(length)
    assert list(find_chain_faults(whole)) == []
    at, name = data.draw(st.integers(0, length - 1)), data.draw(st.sampled_from(NAMES[1:]))
    other = data.draw(st.text().filter(lambda text: text != getattr(whole[at], name)))
    spoiled = [*whole[:at], whole[at]._replace(**{name: other}), *whole[at + 1 :]]
    assert any(fault.startswith(f"line {at + 1}:") for fault in find_chain_faults(spoiled))


@given(st.permutations(range(5)))
def test_lines_in_another_order_are_no_chain_even_if_numbered_anew(order: list[int]) -> None:
    moved = [line._replace(number=number) for number, line in enumerate((chain(5)[at] for at in order), 1)]
    assert (list(find_chain_faults(moved)) == []) == (order == sorted(order))


@settings(max_examples=40)
@given(
    st.dictionaries(st.text(), st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()))
)
def test_sealed_facts_come_back_as_they_were(facts: dict[str, object]) -> None:
    facts.pop("checksum", None)
    assert load_with_checksum(dump_with_checksum(facts), Path("invented.json")) == facts
