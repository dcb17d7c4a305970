"""A Dask cluster to work on: reached or started, found to run the same code, and left again."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.util import find_spec
from re import fullmatch
from typing import Any

from features.bad_input import BadInput
from models.parallel.cluster_tasks import as_it_is, carried_out
from models.parallel.environment import Identity, difference, own_identity
from models.parallel.interrupts import interrupts_held_back

ADDRESS, LOCAL = r"(tcp|tls)://[^\s/:]+:\d{1,5}", r"local(:[1-9]\d{0,2})?"
# A scheduler that is there answers at once; a wrong address should not keep anyone waiting.
SECONDS_TO_ANSWER = 5
# One thread a worker, whatever the library, so that workers do not fight over cores.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)
# Tasks under way for each worker: it finds the next at hand, and memory stays flat.
AHEAD = 2


@dataclass(frozen=True)
class Link:
    """A cluster that is worked on: its client and what every worker must be."""

    client: Any
    identity: Identity

    def placed(self, value: Any) -> Any:
        """The value as a task's result: shipped once, handed on from worker to worker, made again where it is lost."""
        return self.client.submit(as_it_is, (value,), pure=False)

    def each(self, tasks: Sequence[Any]) -> Iterator[Any]:
        """Results of joblib's delayed calls, in order; all are handed out at once."""
        futures = [self._submit(call, tuple(given), named) for call, given, named in tasks]
        while futures:
            yield futures.pop(0).result()

    def in_order(self, call: Callable[..., Any], items: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """call(item, *shared) for every item, in order; items are taken only as workers come free."""
        futures: list[Any] = []
        for item in items:
            futures.append(self._submit(call, (item, *shared), {}))
            if len(futures) >= AHEAD * max(1, sum(self.client.ncores().values())):
                yield futures.pop(0).result()
        while futures:
            yield futures.pop(0).result()

    def _submit(self, call: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        # Never pure: Dask would answer a call that it has seen from its memory.
        return self.client.submit(carried_out, self.identity, call, given, (named,), pure=False)


_link: ContextVar[Link | None] = ContextVar("_link", default=None)


def linked() -> Link | None:
    """The cluster worked on now, or none."""
    return _link.get()


def placed(value: Any) -> Any:
    """What to hand to tasks in place of a large value that many share: itself where no cluster is worked on."""
    link = linked()
    return link.placed(value) if link else value


@contextmanager
def working_on(address: str | None) -> Iterator[Link | None]:
    """Within, tasks run on the cluster at `tcp://host:port`, or on one started here: `local`, `local:WORKERS`.

    Without an address, on this machine's own processes. Raises BadInput where Dask is not installed, nothing answers
    at the address, a worker runs other code, or the cluster goes away.
    """
    if address is None:
        yield None
        return
    _check(address)
    import dask

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}), _reached(address) as client:
        link = Link(client, own_identity())
        _check_workers(link, address)
        before = _link.set(link)
        try:
            with _told_in_one_line(address):
                yield link
        finally:
            _link.reset(before)


@contextmanager
def _told_in_one_line(address: str) -> Iterator[None]:
    from distributed import CancelledError, KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        yield
    except KilledWorker:
        raise BadInput(f"cluster {address}: a task ended every worker it ran on: too little memory for it?") from None
    except (CancelledError, CommClosedError) as error:
        raise BadInput(f"cluster {address}: lost while it worked ({type(error).__name__}); run it again") from None


def _check(address: str) -> None:
    if not (fullmatch(ADDRESS, address) or fullmatch(LOCAL, address)):
        raise BadInput(f"cluster {address!r}: expected tcp://HOST:PORT, tls://HOST:PORT, local or local:WORKERS")
    if find_spec("distributed") is None:
        raise BadInput("--cluster needs Dask, which is not installed; run .venv/bin/pip install -e '.[cluster]'")


@contextmanager
def _reached(address: str) -> Iterator[Any]:
    """A client of the cluster; one started here ends with it."""
    if fullmatch(LOCAL, address):
        with _started(int(address.partition(":")[2] or os.cpu_count() or 1)) as cluster, cluster.get_client() as client:
            yield client
        return
    from distributed import Client

    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        told = str(error).splitlines()[0] if isinstance(error, ValueError | TypeError) else "nothing answers there"
        raise BadInput(f"cluster {address}: {told}; docs/how-to/cluster.md says how to start a scheduler") from None
    with client:
        yield client


@contextmanager
def _started(workers: int) -> Iterator[Any]:
    """Workers of one thread each, for this machine alone: bound to 127.0.0.1, without pages."""
    import dask
    from distributed import LocalCluster

    quiet = {
        "distributed.nanny.pre-spawn-environ": ONE_THREAD,
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(quiet), interrupts_held_back():
        cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", memory_limit=0,
            dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
        )  # fmt: skip
    with cluster:
        yield cluster


def _check_workers(link: Link, address: str) -> None:
    try:
        link.client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except TimeoutError:
        raise BadInput(f"cluster {address}: it has no worker; docs/how-to/cluster.md says how to start one") from None
    for worker, found in link.client.run(own_identity, on_error="return").items():
        told = difference(link.identity, found) if isinstance(found, Identity) else f"it cannot run this code ({found})"
        if told:
            raise BadInput(f"cluster {address}: the worker {worker} cannot be used: {told}")
