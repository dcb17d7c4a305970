"""Work over processes with progress shown; on Ctrl-C the caller prints one line."""

import sys
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any

from joblib import Parallel, parallel_config

from models.parallel.cluster import get_active_link
from models.parallel.cluster_tasks import run_single_threaded
from models.parallel.interrupts import hold_back_interrupts


def run_in_parallel(tasks: Sequence[Any], jobs: int, title: str = "", unit: str = "fit") -> Iterator[Any]:
    """Results of joblib's delayed calls, in order; a title shows a progress bar on a terminal, else a line at the end.

    With a connected cluster, calls run there and `jobs` is ignored; the results are the same.
    """
    if (link := get_active_link()) is not None:
        results: Iterator[Any] = link.run_tasks(tasks)
    elif jobs == 1:
        results = (run_single_threaded(call, *arguments, **keywords) for call, arguments, keywords in tasks)
    else:
        with hold_back_interrupts(), parallel_config(backend="loky", inner_max_num_threads=1):
            results = Parallel(n_jobs=jobs, return_as="generator")(tasks)
    yield from _show_progress(results, len(tasks), title, unit) if title else results


def _show_progress(results: Iterator[Any], count: int, title: str, unit: str) -> Iterator[Any]:
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(results, desc=title, total=count, unit=unit, leave=False)
        return
    start = perf_counter()
    yield from results
    print(f"{title}: {count} {unit}s, {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
