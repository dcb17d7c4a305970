"""The commands on the ledger, as a person meets them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from features.bad_input import BadInput
from features.files.yaml_with_lines import read_marked
from risk.cli.app import app
from risk.ledger.deadlines import DEADLINES, read_deadlines
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import read_lines
from tests.risk.ledger.invented_ledger import flip_bit, forge_ledger, write_invented_ledger

COMMANDS = (
    "override", "note", "withdraw", "incident", "incident-status", "dispute", "answer", "list", "verify", "score",
    "export", "import", "backup",
)  # fmt: skip
DOCS = Path(__file__).resolve().parents[3] / "docs"


def run(place: LedgerFiles, *words: object) -> Result:
    """Run a command on a ledger; what it refuses is raised."""
    return CliRunner().invoke(
        app, ["ledger", *map(str, words), "--ledger", str(place.database)], catch_exceptions=False
    )


def enter(place: LedgerFiles, *words: object) -> Result:
    return run(place, *words, "--by", "Anna", "--out", place.database.parent / "no outputs")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str) -> None:
    result = CliRunner().invoke(app, ["ledger", command, "--help"])
    assert result.exit_code == 0 and "Usage" in result.stdout


def test_a_report_is_entered_moved_on_and_listed_until_it_ends(tmp_path: Path) -> None:
    place = LedgerFiles(tmp_path / "ledger.db")
    told = ("incident", "egy", "--on", "2026-01-02", "--what", "Shelling.", "--source", "https://invented.example")
    result = enter(place, *told)
    assert "Line 1 added" in result.stdout and read_lines(place)[0].hash in result.stdout
    assert "reported, due" in run(place, "list", "EGY", "--open").stdout
    enter(place, "incident-status", 1, "under_review", "--because", "Begun.")
    enter(place, "note", "SDN", "Seen.")
    assert "under review, due" in run(place, "list", "EGY").stdout
    assert "SDN" not in run(place, "list", "EGY").stdout and "SDN" in run(place, "list").stdout
    enter(place, "incident-status", 1, "unfounded", "--because", "No such place.")
    assert run(place, "list", "EGY", "--open").stdout == "Nothing open or in force.\n"
    assert "unfounded" in run(place, "list", "EGY").stdout
    with pytest.raises(BadInput, match="cannot follow 'unfounded', expected one of under review"):
        enter(place, "incident-status", 1, "closed", "--because", "x")


def test_a_whole_ledger_is_verified_carried_away_and_taken_in_elsewhere(tmp_path: Path) -> None:
    place, text, copy = write_invented_ledger(tmp_path / "a", 3), tmp_path / "lines.jsonl", tmp_path / "copy.db"
    head = f"Head  3 {read_lines(place)[-1].hash}"
    other = LedgerFiles(tmp_path / "b" / "ledger.db")
    for result in (
        run(place, "verify"),
        run(place, "export", text),
        run(place, "verify", text),
        run(place, "backup", copy),
        run(LedgerFiles(copy), "verify"),
        run(other, "import", text),
        run(other, "verify"),
    ):
        assert result.exit_code == 0 and head in result.stdout and "Keep this head elsewhere" in result.stdout


def test_a_broken_ledger_ends_with_1_and_names_every_fault(tmp_path: Path) -> None:
    place = write_invented_ledger(tmp_path, 4)
    forge_ledger(place, "UPDATE line SET who = 'Eve' WHERE number = 2", "DELETE FROM line WHERE number = 4")
    flip_bit(place.head, 30)
    result = run(place, "verify")
    assert result.exit_code == 1 and "FAULT" in result.stdout and "ledger.db.head: altered" in result.stdout
    assert "line 2: altered" in result.stdout
    with pytest.raises(BadInput, match="see `risk ledger verify`"):
        run(place, "list")


def test_an_empty_ledger_is_whole_and_lists_nothing(tmp_path: Path) -> None:
    place = LedgerFiles(tmp_path / "ledger.db")
    assert "no lines yet" in run(place, "verify").stdout
    assert run(place, "list").stdout == "No entries.\n"
    assert run(place, "score").stdout == "The ledger holds no score release yet.\n"


def test_an_answer_must_say_which_way(tmp_path: Path) -> None:
    assert enter(LedgerFiles(tmp_path / "ledger.db"), "answer", 1, "--because", "x").exit_code == 2


def test_the_guide_names_every_command_and_the_reference_the_days_of_the_clock() -> None:
    guide, text = ((DOCS / room / "ledger.md").read_text(encoding="utf-8") for room in ("how-to", "reference"))
    assert [command for command in COMMANDS if f"risk ledger {command}" not in guide] == []
    for status, found in read_deadlines(read_marked(DEADLINES)).items():
        row = f"| {status} | {found.days or '–'} | {found.what or '–'} | {', '.join(found.then)} |"
        assert row in text
