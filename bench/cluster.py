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

from bench.measure import Measured, Side, Work, timed
from features.panel import build_panel
from features.vocabulary import Profile
from models.evaluation.backtest import Request, backtests
from models.parallel.cluster import Link, working_on
from models.parallel.cluster_tasks import as_it_is
from models.training.outcomes import built_in, labelled
from models.training.splits import fits

OUTCOME, ORIGINS = "misuse", (2000, 2001, 2002)
PROFILE: Profile = "calendar"
ONE, TWO, OWN = "back-test, 1 worker", "back-test, 2 workers", "back-test, 2 own processes"
ASKED = 1.7
# Tasks that do nothing, and bytes enough that sending them outlasts all else.
EMPTY, BYTES = 200, 20_000_000
WORKERS = (10, 100, 1000)
FITS_OF_ALL = 240


def over(out: Path, workers: int) -> Work:
    """The back-test on so many workers; without any, on own processes."""
    request = _request()
    held = ExitStack()
    held.callback(_end_own)
    link = held.enter_context(working_on(f"local:{workers}" if workers else None))
    return Work(lambda: backtests([request], ORIGINS)[0], partial(_told, link=link, request=request, held=held))


def _end_own() -> None:
    """End joblib's processes: one that multiprocessing started waits at its end for all below it."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown()


def check(measured: Sequence[Measured]) -> str:
    """Whether all gave the same bytes, and what the measured costs make of more workers."""
    if len({one.told["bytes"] for one in measured}) > 1:
        raise ValueError("the ways to back-test differ in their forecasts")
    costs = next(one for one in measured if one.what == TWO).told
    one = next(side for side in measured if side.what == ONE)
    fit, panel = one.median / costs["fits"], costs["panel"] * costs["byte"]
    each = (f"{n:,} worker{'s' * (n > 1)} {_whole(n, fit, costs['task'], panel):,.0f} s" for n in (1, 2, *WORKERS))
    return (
        f"{OUTCOME}, {PROFILE}, origins {ORIGINS[0]} to {ORIGINS[-1]}, all estimators: {costs['fits']} fits; the same "
        f"bytes from all. An empty task costs {costs['task'] * 1000:.1f} ms, a megabyte {costs['byte'] * 1e9:.1f} ms, "
        f"the rows of a back-test are {costs['panel'] / 1e6:.1f} MB, a fit takes {fit:.2f} s. By these, the "
        f"{FITS_OF_ALL} fits of a whole back-test would take: {'; '.join(each)} "
        "(docs/explanation/cluster_costs.md says how)."
    )


def _whole(workers: int, fit: float, task: float, panel: float) -> float:
    """Seconds of a whole back-test: as many rounds of fits as workers need, or, if longer, handing the tasks out; and
    the rows of its eight parts, which leave the caller once each and then double from worker to worker."""
    rounds = -(-FITS_OF_ALL // workers)
    return max(rounds * fit, FITS_OF_ALL * task) + 8 * panel * (1 + float(np.ceil(np.log2(workers))))


def _request() -> Request:
    return Request(build_panel(PROFILE), built_in(OUTCOME, PROFILE), PROFILE)


def _told(result: pl.DataFrame, link: Link | None, request: Request, held: ExitStack) -> Mapping[str, Any]:
    told: dict[str, Any] = {"bytes": sha256(result.write_csv().encode()).hexdigest()}
    if link is not None:
        rows = labelled(request.panel, request.outcome)
        told |= {
            "fits": _fits(request),
            "task": timed(lambda: list(link.each([delayed(as_it_is)((n,)) for n in range(EMPTY)]))) / EMPTY,
            "byte": timed(lambda: link.placed(np.random.bytes(BYTES)).result()) / 2 / BYTES,
            "panel": rows.estimated_size(),
        }
    held.close()
    return told


def _fits(request: Request) -> int:
    return len(fits(ORIGINS, request.outcome.lag, request.outcome.horizon))


SIDES = (
    Side(TWO, over, given=(2,), needs="distributed"),
    Side(ONE, over, given=(1,), needs="distributed"),
    Side(OWN, over, given=(0,)),
)
