"""How fast the engine is: each section measured in a process of its own, beside an alternative in the same run."""

import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import polars as pl

from features.bad_input import BadInput
from risk.case_bench import CASE_TASKS, cases_within
from risk.decide import decide
from risk.entries import Rulebook
from risk.evaluate import evaluate, known, read_columns
from risk.interpreted import compile_rules
from risk.last_run import last_standing, run_day
from risk.measured import Measured, Task
from risk.rules import RULEBOOK, load_rulebook

RUNS = 5
HEIGHTS = (10_000, 100_000, 1_000_000)
SAMPLE = 2_000
# What the rules must keep to at the greatest height, on two cores.
SECONDS_ASKED, MEGABYTES_ASKED = 3.0, 2_000


def measure(section: str, out: Path) -> list[Measured]:
    """Measure one section from the outputs of the last run in `out`."""
    if section not in SECTIONS:
        raise BadInput(f"unknown section {section!r}, expected one of {', '.join(SECTIONS)}")
    last_standing(out)
    return [_apart(task, out) for task in SECTIONS[section]]


def within(measured: Sequence[Measured]) -> str:
    """One sentence: whether the most rows kept to the time and memory asked."""
    if measured[0].what.startswith("cases"):
        return cases_within(measured)
    most = max(measured, key=lambda one: one.rows)
    kept = most.median <= SECONDS_ASKED and most.peak < MEGABYTES_ASKED
    return (
        f"{most.rows:,} rows took {most.median:.2f} s and {most.peak:,} MB: {'within' if kept else 'over'} "
        f"the {SECONDS_ASKED:g} s and {MEGABYTES_ASKED:,} MB asked on two cores"
    )


def _apart(task: Task, out: Path) -> Measured:
    """One task in a fresh process, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(task.run, out, *task.given).result()


def vectorised(out: Path, rows: int) -> Measured:
    """The whole rulebook over the real standing repeated to so many rows."""
    book, day, repeated = _repeated(out, rows)
    return _timed(f"rules, all at once ({len(book.rules_in_force(day))})", rows, lambda: evaluate(repeated, book, day))


def interpreted(out: Path, rows: int) -> Measured:
    """The same rules in plain Python, one row at a time; BadInput where any answer differs from `evaluate`."""
    book, day, repeated = _repeated(out, rows)
    rules = book.rules_in_force(day)
    answer = compile_rules(rules, repeated.schema)
    sample = known(repeated).to_dicts()
    answers = pl.DataFrame([answer(row) for row in sample], schema=[rule.id for rule in rules], orient="row")
    expected = evaluate(repeated, book, day)
    for rule in expected.columns:
        differing = int(answers[rule].cast(pl.Boolean).ne_missing(expected[rule]).sum())
        if differing:
            raise BadInput(f"{rule}: plain Python differs from the engine in {differing} of {rows} rows")
    return _timed("rules, row by row in Python", rows, lambda: [answer(row) for row in sample])


def decisions(out: Path) -> Measured:
    """Decisions with their evidence for every partner of the real standing."""
    standing, day = last_standing(out), run_day(out)
    book = load_rulebook(RULEBOOK, standing.schema)
    return _timed("decisions with evidence", standing.height, lambda: decide(standing, book, day))


SECTIONS: dict[str, Sequence[Task]] = {
    "rules": (*(Task(vectorised, (rows,)) for rows in HEIGHTS), Task(interpreted, (SAMPLE,)), Task(decisions)),
    "cases": CASE_TASKS,
}


def _repeated(out: Path, rows: int) -> tuple[Rulebook, date, pl.DataFrame]:
    """The rulebook, the day, and the columns its rules read of the real standing, repeated to a height."""
    standing, day = last_standing(out), run_day(out)
    book = load_rulebook(RULEBOOK, standing.schema)
    read = standing.select(read_columns(book.rules_in_force(day), standing.schema))
    return book, day, pl.concat([read] * (rows // read.height + 1)).head(rows).rechunk()


def _timed(what: str, rows: int, work: Callable[[], object]) -> Measured:
    seconds = []
    for _ in range(RUNS):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return Measured(what, rows, tuple(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
