"""Cases from a folder of Parquet files and on a cluster: the same rows and bytes, wherever they are reviewed."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bench.cases import invent_cases
from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.parallel.cluster import ClusterLink, connect_to_cluster
from risk.cases.reading import case_files as reading
from risk.cases.review import ReviewContext
from risk.cases.streaming import read_review_results
from risk.workflows import review_cases as case_review
from risk.workflows.review_cases import load_review_context, review_case_file
from tests.conftest import FinishedRun
from tests.risk.command_line import read_contents, run_command


@pytest.fixture(scope="module")
def desk(finished_run: FinishedRun) -> ReviewContext:
    return load_review_context(finished_run.out)[0]


@pytest.fixture
def out(finished_run: FinishedRun, desk: ReviewContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(case_review, "load_review_context", lambda _: (desk, date(2026, 11, 23)))
    monkeypatch.setattr(reading, "PART_ROWS", 7)
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("standing.parquet", "decisions.parquet", "run.json"):
        (folder / name).symlink_to(finished_run.out / name)
    return folder


@pytest.fixture
def parts(desk: ReviewContext, tmp_path: Path) -> Path:
    """Three files of ten invented cases, one of them with a row to reject, and what another program leaves there."""
    rows = pl.concat(invent_cases(desk.keys, 30)).drop("line")
    wrong = pl.when(pl.col("id") == "invented-14").then(pl.lit("XXX")).otherwise("item")
    rows = rows.with_columns(item=wrong)
    folder = tmp_path / "batch"
    folder.mkdir()
    for n in range(3):
        rows[n * 10 : n * 10 + 10].write_parquet(folder / f"{'cab'[n]}.parquet")
    (folder / "_SUCCESS").touch()
    rows.write_parquet(tmp_path / "whole.parquet")
    return folder


@pytest.fixture(scope="module")
def two() -> Iterator[ClusterLink]:
    with connect_to_cluster("local:2") as link:
        assert link is not None
        yield link


def test_files_of_a_folder_are_reviewed_by_name_and_rejects_name_theirs(out: Path, parts: Path) -> None:
    done = review_case_file(parts, out, snapshot=CURRENT_SNAPSHOT)
    assert (done.folder.name, done.tally.rows, done.tally.rejected) == ("batch", 30, 1)
    ids = read_review_results(done.folder)["id"].to_list()
    expected = [n for start in (10, 20, 0) for n in range(start, start + 10) if n != 14]
    assert ids == [f"invented-{n}" for n in expected]
    (bad,) = pl.read_csv(done.folder / "rejects.csv").to_dicts()
    assert (bad["file"], bad["line"], bad["id"], bad["field"]) == ("a.parquet", 5, "invented-14", "item")
    assert len(list((done.folder / "results").iterdir())) == 6
    assert pl.read_csv(done.folder / "results.csv").height == 29


def test_a_folder_gives_each_case_what_one_file_gives(out: Path, parts: Path) -> None:
    apart = read_review_results(review_case_file(parts, out, snapshot=CURRENT_SNAPSHOT).folder).sort("id")
    assert (
        read_review_results(review_case_file(parts.with_name("whole.parquet"), out, snapshot=CURRENT_SNAPSHOT).folder)
        .sort("id")
        .equals(apart)
    )


def test_a_pattern_takes_the_files_that_it_names(out: Path, parts: Path) -> None:
    done = review_case_file(parts / "[ab]*.parquet", out, snapshot=CURRENT_SNAPSHOT)
    assert done.tally.rows == 20 and done.folder.name == "batch"


@pytest.mark.parametrize("what", ["batch", "whole.parquet"])
def test_two_workers_write_the_bytes_that_one_process_writes(
    out: Path, parts: Path, two: ClusterLink, what: str
) -> None:
    alone = read_contents(review_case_file(parts.with_name(what), out, snapshot=CURRENT_SNAPSHOT).folder)
    assert (
        read_contents(review_case_file(parts.with_name(what), out, link=two, snapshot=CURRENT_SNAPSHOT).folder) == alone
        and len(alone) >= 4
    )


def test_strict_names_the_file_of_the_folder_wherever_it_runs(out: Path, parts: Path, two: ClusterLink) -> None:
    for link in (None, two):
        with pytest.raises(BadInput, match="^a.parquet, row 5: item: 'XXX' is not accepted"):
            review_case_file(parts, out, strict=True, link=link, snapshot=CURRENT_SNAPSHOT)
    assert not read_contents(out / "cases")


REFUSED: list[tuple[Callable[[Path], Any], str]] = [
    (
        lambda folder: [path.unlink() for path in folder.iterdir()],
        "batch: contains no case files; expected .parquet files",
    ),
    (lambda folder: (folder / "d.csv").touch(), "d.csv: not a .parquet file; a case folder may contain nothing else"),
    (
        lambda folder: (folder / "d.parquet").mkdir(),
        "d.parquet: not a .parquet file; a case folder may contain nothing else",
    ),
    (lambda folder: (folder / "d.parquet").write_bytes(b"PAR1"), "d.parquet: cannot be read as Parquet"),
]


@pytest.mark.parametrize(("spoil", "message"), REFUSED, ids=[message[:25] for _, message in REFUSED])
def test_a_folder_that_cannot_be_used_is_refused_in_one_line(
    out: Path, parts: Path, spoil: Callable[[Path], Any], message: str
) -> None:
    spoil(parts)
    with pytest.raises(BadInput, match=message):
        review_case_file(parts, out, snapshot=CURRENT_SNAPSHOT)
    assert not read_contents(out / "cases")


def test_the_command_tells_of_a_wrong_cluster_in_one_line_and_writes_nothing(out: Path, parts: Path) -> None:
    done = run_command("case", parts, "--out", out, "--cluster", "tcp://127.0.0.1:1")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("risk: cluster tcp://127.0.0.1:1: nothing answers there")
    assert not (out / "cases").exists()
