"""The reference pages are those that the code writes, and name every column that a run gives."""

import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.cases.columns import REJECTS, RESULTS
from risk.outputs.columns import TABLES, OutputTable
from risk.portfolio.columns import TABLES as PORTFOLIO
from risk.workflows.review_cases import review_case_file
from tests.conftest import FinishedRun

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / ".ci" / "reference"
NAMED = {Path(table.files.split("`")[1]).name: table for table in TABLES}
OF_A_RUN = [name for name in NAMED if name != "record.csv"]


def undescribed(table: OutputTable, columns: list[str]) -> list[str]:
    """Columns that no line of a table describes, as written or by its form."""
    forms = [re.sub("<[a-z]+>", ".+", column) for column in table.columns]
    return [column for column in columns if not any(re.fullmatch(form, column) for form in forms)]


def given(table: OutputTable) -> list[str]:
    """The columns that a table describes by their own name."""
    return [column for column in table.columns if "<" not in column]


def run(*words: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / ".ci" / "reference"), *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_every_reference_page_is_current() -> None:
    ended = run("--check")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_stale_page_is_named_and_written_again_to_the_same_bytes(tmp_path: Path) -> None:
    for name in (".ci", "features", "models", "risk", "docs", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".ci").unlink()
    (tmp_path / "docs").unlink()
    pages = tmp_path / "docs" / "reference"
    pages.mkdir(parents=True)
    script = tmp_path / ".ci" / "reference"
    script.mkdir(parents=True)
    for path in (*GENERATOR.glob("*.py"), *GENERATOR.glob("*.yaml")):
        (script / path.name).write_bytes(path.read_bytes())
    for path in (ROOT / "docs" / "reference").glob("*.md"):
        (pages / path.name).write_bytes(path.read_bytes())
    stale = pages / "codes.md"
    stale.write_text("Edited by hand\n", encoding="utf-8")
    checked = run("--check", root=tmp_path)
    assert checked.returncode == 1 and "docs/reference/codes.md; run `make docs`" in checked.stderr
    assert stale.read_text(encoding="utf-8") == "Edited by hand\n"
    assert run(root=tmp_path).stdout == "Written  docs/reference/codes.md\n"
    assert stale.read_bytes() == (ROOT / "docs" / "reference" / "codes.md").read_bytes()


@pytest.mark.parametrize("name", OF_A_RUN)
def test_every_column_of_a_run_is_described_and_no_other(name: str, finished_run: FinishedRun) -> None:
    columns = pl.read_parquet_schema(finished_run.out / name).names()
    assert undescribed(NAMED[name], columns) == []
    assert [column for column in given(NAMED[name]) if column not in columns] == []


@pytest.mark.parametrize("name", [name for name in PORTFOLIO if not name.startswith("what_if")])
def test_every_column_of_the_portfolio_is_described(name: str, finished_run: FinishedRun) -> None:
    assert (
        list(PORTFOLIO[name].columns)
        == pl.read_parquet_schema(finished_run.out / "portfolio" / f"{name}.parquet").names()
    )


def test_every_column_of_a_case_review_is_described(finished_run: FinishedRun) -> None:
    folder = finished_run.out / "cases" / "cases"
    review_case_file(ROOT / "docs" / "examples" / "cases.csv", finished_run.out, snapshot=CURRENT_SNAPSHOT)
    columns = pl.read_parquet_schema(folder / "results.parquet").names()
    assert undescribed(RESULTS, columns) == [] and [name for name in given(RESULTS) if name not in columns] == []
    assert (folder / "rejects.csv").read_text(encoding="utf-8").splitlines()[0].split(",") == list(REJECTS.columns)
