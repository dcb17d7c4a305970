"""A cluster gives what this machine's own processes give, loses workers without losing results, and says why not."""

import os
import signal
from collections.abc import Iterator
from threading import Thread
from time import monotonic, sleep
from typing import Any

import dask
import distributed  # noqa: F401 - before a setting of its is set, or putting that back takes away all the others
import polars as pl
import pytest
from joblib import delayed

from features.bad_input import BadInput
from models.evaluation.backtest import Request, backtests
from models.evaluation.metrics import differences, table
from models.parallel import cluster
from models.parallel.cluster import ONE_THREAD, Link, placed, working_on
from models.parallel.cluster_tasks import carried_out
from models.parallel.environment import difference, own_identity
from models.parallel.pool import in_parallel
from models.training.outcomes import Outcome

ORIGINS, ESTIMATORS = (1996, 1999), ("engine", "persistence", "random forest", "equal-weight index")
FEW = (
    "^iso3$", "^origin$", "^pts_mean.*$", "^ucdp_government_killings$", "^vdem_corruption$", "^wgi_stability$",
    "^vdem_physical_integrity$", "^wgi_corruption_control$", "^coup_attempts_sum5$", "^ucdp_battle_deaths_sum5$",
)  # fmt: skip
# A task that ends both workers is given up; one whose worker died under it is not.
FAILURES = {"distributed.scheduler.allowed-failures": 1}


@pytest.fixture(scope="module")
def asked(panel: pl.DataFrame, terror: Outcome) -> list[Request]:
    return [Request(panel.select(FEW), terror, "snapshot")]


@pytest.fixture(scope="module")
def alone(asked: list[Request]) -> list[pl.DataFrame]:
    return backtests(asked, ORIGINS, ESTIMATORS)


@pytest.fixture(scope="module")
def figures_alone(alone: list[pl.DataFrame]) -> list[pl.DataFrame]:
    return figures(alone)


@pytest.fixture(scope="module")
def two() -> Iterator[Link]:
    with dask.config.set(FAILURES), working_on("local:2") as link:
        assert link is not None
        yield link


def figures(made: list[pl.DataFrame]) -> list[pl.DataFrame]:
    return [table(made[0], draws=20), differences(made[0], draws=20)]


def same_bytes(one: list[pl.DataFrame], other: list[pl.DataFrame]) -> bool:
    return len(one) == len(other) and all(
        mine.write_ipc(None).getvalue() == theirs.write_ipc(None).getvalue()
        for mine, theirs in zip(one, other, strict=True)
    )


def test_two_workers_give_the_bytes_that_own_processes_give(
    asked: list[Request], alone: list[pl.DataFrame], figures_alone: list[pl.DataFrame], two: Link
) -> None:
    ran = list(in_parallel([delayed(os.getpid)()] * 8, 1))
    assert os.getpid() not in ran
    assert same_bytes(backtests(asked, ORIGINS, ESTIMATORS), alone)
    assert same_bytes(figures(alone), figures_alone)


def test_every_worker_has_one_thread_in_every_library(two: Link) -> None:
    threads = two.client.run(_threads)
    assert len(threads) == 2 and all(found == threads_expected() for found in threads.values())
    assert set(two.client.nthreads().values()) == {1}
    (limited,) = in_parallel([delayed(_arithmetic_threads)()], 2)
    assert limited == {1}


def threads_expected() -> dict[str, Any]:
    return {**ONE_THREAD, "polars": 1, "numba": 1}


def _threads() -> dict[str, Any]:
    import numba

    return {name: os.environ.get(name) for name in ONE_THREAD} | {
        "polars": pl.thread_pool_size(),
        "numba": numba.get_num_threads(),
    }


def _arithmetic_threads() -> set[int]:
    from threadpoolctl import threadpool_info

    return {one["num_threads"] for one in threadpool_info()}


def test_own_processes_have_one_thread_for_arithmetic_too() -> None:
    assert all(found == {1} for found in in_parallel([delayed(_arithmetic_threads)()] * 2, 2))
    assert list(in_parallel([delayed(_arithmetic_threads)()], 1)) == [{1}]


def test_nothing_listens_beyond_this_machine(two: Link) -> None:
    info = two.client.scheduler_info(n_workers=-1)
    addresses = [info["address"], *info["workers"]]
    assert len(addresses) == 3 and all(address.startswith("tcp://127.0.0.1:") for address in addresses)


def test_a_value_is_placed_once_and_named_values_travel(two: Link) -> None:
    frame = pl.DataFrame({"a": [1, 2, 3]})
    at = placed(frame)
    assert list(in_parallel([delayed(_height)(at, plus=n) for n in (1, 2)], 2)) == [4, 5]
    assert [*two.in_order(_height, [frame, frame.head(1)], 10)] == [13, 11]


def _height(frame: pl.DataFrame, plus: int) -> int:
    return frame.height + plus


def test_a_refusal_within_a_task_arrives_as_it_is(two: Link) -> None:
    with pytest.raises(BadInput, match="^invented refusal$"):
        list(in_parallel([delayed(_refuse)()], 2))


def _refuse() -> None:
    raise BadInput("invented refusal")


def test_a_worker_with_other_code_is_not_worked_with(two: Link) -> None:
    other = own_identity()._replace(code="invented")
    with pytest.raises(BadInput, match="a worker of the cluster cannot be used: its code differs"):
        list(Link(two.client, other).in_order(_height, [pl.DataFrame()], 1))
    assert not difference(own_identity(), own_identity())
    with pytest.raises(BadInput, match="its arithmetic differs"):
        carried_out(own_identity()._replace(arithmetic="abacus"), _refuse, (), ({},))


def test_a_worker_killed_midway_costs_time_and_no_byte(
    asked: list[Request], alone: list[pl.DataFrame], two: Link
) -> None:
    killed: list[int] = []
    killing = Thread(target=_kill_one_at_work, args=(two, killed))
    killing.start()
    made = backtests(asked, ORIGINS, ESTIMATORS)
    killing.join()
    assert killed and same_bytes(made, alone)


def _kill_one_at_work(link: Link, killed: list[int]) -> None:
    """Kill a worker that has a fit under way."""
    pids, until = link.client.run(os.getpid), monotonic() + 60
    while not killed and monotonic() < until:
        for worker, tasks in link.client.processing().items():
            if any("carried_out" in str(task) for task in tasks):
                os.kill(pids[worker], signal.SIGKILL)
                killed.append(pids[worker])
                break
        sleep(0.02)


def test_a_task_that_ends_its_worker_is_given_up_in_one_line(two: Link) -> None:
    told = pytest.raises(BadInput, match="local:2: a task ended every worker it ran on")
    with told, cluster._told_in_one_line("local:2"):
        list(in_parallel([delayed(os._exit)(1)], 2))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:8786", "expected tcp://HOST:PORT, tls://HOST:PORT, local or local:WORKERS"),
        ("http://127.0.0.1:8786", "expected tcp://HOST:PORT"),
        ("local:0", "expected tcp://HOST:PORT"),
        ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1: nothing answers there; docs/how-to/cluster.md says how to start"),
        ("tls://127.0.0.1:1", "tls://127.0.0.1:1: .*; docs/how-to/cluster.md says how to start"),
    ],
)
def test_a_cluster_that_cannot_be_reached_is_told_in_one_line(address: str, told: str) -> None:
    with pytest.raises(BadInput, match=told) as error, working_on(address):
        pytest.fail("there is no such cluster")
    assert "\n" not in str(error.value)


def test_without_dask_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    told = r"needs Dask, which is not installed; run .venv/bin/pip install -e '.\[cluster\]'"
    with pytest.raises(BadInput, match=told), working_on("local"):
        pytest.fail("there is no Dask")
    with working_on(None) as link:
        assert link is None
