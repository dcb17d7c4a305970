"""Writers at the same time, killed, locked out or without room: no line that was said to be there is lost."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit

import pytest

from bench.faults.ledger_stress import stress_ledger
from features.bad_input import BadInput
from risk.ledger import ledger_files as places
from risk.ledger import writer
from risk.ledger.ledger_files import LedgerFiles, locate_ledger
from risk.ledger.reader import examine_ledger, read_lines
from risk.ledger.writer import add_to_ledger, get_user_name, open_ledger
from tests.risk.command_line import ROOT_FOLDER
from tests.risk.ledger.invented_ledger import write_invented_ledger

NOTE = ("note", {"iso3": "EGY", "because": "Invented."})
# Adds notes until it is killed, and says which are on disk.
ENDLESS = """
import sys
from pathlib import Path
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.writer import add_to_ledger
while True:
    note = ("note", {"iso3": "EGY", "because": 1500 * "x"})
    print(add_to_ledger(LedgerFiles(Path(sys.argv[1])), [note])[0].number, flush=True)
"""


def endless(place: LedgerFiles, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", ENDLESS, str(place.database)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT_FOLDER)}, **options,
    )  # fmt: skip


def test_eight_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    came = stress_ledger(LedgerFiles(tmp_path / "ledger.db"), 8, 50)
    assert (came.lines, came.lost, came.faults) == (400, 0, [])


def test_writers_in_one_process_lose_nothing_either(tmp_path: Path) -> None:
    place = LedgerFiles(tmp_path / "ledger.db")
    threads = [threading.Thread(target=lambda: [add_to_ledger(place, [NOTE]) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_lines(place)) == 40


def test_a_writer_killed_at_any_moment_has_lost_no_line_it_had_told(tmp_path: Path) -> None:
    place, told = LedgerFiles(tmp_path / "ledger.db"), 0
    for kill in range(6):
        process = endless(place)
        assert process.stdout is not None
        message = [process.stdout.readline() for _ in range(3 + kill)]
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=30)
        whole = [int(line) for line in [*message, *rest.splitlines(keepends=True)] if line.endswith("\n")]
        assert whole[0] > told
        told = whole[-1]
        found = examine_ledger(place)
        assert found.faults == [] and len(found.lines) >= told
    assert add_to_ledger(place, [NOTE])[0].number > told
    assert examine_ledger(place).remarks == []


def test_several_entries_are_added_together_or_not_at_all(tmp_path: Path) -> None:
    place = write_invented_ledger(tmp_path, 2)
    with pytest.raises(ValueError, match="not JSON compliant"):
        add_to_ledger(place, [NOTE, ("note", {"value": float("nan")})])
    assert len(read_lines(place)) == 2
    assert [line.number for line in add_to_ledger(place, [NOTE, NOTE])] == [3, 4]
    assert examine_ledger(place)[1:] == ([], [])


def test_a_ledger_kept_locked_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write_invented_ledger(tmp_path, 1)
    monkeypatch.setattr(places, "LOCK_TIMEOUT", 0.05)
    with places.hold_ledger_lock(place), pytest.raises(BadInput, match="in use by another command"):
        add_to_ledger(place, [NOTE])
    assert len(read_lines(place)) == 1


def test_a_database_locked_by_another_program_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_invented_ledger(tmp_path, 1)
    monkeypatch.setattr(writer, "BUSY_TIMEOUT", 50)
    with closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BadInput, match=r"cannot be written \(database is locked\); nothing was added"):
            add_to_ledger(place, [NOTE])
        other.execute("ROLLBACK")
    add_to_ledger(place, [NOTE])
    assert examine_ledger(place)[1:] == ([], [])


def test_a_ledger_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        add_to_ledger(LedgerFiles(tmp_path / "file" / "ledger.db"), [NOTE])
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(BadInput, match="ledger.db"):
        add_to_ledger(LedgerFiles(tmp_path / "ledger.db"), [NOTE])


def test_a_disk_that_takes_no_more_loses_no_earlier_line(tmp_path: Path) -> None:
    place = write_invented_ledger(tmp_path, 3)
    size = place.database.stat().st_size
    process = endless(place, preexec_fn=lambda: setrlimit(RLIMIT_FSIZE, (size + 50_000, size + 50_000)))
    message, failed = process.communicate(timeout=60)
    assert process.returncode == 1 and "cannot be written" in failed.splitlines()[-1]
    found = examine_ledger(place)
    assert found.faults == [] and len(found.lines) >= int(message.splitlines()[-1])
    add_to_ledger(place, [NOTE])
    assert examine_ledger(place)[1:] == ([], [])


def test_looking_at_a_ledger_makes_and_changes_nothing(tmp_path: Path) -> None:
    nowhere = LedgerFiles(tmp_path / "none" / "ledger.db")
    assert read_lines(nowhere) == [] and not nowhere.database.parent.exists()
    place = write_invented_ledger(tmp_path, 2)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    read_lines(place)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_a_session_that_fails_leaves_the_ledger_whole(tmp_path: Path) -> None:
    place = write_invented_ledger(tmp_path, 1)
    with pytest.raises(BadInput, match="refused"), open_ledger(place) as ledger:
        ledger.add_entries([NOTE])
        raise BadInput("refused")
    assert len(read_lines(place)) == 2 and examine_ledger(place)[1:] == ([], [])


def test_a_ledger_is_where_it_is_named_or_the_environment_says_or_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISK_LEDGER", "elsewhere")
    assert locate_ledger().database == Path("elsewhere/ledger.db")
    assert locate_ledger(tmp_path / "copy.db").database == tmp_path / "copy.db"
    monkeypatch.delenv("RISK_LEDGER")
    assert locate_ledger().database == Path("ledger/ledger.db")


def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer.getpass, "getuser", lambda: {}["nobody"])
    assert get_user_name() == "unknown"
