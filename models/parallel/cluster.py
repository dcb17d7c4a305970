"""Connection to a Dask cluster: reached or started, checked to run the same code, and closed."""

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
# A running scheduler answers at once; a wrong address should fail quickly.
SECONDS_TO_ANSWER = 5
# One thread per worker in every library, so that workers do not compete for cores.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)
# Tasks in flight per worker: the next one is always ready, and memory stays flat.
TASKS_AHEAD = 2


@dataclass(frozen=True)
class ClusterLink:
    """A connected cluster: its client and the environment every worker must have."""

    client: Any
    identity: EnvironmentIdentity

    def ship_value(self, value: Any) -> Any:
        """The value as a task's result: sent once, passed from worker to worker, and sent again if lost."""
        return self.client.submit(unpack_value, (value,), pure=False)

    def run_tasks(self, tasks: Sequence[Any]) -> Iterator[Any]:
        """Results of joblib's delayed calls, in order; all are submitted at once."""
        futures = [self._submit(call, tuple(arguments), keywords) for call, arguments, keywords in tasks]
        while futures:
            yield futures.pop(0).result()

    def run_in_order(self, call: Callable[..., Any], items: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """Results of call(item, *shared) for every item, in order; items are taken only as workers become free."""
        futures: list[Any] = []
        for item in items:
            futures.append(self._submit(call, (item, *shared), {}))
            if len(futures) >= TASKS_AHEAD * max(1, sum(self.client.ncores().values())):
                yield futures.pop(0).result()
        while futures:
            yield futures.pop(0).result()

    def _submit(self, call: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        # Never pure: Dask would answer a repeated call from its cache.
        return self.client.submit(run_on_worker, self.identity, call, arguments, (keywords,), pure=False)


_active_link: ContextVar[ClusterLink | None] = ContextVar("_link", default=None)


def get_active_link() -> ClusterLink | None:
    """The connected cluster, or None."""
    return _active_link.get()


def share_value(value: Any) -> Any:
    """What to pass to tasks for a large value that many share: on a cluster a future, otherwise the value itself."""
    link = get_active_link()
    return link.ship_value(value) if link else value


@contextmanager
def connect_to_cluster(address: str | None) -> Iterator[ClusterLink | None]:
    """Run tasks on the cluster at `tcp://host:port`, or on one started here: `local`, `local:WORKERS`.

    Without an address, tasks run on this machine's processes. Raises BadInput if Dask is not installed, nothing answers
    at the address, a worker runs other code, or the cluster is lost.
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
        token = _active_link.set(link)
        try:
            with _report_in_one_line(address):
                yield link
        finally:
            _active_link.reset(token)


@contextmanager
def _report_in_one_line(address: str) -> Iterator[None]:
    from distributed import CancelledError, KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        yield
    except KilledWorker:
        raise BadInput(
            f"cluster {address}: a task killed every worker it ran on, probably for lack of memory; give workers more"
        ) from None
    except (CancelledError, CommClosedError) as error:
        raise BadInput(
            f"cluster {address}: connection lost during the work ({type(error).__name__}); run the command again"
        ) from None


def _check_address(address: str) -> None:
    if not (fullmatch(ADDRESS_PATTERN, address) or fullmatch(LOCAL_PATTERN, address)):
        raise BadInput(f"cluster {address!r}: expected tcp://HOST:PORT, tls://HOST:PORT, local or local:WORKERS")
    if find_spec("distributed") is None:
        raise BadInput("--cluster needs Dask, which is not installed; run .venv/bin/pip install -e '.[cluster]'")


@contextmanager
def _open_client(address: str) -> Iterator[Any]:
    """A client of the cluster; a cluster started here is closed with it."""
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
    """Single-threaded workers on this machine only: bound to 127.0.0.1, without dashboard pages."""
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
        difference = (
            describe_difference(link.identity, found)
            if isinstance(found, EnvironmentIdentity)
            else f"it cannot run this code ({found})"
        )
        if difference:
            raise BadInput(f"cluster {address}: the worker {worker} cannot be used: {difference}")
