"""How a back-test spreads over one and two workers, beside own processes, and what each task and byte costs."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from joblib import delayed

from bench.measure import Contender, Measurement, TimedWork, time_work
from features.panel import build_panel
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.vocabulary import Profile
from models.evaluation.backtest import BacktestRequest, backtest_outcomes
from models.parallel.cluster import ClusterLink, connect_to_cluster
from models.parallel.cluster_tasks import unpack_value
from models.training.outcomes import build_outcome, label_panel
from models.training.splits import group_origins_by_fit

BENCH_OUTCOME, BENCH_ORIGINS = "misuse", (2000, 2001, 2002)
BENCH_PROFILE: Profile = "calendar"
ONE_WORKER, TWO_WORKERS, OWN_PROCESSES = "back-test, 1 worker", "back-test, 2 workers", "back-test, 2 own processes"
WANTED_RATIO = 1.7
# Tasks that do nothing, and bytes enough that sending them outlasts all else.
EMPTY_TASKS, SENT_BYTES = 200, 20_000_000
WORKER_COUNTS = (10, 100, 1000)
TOTAL_FITS = 240


def prepare_cluster_backtest(out: Path, workers: int) -> TimedWork:
    """The back-test on so many workers; without any, on own processes."""
    request = _build_request()
    held = ExitStack()
    held.callback(_end_own_processes)
    link = held.enter_context(connect_to_cluster(f"local:{workers}" if workers else None))
    return TimedWork(
        lambda: backtest_outcomes([request], BENCH_ORIGINS)[0],
        partial(_summarize_backtest, link=link, request=request, held=held),
    )


def _end_own_processes() -> None:
    """End joblib's processes: one that multiprocessing started waits at its end for all below it."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown()


def check_cluster_results(measured: Sequence[Measurement]) -> str:
    """Whether all gave the same bytes, and what the measured costs make of more workers."""
    if len({one.results["bytes"] for one in measured}) > 1:
        raise ValueError("the ways to back-test differ in their forecasts")
    costs = next(one for one in measured if one.name == TWO_WORKERS).results
    one = next(side for side in measured if side.name == ONE_WORKER)
    fit, panel = one.median / costs["fits"], costs["panel"] * costs["byte"]
    each = (
        f"{n:,} worker{'s' * (n > 1)} {_estimate_total_seconds(n, fit, costs['task'], panel):,.0f} s"
        for n in (1, 2, *WORKER_COUNTS)
    )
    return (
        f"{BENCH_OUTCOME}, {BENCH_PROFILE}, origins {BENCH_ORIGINS[0]} to {BENCH_ORIGINS[-1]}, all "
        f"estimators: {costs['fits']} fits; the same "
        f"bytes from all. An empty task costs {costs['task'] * 1000:.1f} ms, a megabyte {costs['byte'] * 1e9:.1f} ms, "
        f"the rows of a back-test are {costs['panel'] / 1e6:.1f} MB, a fit takes {fit:.2f} s. By these, the "
        f"{TOTAL_FITS} fits of a whole back-test would take: {'; '.join(each)} "
        "(docs/explanation/cluster_costs.md says how)."
    )


def _estimate_total_seconds(workers: int, fit: float, task: float, panel: float) -> float:
    """Seconds of a whole back-test: as many rounds of fits as workers need, or, if longer, handing the tasks out; and
    the rows of its eight parts, which leave the caller once each and then double from worker to worker."""
    rounds = -(-TOTAL_FITS // workers)
    return max(rounds * fit, TOTAL_FITS * task) + 8 * panel * (1 + float(np.ceil(np.log2(workers))))


def _build_request() -> BacktestRequest:
    return BacktestRequest(
        build_panel(BENCH_PROFILE, snapshot=CURRENT_SNAPSHOT),
        build_outcome(BENCH_OUTCOME, BENCH_PROFILE, snapshot=CURRENT_SNAPSHOT),
        BENCH_PROFILE,
    )


def _summarize_backtest(
    result: pl.DataFrame, link: ClusterLink | None, request: BacktestRequest, held: ExitStack
) -> Mapping[str, Any]:
    told: dict[str, Any] = {"bytes": sha256(result.write_csv().encode()).hexdigest()}
    if link is not None:
        rows = label_panel(request.panel, request.outcome)
        told |= {
            "fits": _count_fits(request),
            "task": time_work(lambda: list(link.run_tasks([delayed(unpack_value)((n,)) for n in range(EMPTY_TASKS)])))
            / EMPTY_TASKS,
            "byte": time_work(lambda: link.ship_value(np.random.bytes(SENT_BYTES)).result()) / 2 / SENT_BYTES,
            "panel": rows.estimated_size(),
        }
    held.close()
    return told


def _count_fits(request: BacktestRequest) -> int:
    return len(group_origins_by_fit(BENCH_ORIGINS, request.outcome.lag, request.outcome.horizon))


CLUSTER_CONTENDERS = (
    Contender(TWO_WORKERS, prepare_cluster_backtest, arguments=(2,), needs="distributed"),
    Contender(ONE_WORKER, prepare_cluster_backtest, arguments=(1,), needs="distributed"),
    Contender(OWN_PROCESSES, prepare_cluster_backtest, arguments=(0,)),
)
