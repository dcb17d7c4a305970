"""Work spread over processes, with its progress shown, that Ctrl-C ends with the caller's one line."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask
from time import perf_counter
from typing import Any

from joblib import Parallel


def in_parallel(tasks: Sequence[Any], jobs: int, title: str = "", unit: str = "fit") -> Iterator[Any]:
    """Results of joblib's delayed calls, in order; a title brings a bar on a terminal, elsewhere a line at the end."""
    if jobs == 1:
        results: Iterator[Any] = (call(*given, **named) for call, given, named in tasks)
    else:
        with _interrupts_held_back():
            results = Parallel(n_jobs=jobs, return_as="generator")(tasks)
    yield from _shown(results, len(tasks), title, unit) if title else results


def _shown(results: Iterator[Any], count: int, title: str, unit: str) -> Iterator[Any]:
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(results, desc=title, total=count, unit=unit, leave=False)
        return
    start = perf_counter()
    yield from results
    print(f"{title}: {count} {unit}s, {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes started within leave Ctrl-C to this one, which ends them; else each would print its own traceback."""
    # An interrupted run says so itself.
    warnings.filterwarnings("ignore", message=".*still being processed by the workers have been cancelled")
    # Started later, Python's own tracker of shared memory would let interrupts through again.
    resource_tracker.ensure_running()
    before = pthread_sigmask(SIG_BLOCK, {SIGINT})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)
