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
from models.parallel.cluster_tasks import run_on_worker, unpack_value
from models.parallel.environment import EnvironmentIdentity, describe_difference, identify_environment
from models.parallel.interrupts import hold_back_interrupts

ADDRESS_PATTERN, LOCAL_PATTERN = r"(tcp|tls)://[^\s/:]+:\d{1,5}", r"local(:[1-9]\d{0,2})?"
# A scheduler that is there answers at once; a wrong address should not keep anyone waiting.
SECONDS_TO_ANSWER = 5
# One thread a worker, whatever the library, so that workers do not fight over cores.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)
# Tasks under way for each worker: it finds the next at hand, and memory stays flat.
TASKS_AHEAD = 2


@dataclass(frozen=True)
class ClusterLink:
    """A cluster that is worked on: its client and what every worker must be."""

    client: Any
    identity: EnvironmentIdentity

    def ship_value(self, value: Any) -> Any:
        """The value as a task's result: shipped once, handed on from worker to worker, made again where it is lost."""
        return self.client.submit(unpack_value, (value,), pure=False)

    def run_tasks(self, tasks: Sequence[Any]) -> Iterator[Any]:
        """Results of joblib's delayed calls, in order; all are handed out at once."""
        futures = [self._submit(call, tuple(given), named) for call, given, named in tasks]
        while futures:
            yield futures.pop(0).result()

    def run_in_order(self, call: Callable[..., Any], items: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """call(item, *shared) for every item, in order; items are taken only as workers come free."""
        futures: list[Any] = []
        for item in items:
            futures.append(self._submit(call, (item, *shared), {}))
            if len(futures) >= TASKS_AHEAD * max(1, sum(self.client.ncores().values())):
                yield futures.pop(0).result()
        while futures:
            yield futures.pop(0).result()

    def _submit(self, call: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        # Never pure: Dask would answer a call that it has seen from its memory.
        return self.client.submit(run_on_worker, self.identity, call, given, (named,), pure=False)


_active_link: ContextVar[ClusterLink | None] = ContextVar("_link", default=None)


def get_active_link() -> ClusterLink | None:
    """The cluster worked on now, or none."""
    return _active_link.get()


def share_value(value: Any) -> Any:
    """What to hand to tasks in place of a large value that many share: itself where no cluster is worked on."""
    link = get_active_link()
    return link.ship_value(value) if link else value


@contextmanager
def connect_to_cluster(address: str | None) -> Iterator[ClusterLink | None]:
    """Within, tasks run on the cluster at `tcp://host:port`, or on one started here: `local`, `local:WORKERS`.

    Without an address, on this machine's own processes. Raises BadInput where Dask is not installed, nothing answers
    at the address, a worker runs other code, or the cluster goes away.
    """
    if address is None:
        yield None
        return
    _check_address(address)
    import dask

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}), _open_client(address) as client:
        link = ClusterLink(client, identify_environment())
        _check_workers(link, address)
        before = _active_link.set(link)
        try:
            with _report_in_one_line(address):
                yield link
        finally:
            _active_link.reset(before)


@contextmanager
def _report_in_one_line(address: str) -> Iterator[None]:
    from distributed import CancelledError, KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        yield
    except KilledWorker:
        raise BadInput(f"cluster {address}: a task ended every worker it ran on: too little memory for it?") from None
    except (CancelledError, CommClosedError) as error:
        raise BadInput(f"cluster {address}: lost while it worked ({type(error).__name__}); run it again") from None


def _check_address(address: str) -> None:
    if not (fullmatch(ADDRESS_PATTERN, address) or fullmatch(LOCAL_PATTERN, address)):
        raise BadInput(f"cluster {address!r}: expected tcp://HOST:PORT, tls://HOST:PORT, local or local:WORKERS")
    if find_spec("distributed") is None:
        raise BadInput("--cluster needs Dask, which is not installed; run .venv/bin/pip install -e '.[cluster]'")


@contextmanager
def _open_client(address: str) -> Iterator[Any]:
    """A client of the cluster; one started here ends with it."""
    if fullmatch(LOCAL_PATTERN, address):
        with (
            _start_local_cluster(int(address.partition(":")[2] or os.cpu_count() or 1)) as cluster,
            cluster.get_client() as client,
        ):
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
def _start_local_cluster(workers: int) -> Iterator[Any]:
    """Workers of one thread each, for this machine alone: bound to 127.0.0.1, without pages."""
    import dask
    from distributed import LocalCluster

    quiet = {
        "distributed.nanny.pre-spawn-environ": ONE_THREAD,
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(quiet), hold_back_interrupts():
        cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", memory_limit=0,
            dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
        )  # fmt: skip
    with cluster:
        yield cluster


def _check_workers(link: ClusterLink, address: str) -> None:
    try:
        link.client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except TimeoutError:
        raise BadInput(f"cluster {address}: it has no worker; docs/how-to/cluster.md says how to start one") from None
    for worker, found in link.client.run(identify_environment, on_error="return").items():
        told = (
            describe_difference(link.identity, found)
            if isinstance(found, EnvironmentIdentity)
            else f"it cannot run this code ({found})"
        )
        if told:
            raise BadInput(f"cluster {address}: the worker {worker} cannot be used: {told}")
