"""The bench: contenders take turns, their results are checked, and the report follows from the measurements."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from bench import pandas_checked, rules
from bench import panel as panel_section
from bench.measure import (
    Contender,
    Measurement,
    TimedWork,
    TimeRatio,
    compute_time_ratio,
    list_missing_packages,
    measure_by_turns,
)
from bench.pandas_panel import build_pandas_panel
from bench.report import format_page, format_section
from bench.score import ScoreTimings
from bench.sections import BENCH_SECTIONS, SectionResult, measure_sections
from features.bad_input import BadInput
from features.snapshot.cards import RAW_FOLDER, read_card
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from tests.conftest import FinishedRun
from tests.features.snapshot.changed_snapshots import copy_snapshot, rewrite_table

Change = Callable[[pl.DataFrame], pl.DataFrame]


def invented_work(out: Path, number: int) -> TimedWork:
    return TimedWork(lambda: number, lambda result: {"result": result})


def test_ways_take_turns_and_one_whose_package_is_missing_is_left_out_and_named(tmp_path: Path) -> None:
    sides = [
        Contender("invented", invented_work, 10, (7,)),
        Contender("absent", invented_work, 1, (8,), needs="no_such_package"),
    ]
    (measured,) = measure_by_turns(sides, tmp_path, runs=2)
    assert measured.results == {"result": 7} and len(measured.seconds) == 2 and measured.peak > 0
    assert list_missing_packages(sides) == ["absent: skipped, no_such_package is not installed"]


def test_a_ratio_is_of_paired_runs_and_of_rows() -> None:
    ours, other = Measurement("invented", 100, (1.0, 2.0, 4.0), 1), Measurement("other", 10, (1.0, 1.0, 1.0), 1)
    assert compute_time_ratio(ours, other) == TimeRatio(5.0, 2.5, 10.0)


def test_the_panel_in_pandas_has_the_engine_s_numbers_and_a_difference_is_refused(
    panel: pl.DataFrame,
) -> None:
    ours = Measurement("invented", 1, (1.0,), 1, {"panel": panel})
    other = pl.from_pandas(build_pandas_panel(CURRENT_SNAPSHOT))
    assert "9,205 rows and 433 columns" in check_panel(ours, other)
    spoiled = other.with_columns(pl.col("pts_mean") + 0.1)
    with pytest.raises(BadInput, match="column pts_mean differs between the engine and pandas in"):
        check_panel(ours, spoiled)


def check_panel(ours: Measurement, other: pl.DataFrame) -> str:
    return panel_section.check_panel_results([ours, replace(ours, results={"panel": other})])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda panel: pl.concat([panel, panel.head(1)]), "a key is repeated"),
        (lambda panel: panel.with_columns(sipri_us_share10=pl.lit(1.5)), "out of bounds"),
        (lambda panel: panel.with_columns(wdi_gdp_growth_pct=pl.lit(float("inf"))), "out of bounds"),
        (lambda panel: panel.with_columns(iso3=pl.col("iso3").str.to_lowercase()), "out of bounds"),
        (lambda panel: panel.with_columns(pts_mean=pl.lit(None, pl.Float64)), "a column is empty"),
        (lambda panel: panel.with_columns(pts_mean=pl.lit(1)), "the wrong type"),
    ],
)
def test_the_panel_in_pandas_is_held_to_the_same_contract(panel: pl.DataFrame, spoil: Change, message: str) -> None:
    pandas_checked.check_pandas_panel(panel.to_pandas())
    with pytest.raises(BadInput, match=message):
        pandas_checked.check_pandas_panel(spoil(panel).to_pandas())


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frame: frame.rename({"pts_state": "state"}), "columns differ"),
        (lambda frame: frame.with_columns(pts_state=pl.lit(9.0)), "pts_state is out of bounds"),
        (lambda frame: pl.concat([frame, frame.head(1)]), "a key is repeated"),
        (lambda frame: frame.head(10), "10 rows"),
    ],
)
def test_tables_in_pandas_are_held_to_the_same_cards(tmp_path: Path, spoil: Change, message: str) -> None:
    pandas_checked.read_checked_table(CURRENT_SNAPSHOT.read_card("pts"), "scores", Snapshot(RAW_FOLDER))
    raw = copy_snapshot(tmp_path)
    rewrite_table(raw, "pts", "scores", spoil)
    with pytest.raises(BadInput, match=message):
        pandas_checked.read_checked_table(read_card("pts", raw), "scores", Snapshot(raw))
    (raw / "pts" / "scores.csv").write_bytes(b"")
    with pytest.raises(BadInput, match="altered or truncated"):
        pandas_checked.read_checked_table(read_card("pts", raw), "scores", Snapshot(raw))


@pytest.mark.parametrize("row_by_row", [rules.prepare_python_rules, rules.prepare_rule_engine])
def test_rules_row_by_row_give_the_engine_s_answers(finished_run: FinishedRun, row_by_row: object) -> None:
    if row_by_row is rules.prepare_rule_engine:
        pytest.importorskip("rule_engine")
    assert callable(row_by_row) and row_by_row(finished_run.out, 194).run() == 194


def test_answers_that_differ_from_the_engine_stop_the_measuring(
    finished_run: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "compile_rules", lambda result, schema: lambda row: [True for _ in result])
    with pytest.raises(BadInput, match="plain Python differs from the engine in"):
        rules.prepare_python_rules(finished_run.out, 30)


def test_the_most_rows_decide_whether_time_and_memory_are_kept() -> None:
    small, great = Measurement("few", 10, (9.0,), 10), Measurement("many", 1_000_000, (2.0,), 500)
    assert rules.check_rule_results([small, great]) == (
        "1,000,000 rows took 2.00 s and 500 MB: within the limits of 3 s and 2,000 MB on two cores."
    )
    assert ": over the limits of 3 s" in rules.check_rule_results([small, replace(great, seconds=(3.1,))])
    assert ": over the limits of 3 s" in rules.check_rule_results([small, replace(great, peak=2000)])


def test_a_missed_target_is_reported_with_its_shortfall() -> None:
    one = Measurement("invented", 1, (1.0, 3.0, 2.0), 50)
    result = SectionResult(
        "Invented", [one], [("ours", "other", TimeRatio(5.0, 4.0, 6.0), 8)], "A remark.", ["left out"]
    )
    assert "| other vs. ours | 5.0 | 4.0 to 6.0 | 8: missed by 3.0 |" in format_section(result)
    assert "| invented | 1 | 2.000 | 1.000 to 3.000 | 0.5 | 50 |" in format_section(result)
    whole = ScoreTimings(
        [Measurement("whole, warm", 1, (12.5,), 400)], {"panel": 12.5}, [], [("bytes read", "1.0 MB", 0.5)]
    )
    assert "whole, warm: 12.50 s, 2.50 s over the limit of 10 s." in format_section(whole)
    assert "a warm run takes 25 times as long" in format_section(whole)
    assert format_page([result, whole]).startswith("# Speed and memory") and "## Invented" in format_page(
        [result, whole]
    )


def test_every_comparison_names_ways_that_are_measured() -> None:
    for section in BENCH_SECTIONS.values():
        names = {side.name for side in section.contenders}
        assert {name for ours, other, _ in section.comparisons for name in (ours, other)} <= names


def test_an_unknown_section_and_a_missing_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unknown section 'speed', expected one of panel"):
        list(measure_sections("speed", tmp_path))
    with pytest.raises(BadInput, match="run `make score` first"):
        list(measure_sections("rules", tmp_path))
