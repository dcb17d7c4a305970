"""The bench of cases: what it invents, what it compares and what it says."""

import gc
from pathlib import Path

import polars as pl
import pytest

from bench import cases
from bench.cases import check, invented_cases, row_by_row, streamed
from bench.measure import Measured
from features.bad_input import BadInput
from risk.workflows.review_cases import desk_of
from tests.conftest import FinishedRun


def test_invented_cases_are_the_same_for_a_seed_and_reach_every_key(finished_run: FinishedRun) -> None:
    keys = desk_of(finished_run.out)[0].keys
    first, again = (pl.concat(invented_cases(keys, 4000)) for _ in range(2))
    assert first.equals(again) and first["id"].n_unique() == 4000
    for name in ("partner", "programme", "item", "end_user"):
        assert set(first[name]) == set(getattr(keys, name))


def test_each_way_reviews_the_rows_it_names(finished_run: FinishedRun) -> None:
    assert streamed(finished_run.out, 500).run() == 500
    assert row_by_row(finished_run.out, 100).run() == 100


def test_answers_that_differ_from_the_engine_stop_the_measuring(
    finished_run: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "plain_review", lambda case, plain: {"case_tier": "low"})
    with pytest.raises(BadInput, match="case_tier: plain Python differs from the engine in"):
        row_by_row(finished_run.out, 100)


def test_time_memory_and_growth_are_told_against_what_is_asked() -> None:
    what = "cases, streamed from Parquet"
    few, million, most = (
        Measured(what, 100_000, (1.0,), 300),
        Measured(what, 1_000_000, (8.0,), 400),
        Measured(what, 10_000_000, (80.0,), 410),
    )
    told = check([few, million, most, Measured("cases, row by row in Python", 10_000, (9.0,), 100)])
    assert told == (
        "1,000,000 cases took 8.00 s: within the 12 s asked on two cores; "
        "10,000,000 took 410 MB: within the 2,500 MB asked; "
        "8.0 times the time for 10 times the rows, then 10.0 times the time for 10 times the rows."
    )
    assert "over the 12 s" in check([few, Measured(what, 1_000_000, (12.1,), 400)])
    assert "over the 2,500 MB" in check([few, Measured(what, 10_000_000, (1.0,), 2500)])


def test_the_files_of_a_bench_are_gone_afterwards(finished_run: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []
    monkeypatch.setattr(cases, "_write", lambda file, keys, rows: folders.append(file.parent))
    work = streamed(finished_run.out, 10)
    assert folders[0].exists()
    del work
    gc.collect()
    assert not folders[0].exists()
