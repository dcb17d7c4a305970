"""Measurement of contenders in turns, each in its own process, so that time and memory are separate."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

RUN_COUNT = 5


class TimedWork(NamedTuple):
    """The timed work, and a summary of its result: names with picklable values."""

    run: Callable[[], Any]
    summarize: Callable[[Any], Mapping[str, Any]] = lambda result: {}


@dataclass(frozen=True)
class Contender:
    """One contender: its name, a function of the output folder (and `arguments`) that prepares the work, its rows, the
    package it needs, and its number of runs; a contender with one run has no warm-up."""

    name: str
    prepare: Callable[..., TimedWork]
    rows: int = 1
    arguments: tuple[Any, ...] = ()
    needs: str = ""
    runs: int = RUN_COUNT

    @property
    def is_installed(self) -> bool:
        """Whether its package is installed."""
        return not self.needs or find_spec(self.needs) is not None


@dataclass(frozen=True)
class Measurement:
    """One contender measured: rows, seconds of each run, peak memory of its process in megabytes, and its results."""

    name: str
    rows: int
    seconds: tuple[float, ...]
    peak: int
    results: Mapping[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The median of the runs, in seconds."""
        return median(self.seconds)

    @property
    def seconds_per_row(self) -> tuple[float, ...]:
        """Seconds per row of each run."""
        return tuple(second / self.rows for second in self.seconds)


class TimeRatio(NamedTuple):
    """How many times as long the other takes per row: median, minimum and maximum of the paired runs."""

    middle: float
    least: float
    most: float


def compute_time_ratio(ours: Measurement, other: Measurement) -> TimeRatio:
    """How many times as long the other takes per row, compared run by run."""
    each = sorted(theirs / mine for mine, theirs in zip(ours.seconds_per_row, other.seconds_per_row, strict=True))
    return TimeRatio(median(each), each[0], each[-1])


def measure_by_turns(contenders: Sequence[Contender], out: Path, runs: int = RUN_COUNT) -> list[Measurement]:
    """Run the contenders in turns until each has its number of runs, at most `runs`; a warm-up run is not counted.

    Contenders whose package is missing are left out.
    """
    contenders = [contender for contender in contenders if contender.is_installed]
    pools = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in contenders]
    try:
        for pool, contender in zip(pools, contenders, strict=True):
            pool.submit(_set_up_work, contender, out).result()
        seconds: list[list[float]] = [[] for _ in contenders]
        for turn in range(runs):
            for pool, contender, taken in zip(pools, contenders, seconds, strict=True):
                if turn < contender.runs:
                    taken.append(pool.submit(_run_work_once).result())
        summaries = [pool.submit(_summarize_work).result() for pool in pools]
    finally:
        for pool in pools:
            pool.shutdown()
    return [
        Measurement(contender.name, contender.rows, tuple(taken), peak, results)
        for contender, taken, (peak, results) in zip(contenders, seconds, summaries, strict=True)
    ]


def time_work(work: Callable[[], object]) -> float:
    """The median seconds of RUN_COUNT runs in this process."""
    seconds = []
    for _ in range(RUN_COUNT):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return median(seconds)


def list_missing_packages(contenders: Sequence[Contender]) -> list[str]:
    """A line for each contender whose package is not installed."""
    return [
        f"{contender.name}: skipped, {contender.needs} is not installed"
        for contender in contenders
        if not contender.is_installed
    ]


# Each contender's process has one work.
_current_work: list[TimedWork] = []
_last_result: list[Any] = []


def _set_up_work(contender: Contender, out: Path) -> None:
    _current_work[:] = [contender.prepare(out, *contender.arguments)]
    if contender.runs > 1:
        _run_work_once()


def _run_work_once() -> float:
    start = perf_counter()
    result = _current_work[0].run()
    taken = perf_counter() - start
    _last_result[:] = [result]
    return taken


def _summarize_work() -> tuple[int, Mapping[str, Any]]:
    """Peak memory of the runs, and the summary of the last result."""
    return _read_peak_memory(), _current_work[0].summarize(_last_result[0])


def _read_peak_memory() -> int:
    """Peak memory of this process in megabytes; getrusage on Linux would include the parent's."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
    except (OSError, StopIteration):
        # Imported here: Windows, where the bench refuses to run, has no such module.
        from resource import RUSAGE_SELF, getrusage

        return getrusage(RUSAGE_SELF).ru_maxrss // 1024
