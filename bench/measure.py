"""Two ways to the same end, run by turns, each in a process of its own, so that time and memory are their own."""

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
    """What is timed, and what is to be said of its result: names with values that can be sent between processes."""

    run: Callable[[], Any]
    summarize: Callable[[Any], Mapping[str, Any]] = lambda result: {}


@dataclass(frozen=True)
class Contender:
    """One way: its name, a function of the output folder (and more) that sets the work up, its rows, the package that
    it needs, and how often it is run; what is run once is not tried beforehand."""

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
    """One way measured: rows, seconds of each run, peak memory of its process in megabytes, and what it told."""

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
        """Seconds a row, one a run."""
        return tuple(second / self.rows for second in self.seconds)


class TimeRatio(NamedTuple):
    """How many times as long a row takes the other way: median, least and most of the paired runs."""

    middle: float
    least: float
    most: float


def compute_time_ratio(ours: Measurement, other: Measurement) -> TimeRatio:
    """How many times as long the other way takes, row for row, run beside run."""
    each = sorted(theirs / mine for mine, theirs in zip(ours.seconds_per_row, other.seconds_per_row, strict=True))
    return TimeRatio(median(each), each[0], each[-1])


def measure_by_turns(sides: Sequence[Contender], out: Path, runs: int = RUN_COUNT) -> list[Measurement]:
    """Each way run once, then each again, until all have run as often as they should, `runs` at most; the first of all
    is not counted.

    Those whose package is missing are left out.
    """
    sides = [side for side in sides if side.is_installed]
    pools = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in sides]
    try:
        for pool, side in zip(pools, sides, strict=True):
            pool.submit(_set_up_work, side, out).result()
        seconds: list[list[float]] = [[] for _ in sides]
        for turn in range(runs):
            for pool, side, taken in zip(pools, sides, seconds, strict=True):
                if turn < side.runs:
                    taken.append(pool.submit(_run_work_once).result())
        ends = [pool.submit(_summarize_work).result() for pool in pools]
    finally:
        for pool in pools:
            pool.shutdown()
    return [
        Measurement(side.name, side.rows, tuple(taken), peak, told)
        for side, taken, (peak, told) in zip(sides, seconds, ends, strict=True)
    ]


def time_work(work: Callable[[], object]) -> float:
    """The median of the seconds that so many runs take in this process."""
    seconds = []
    for _ in range(RUN_COUNT):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return median(seconds)


def list_missing_packages(sides: Sequence[Contender]) -> list[str]:
    """A line for each way whose package is not installed."""
    return [f"{side.name}: left out, {side.needs} is not installed" for side in sides if not side.is_installed]


# The process of one way has one work.
_current_work: list[TimedWork] = []
_last_result: list[Any] = []


def _set_up_work(side: Contender, out: Path) -> None:
    _current_work[:] = [side.prepare(out, *side.arguments)]
    if side.runs > 1:
        _run_work_once()


def _run_work_once() -> float:
    start = perf_counter()
    result = _current_work[0].run()
    taken = perf_counter() - start
    _last_result[:] = [result]
    return taken


def _summarize_work() -> tuple[int, Mapping[str, Any]]:
    """Peak memory of the runs, and what is told of the last result."""
    return _read_peak_memory(), _current_work[0].summarize(_last_result[0])


def _read_peak_memory() -> int:
    """Peak memory of this process in megabytes; Linux's usual count would include what its parent held."""
    try:
        told = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in told if line.startswith("VmHWM")) // 1024
    except (OSError, StopIteration):
        # Windows, whose users see the bench's refusal, has no such module.
        from resource import RUSAGE_SELF, getrusage

        return getrusage(RUSAGE_SELF).ru_maxrss // 1024
