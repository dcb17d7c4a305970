"""Results are written aside and moved into place together; a failure of any kind leaves the earlier ones."""

import errno
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

import risk
from features.bad_input import BadInput
from risk.outputs.atomic_swap import hold_read_lock
from risk.outputs.writing import stage_outputs, write_csv, write_json, write_parquet
from risk.report.workbook import write_workbook
from tests.risk.invented_outputs import build_decision_row, build_invented_tables


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A folder with the results of an earlier run."""
    with stage_outputs(tmp_path) as staging:
        write_run(staging, "earlier")
    return tmp_path


def write_run(staging: Path, run: str) -> None:
    for name in ("decisions.csv", "scores.csv"):
        (staging / name).write_text(run)
    (staging / "reports").mkdir()
    (staging / "reports" / f"{run}.html").write_text(run)


def content(folder: Path) -> dict[str, str]:
    """Every file a reader sees below the folder, with its text."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", ".reading")]
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def results_of(run: str) -> dict[str, str]:
    return {"decisions.csv": run, "scores.csv": run, f"reports/{run}.html": run}


def fail_from(call: int, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let Path.replace work until the given call, fail once there, and work again."""
    replace, calls = Path.replace, iter(range(1, 1000))

    def failing(path: Path, target: Path) -> Path:
        if next(calls) == call:
            raise error
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)


def test_a_run_that_ends_replaces_files_and_folders_and_leaves_nothing_aside(earlier: Path) -> None:
    with stage_outputs(earlier) as staging:
        write_run(staging, "later")
    assert content(earlier) == results_of("later")
    assert sorted(path.name for path in earlier.iterdir()) == [
        ".lock",
        ".reading",
        "decisions.csv",
        "reports",
        "scores.csv",
    ]


def test_files_the_run_does_not_write_stay(earlier: Path) -> None:
    (earlier / "ledger.csv").write_text("kept")
    with stage_outputs(earlier) as staging:
        write_run(staging, "later")
    assert content(earlier) == results_of("later") | {"ledger.csv": "kept"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("a wrong value")])
def test_an_interrupted_run_leaves_the_earlier_results(earlier: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), stage_outputs(earlier) as staging:
        write_run(staging, "later")
        raise error
    assert content(earlier) == results_of("earlier")


@pytest.mark.parametrize("call", range(1, 8))
def test_a_failure_at_any_move_puts_the_earlier_results_back(
    earlier: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    fail_from(call, monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(BadInput, match="No space left on device"), stage_outputs(earlier) as staging:
        write_run(staging, "later")
    assert content(earlier) == results_of("earlier")


def test_ctrl_c_while_files_move_puts_the_earlier_results_back(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_from(4, monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt), stage_outputs(earlier) as staging:
        write_run(staging, "later")
    assert content(earlier) == results_of("earlier")


def test_a_full_disk_is_one_clear_line_and_leaves_the_earlier_results(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BadInput) as refusal, stage_outputs(earlier) as staging:
        write_parquet(pl.DataFrame({"iso3": ["ALD"]}), staging / "scores.parquet")
    assert str(refusal.value) == (
        f"{earlier}: cannot write results (No space left on device); earlier outputs are unchanged"
    )
    assert content(earlier) == results_of("earlier")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(BadInput, match="cannot write results"), stage_outputs(tmp_path / "out"):
        pass


def test_a_second_run_at_once_is_refused_and_does_not_disturb_the_first(earlier: Path) -> None:
    with stage_outputs(earlier) as staging:
        write_run(staging, "later")
        with pytest.raises(BadInput, match="another run is writing here"), stage_outputs(earlier):
            pytest.fail("the second run was let in")
    assert content(earlier) == results_of("later")


def test_a_killed_run_leaves_no_lock_and_no_rest(earlier: Path) -> None:
    code = (
        "import pathlib, sys, time; from risk.outputs.writing import stage_outputs\n"
        "with stage_outputs(pathlib.Path(sys.argv[1])) as staging:\n"
        "    (staging / 'half.csv').write_text('half'); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", code, str(earlier)])
    deadline = time.monotonic() + 30
    while not (earlier / ".staging" / "half.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    run.kill()
    run.wait()
    assert (earlier / ".staging" / "half.csv").exists()
    with stage_outputs(earlier) as staging:
        assert not list(staging.iterdir())
    assert content(earlier) == results_of("earlier")


def test_a_run_killed_while_files_moved_is_undone_at_the_next_start(earlier: Path) -> None:
    (earlier / ".previous").mkdir()
    (earlier / ".staging").mkdir()
    (earlier / "decisions.csv").replace(earlier / ".previous" / "decisions.csv")
    (earlier / "decisions.csv").write_text("killed")
    (earlier / "scores.csv").replace(earlier / ".previous" / "scores.csv")
    with stage_outputs(earlier):
        pass
    assert content(earlier) == results_of("earlier")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe_in_csv(tmp_path: Path, start: str) -> None:
    frame = pl.DataFrame({"title": [f"{start}1+1", "1=1", None], "change": [-0.5, 1.0, None]})
    write_csv(frame, tmp_path / "a.csv")
    assert pl.read_csv(tmp_path / "a.csv").rows() == [(f"'{start}1+1", -0.5), ("1=1", 1.0), (None, None)]


def test_csv_is_utf8(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"partner": ["Türkiye"], "leverage": [72.5]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == "partner,leverage\nTürkiye,72.5\n".encode()


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    tables = build_invented_tables()
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        write_parquet(tables["scores"], tmp_path / run / "scores.parquet")
        write_json({"b": 1, "a": "é"}, tmp_path / run / "run.json")
        make_workbook(tmp_path / run / "decisions.xlsx", tables["decisions"])
        time.sleep(1.1 if run == "first" else 0)
    for name in ("scores.parquet", "run.json", "decisions.xlsx"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def make_workbook(path: Path, decisions: pl.DataFrame) -> None:
    tables = build_invented_tables()
    columns = [frame.to_dict(as_series=False) for frame in (decisions, tables["partners"], tables["scores"])]
    write_workbook(path, *columns, [("How to read it", "Row by row.")])


def parts_of(path: Path) -> dict[str, str]:
    with ZipFile(path) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def test_the_workbook_has_its_four_sheets_each_table_filtered_and_frozen(tmp_path: Path) -> None:
    make_workbook(tmp_path / "a.xlsx", build_invented_tables()["decisions"])
    parts = parts_of(tmp_path / "a.xlsx")
    for title in ("Read me", "Partners", "Decisions", "Scores"):
        assert f'<sheet name="{title}"' in parts["xl/workbook.xml"]
    for sheet in (2, 3, 4):
        assert "<autoFilter" in parts[f"xl/worksheets/sheet{sheet}.xml"]
        assert 'state="frozen"' in parts[f"xl/worksheets/sheet{sheet}.xml"]


def test_the_workbook_never_holds_a_formula_or_a_link_from_the_data(tmp_path: Path) -> None:
    hostile = pl.DataFrame([build_decision_row(title="=HYPERLINK(1)", because="https://invented.example")])
    make_workbook(tmp_path / "a.xlsx", hostile)
    parts = parts_of(tmp_path / "a.xlsx")
    assert "=HYPERLINK(1)" in parts["xl/sharedStrings.xml"]
    assert "<f>" not in parts["xl/worksheets/sheet3.xml"]
    assert "hyperlink" not in parts["xl/worksheets/sheet3.xml"]


def test_the_workbook_holds_numbers_as_numbers_and_evidence_in_words(tmp_path: Path) -> None:
    make_workbook(tmp_path / "a.xlsx", pl.DataFrame([build_decision_row(as_of=date(2025, 6, 30))]))
    parts = parts_of(tmp_path / "a.xlsx")
    assert "<v>0.3142</v>" in parts["xl/worksheets/sheet4.xml"]
    assert "leverage &gt;= 50: holds; leverage 72.34 (2025)" in parts["xl/sharedStrings.xml"]
    assert "2025-06-30" in parts["xl/sharedStrings.xml"]


def test_a_reader_after_a_kill_in_the_exchange_sees_the_earlier_run_alone(tmp_path: Path) -> None:
    for name in ("reasons", "scores"):
        write_parquet(pl.DataFrame({"run": ["old"]}), tmp_path / f"{name}.parquet")
    (tmp_path / ".previous").mkdir()
    (tmp_path / ".staging").mkdir()
    (tmp_path / "reasons.parquet").replace(tmp_path / ".previous" / "reasons.parquet")
    write_parquet(pl.DataFrame({"run": ["new"]}), tmp_path / "reasons.parquet")
    write_parquet(pl.DataFrame({"run": ["new"]}), tmp_path / ".staging" / "scores.parquet")
    assert [risk.reasons(tmp_path)["run"][0], risk.scores(tmp_path)["run"][0]] == ["old", "old"]
    assert not (tmp_path / ".previous").exists()


def test_an_exchange_waits_until_whoever_reads_has_read_every_table(tmp_path: Path) -> None:
    def write(run: str) -> None:
        with stage_outputs(tmp_path) as staging:
            write_parquet(pl.DataFrame({"run": [run]}), staging / "scores.parquet")

    write("old")
    writer = threading.Thread(target=write, args=("new",))
    with hold_read_lock(tmp_path):
        first = risk.scores(tmp_path)["run"][0]
        writer.start()
        writer.join(0.3)
        assert (first, risk.scores(tmp_path)["run"][0], writer.is_alive()) == ("old", "old", True)
    writer.join()
    assert risk.scores(tmp_path)["run"][0] == "new"
