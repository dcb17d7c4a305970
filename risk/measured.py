"""What a bench measures and how it tells it: a task, and the rows, seconds and memory it took."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Measured:
    """One thing measured: rows, seconds of each run, and the peak memory of its process in megabytes."""

    what: str
    rows: int
    seconds: tuple[float, ...]
    peak: int

    @property
    def median(self) -> float:
        """The median of the runs, in seconds."""
        return median(self.seconds)

    @property
    def per_second(self) -> float:
        """Rows per second at the median."""
        return self.rows / self.median


@dataclass(frozen=True)
class Task:
    """A function that measures, given the folder of the outputs and more."""

    run: Callable[..., Measured]
    given: tuple[int, ...] = ()
