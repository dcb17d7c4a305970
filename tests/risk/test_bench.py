from dataclasses import replace
from pathlib import Path

import pytest
from risk.bench import Measured, decisions, interpreted, measure, vectorised, within

from features.bad_input import BadInput
from risk import bench
from tests.conftest import FinishedRun


def test_each_task_measures_the_rows_it_names(finished_run: FinishedRun) -> None:
    measured = [vectorised(finished_run.out, 1000), interpreted(finished_run.out, 300), decisions(finished_run.out)]
    assert [one.rows for one in measured] == [1000, 300, finished_run.result.standing.height]
    assert all(len(one.seconds) == bench.RUNS and one.peak > 0 and one.per_second > 0 for one in measured)


def test_answers_that_differ_from_the_engine_stop_the_measuring(
    finished_run: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "compile_rules", lambda rules, schema: lambda row: [True for _ in rules])
    with pytest.raises(BadInput, match="plain Python differs from the engine in"):
        interpreted(finished_run.out, 300)


def test_the_median_is_of_the_runs_and_the_rate_follows_from_it() -> None:
    one = Measured("invented", 1000, (0.1, 0.5, 0.2), 50)
    assert one.median == 0.2 and one.per_second == 5000


def test_the_most_rows_decide_whether_time_and_memory_are_kept() -> None:
    small, great = Measured("few", 10, (9.0,), 10), Measured("many", 1_000_000, (2.0,), 500)
    assert within([small, great]) == (
        "1,000,000 rows took 2.00 s and 500 MB: within the 3 s and 2,000 MB asked on two cores"
    )
    assert ": over the 3 s" in within([small, replace(great, seconds=(3.1,))])
    assert ": over the 3 s" in within([small, replace(great, peak=2000)])


def test_an_unknown_section_and_a_missing_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unknown section 'cases', expected one of rules"):
        measure("cases", tmp_path)
    with pytest.raises(BadInput, match="run `make score` first"):
        measure("rules", tmp_path)
