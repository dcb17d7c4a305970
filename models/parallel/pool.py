"""Work spread over processes, with its progress shown, that Ctrl-C ends with the caller's one line."""

import sys
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any

from joblib import Parallel, parallel_config

from models.parallel.cluster import linked
from models.parallel.cluster_tasks import alone
from models.parallel.interrupts import interrupts_held_back


def in_parallel(tasks: Sequence[Any], jobs: int, title: str = "", unit: str = "fit") -> Iterator[Any]:
    """Results of joblib's delayed calls, in order; a title brings a bar on a terminal, elsewhere a line at the end.

    Where a cluster is worked on they run there, however many `jobs` are asked for; the results are the same.
    """
    if (link := linked()) is not None:
        results: Iterator[Any] = link.each(tasks)
    elif jobs == 1:
        results = (alone(call, *given, **named) for call, given, named in tasks)
    else:
        with interrupts_held_back(), parallel_config(backend="loky", inner_max_num_threads=1):
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
