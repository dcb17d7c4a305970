"""Reports written again: only those asked for change, and a failure costs no earlier one."""

import json
import os
import shutil
import signal
import time
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit

import polars as pl
import pytest

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.workflows.rebuild_reports import rebuild_reports
from tests.conftest import FinishedRun
from tests.risk.command_line import read_contents, run_command, start_command
from tests.risk.invented_outputs import BASE_RATES, FACT_VALUES, INVENTED_PARTNERS, build_invented_tables


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The outputs of an invented run of three partners."""
    standing = pl.DataFrame([{"iso3": iso3, **FACT_VALUES} for iso3 in INVENTED_PARTNERS])
    return written(tmp_path / "out", build_invented_tables() | {"standing": standing, "panel": standing})


def written(out: Path, tables: dict[str, pl.DataFrame]) -> Path:
    out.mkdir()
    for name, table in tables.items():
        table.write_parquet(out / f"{name}.parquet")
    (out / "run.json").write_text(json.dumps({"base_rates": BASE_RATES, "decided_as_of": "2026-11-23"}))
    rebuild_reports(out, (), "html", snapshot=CURRENT_SNAPSHOT)
    return out


def test_reports_named_are_written_and_all_others_stay(out: Path) -> None:
    before = read_contents(out)
    assert (
        rebuild_reports(out, ["BRE", "BRE"], "docx", snapshot=CURRENT_SNAPSHOT) == f"BRE as docx in {out / 'reports'}"
    )
    assert rebuild_reports(out, ["ALD"], "pdf", snapshot=CURRENT_SNAPSHOT) == f"ALD as pdf in {out / 'reports'}"
    after = read_contents(out)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"reports/BRE.docx", "reports/ALD.pdf"}
    rebuild_reports(out, (), "html", snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out) == after


def test_a_page_named_is_written_as_all_pages_write_it(out: Path) -> None:
    before = read_contents(out)
    (out / "reports" / "ALD.html").write_text("spoiled")
    rebuild_reports(out, ["ALD"], "html", snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out) == before


def test_pages_written_again_are_those_that_the_run_wrote(finished_run: FinishedRun, tmp_path: Path) -> None:
    out = tmp_path / "again"
    shutil.copytree(finished_run.out, out)
    before = read_contents(out / "reports")
    rebuild_reports(out, (), "html", snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out / "reports") == before


def test_all_partners_come_in_every_format_with_the_same_bytes_again(out: Path) -> None:
    assert (
        rebuild_reports(out, (), "all", snapshot=CURRENT_SNAPSHOT)
        == f"3 partners as html, pdf, docx in {out / 'reports'}"
    )
    first = read_contents(out / "reports")
    assert set(first) >= {"index.html"} | {
        f"{iso3}.{form}" for iso3 in INVENTED_PARTNERS for form in ("html", "pdf", "docx")
    }
    rebuild_reports(out, (), "all", snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out / "reports") == first


def test_documents_of_many_partners_are_shared_out_and_come_under_their_own_names(tmp_path: Path) -> None:
    out = crowd(tmp_path)
    rebuild_reports(out, (), "docx", snapshot=CURRENT_SNAPSHOT)
    names = [f"A{number:02}.docx" for number in range(12)]
    assert sorted(path.name for path in (out / "reports").glob("*.docx")) == names
    before = read_contents(out)
    rebuild_reports(out, ["A07"], "docx", snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out) == before


def test_what_there_is_not_is_refused_and_nothing_changes(out: Path, tmp_path: Path) -> None:
    before = read_contents(out)
    with pytest.raises(BadInput, match="no partner 'XXX' in the last run, expected an ISO3 code such as ALD"):
        rebuild_reports(out, ["ALD", "XXX"], "pdf", snapshot=CURRENT_SNAPSHOT)
    with pytest.raises(BadInput, match="unknown format 'odt', expected one of html, pdf, docx, all"):
        rebuild_reports(out, (), "odt", snapshot=CURRENT_SNAPSHOT)
    with pytest.raises(BadInput, match="run `make score` first"):
        rebuild_reports(tmp_path / "none", (), "pdf", snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out) == before


def test_the_command_takes_small_letters_and_refuses_in_one_line(out: Path) -> None:
    ended = run_command("report", "ald", "--format", "docx", "--out", out)
    assert (ended.returncode, ended.stdout) == (0, f"ALD as docx in {out / 'reports'}\n")
    ended = run_command("report", "xxx", "--format", "docx", "--out", out)
    assert ended.returncode == 1
    assert ended.stderr == "risk: no partner 'XXX' in the last run, expected an ISO3 code such as ALD\n"


def test_a_disk_that_takes_no_more_leaves_earlier_reports_whole(out: Path, tmp_path: Path) -> None:
    rebuild_reports(out, ["ALD"], "pdf", snapshot=CURRENT_SNAPSHOT)
    before = read_contents(out)
    full = {"preexec_fn": lambda: setrlimit(RLIMIT_FSIZE, (30_000, 30_000))}
    ended = run_command("report", "ALD", "--format", "pdf", "--out", out, "--ledger", tmp_path / "ledger", **full)
    assert ended.returncode == 1
    assert "earlier outputs are unchanged" in ended.stderr
    assert read_contents(out) == before


def test_ctrl_c_while_documents_are_made_leaves_earlier_reports_whole(tmp_path: Path) -> None:
    out = crowd(tmp_path)
    before = read_contents(out)
    process = start_command("report", "--format", "pdf", "--out", out)
    patience = time.monotonic() + 60
    while not (out / ".staging" / "reports").exists() and time.monotonic() < patience:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, message = process.communicate(timeout=60)
    assert (process.returncode, message) == (1, "risk: interrupted; earlier outputs are unchanged\n")
    assert read_contents(out) == before
    assert not (out / ".staging").exists()


def test_documents_are_made_of_real_partners(finished_run: FinishedRun, tmp_path: Path) -> None:
    out = Path(shutil.copytree(finished_run.out, tmp_path / "out", ignore=shutil.ignore_patterns("models", "mlflow*")))
    some = finished_run.result.partners["iso3"].gather_every(20).to_list()
    rebuild_reports(out, some, "all", snapshot=CURRENT_SNAPSHOT)
    for iso3 in some:
        assert (out / "reports" / f"{iso3}.pdf").read_bytes().startswith(b"%PDF")
        assert (out / "reports" / f"{iso3}.docx").read_bytes().startswith(b"PK")


def crowd(folder: Path) -> Path:
    """The outputs of an invented run of twelve partners, each another Aldova."""
    of = {name: table.filter(pl.col("iso3") == "ALD") for name, table in build_invented_tables().items()}
    of |= dict.fromkeys(("standing", "panel"), pl.DataFrame([{"iso3": "ALD", **FACT_VALUES}]))
    codes = [f"A{number:02}" for number in range(12)]
    many = {name: pl.concat(table.with_columns(iso3=pl.lit(code)) for code in codes) for name, table in of.items()}
    return written(folder / "out", many)
