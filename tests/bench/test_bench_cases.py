"""The case bench: its invented cases, comparisons and report."""

import gc
from pathlib import Path

import polars as pl
import pytest

from bench import cases
from bench.cases import check_case_results, invent_cases, prepare_row_review, prepare_streamed_review
from bench.measure import Measurement
from features.bad_input import BadInput
from risk.workflows.review_cases import load_review_context
from tests.conftest import FinishedRun


def test_invented_cases_are_the_same_for_a_seed_and_reach_every_key(finished_run: FinishedRun) -> None:
    keys = load_review_context(finished_run.out)[0].keys
    first, again = (pl.concat(invent_cases(keys, 4000)) for _ in range(2))
    assert first.equals(again) and first["id"].n_unique() == 4000
    for name in ("partner", "programme", "item", "end_user"):
        assert set(first[name]) == set(getattr(keys, name))


def test_each_way_reviews_the_rows_it_names(finished_run: FinishedRun) -> None:
    assert prepare_streamed_review(finished_run.out, 500).run() == 500
    assert prepare_row_review(finished_run.out, 100).run() == 100


def test_answers_that_differ_from_the_engine_stop_the_measuring(
    finished_run: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "review_case_plainly", lambda case, plain: {"case_tier": "low"})
    with pytest.raises(BadInput, match="case_tier: plain Python differs from the engine in"):
        prepare_row_review(finished_run.out, 100)


def test_time_memory_and_growth_are_reported_against_their_limits() -> None:
    what = "cases, streamed from Parquet"
    few, million, most = (
        Measurement(what, 100_000, (1.0,), 300),
        Measurement(what, 1_000_000, (8.0,), 400),
        Measurement(what, 10_000_000, (80.0,), 410),
    )
    text = check_case_results([few, million, most, Measurement("cases, row by row in Python", 10_000, (9.0,), 100)])
    assert text == (
        "1,000,000 cases took 8.00 s: within the limit of 12 s on two cores; "
        "10,000,000 took 410 MB: within the limit of 2,500 MB; "
        "8.0 times the time for 10 times the rows, then 10.0 times the time for 10 times the rows."
    )
    assert "over the limit of 12 s" in check_case_results([few, Measurement(what, 1_000_000, (12.1,), 400)])
    assert "over the limit of 2,500 MB" in check_case_results([few, Measurement(what, 10_000_000, (1.0,), 2500)])


def test_the_files_of_a_bench_are_gone_afterwards(finished_run: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []
    monkeypatch.setattr(cases, "_write_cases", lambda file, keys, rows: folders.append(file.parent))
    work = prepare_streamed_review(finished_run.out, 10)
    assert folders[0].exists()
    del work
    gc.collect()
    assert not folders[0].exists()
