"""A cluster gives the same results as local processes, survives lost workers, and reports failures."""

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
from models.evaluation.backtest import BacktestRequest, backtest_outcomes
from models.evaluation.metrics import tabulate_differences, tabulate_figures
from models.parallel import cluster
from models.parallel.cluster import ONE_THREAD, ClusterLink, connect_to_cluster, share_value
from models.parallel.cluster_tasks import run_on_worker
from models.parallel.environment import describe_difference, identify_environment
from models.parallel.pool import run_in_parallel
from models.training.outcomes import Outcome

ORIGINS, ESTIMATORS = (1996, 1999), ("engine", "persistence", "random forest", "equal-weight index")
FEW = (
    "^iso3$", "^origin$", "^pts_mean.*$", "^ucdp_government_killings$", "^vdem_corruption$", "^wgi_stability$",
    "^vdem_physical_integrity$", "^wgi_corruption_control$", "^coup_attempts_sum5$", "^ucdp_battle_deaths_sum5$",
)  # fmt: skip
# A task that kills both workers is given up; a task whose worker died is not.
FAILURES = {"distributed.scheduler.allowed-failures": 1}


@pytest.fixture(scope="module")
def asked(panel: pl.DataFrame, terror: Outcome) -> list[BacktestRequest]:
    return [BacktestRequest(panel.select(FEW), terror, "snapshot")]


@pytest.fixture(scope="module")
def alone(asked: list[BacktestRequest]) -> list[pl.DataFrame]:
    return backtest_outcomes(asked, ORIGINS, ESTIMATORS)


@pytest.fixture(scope="module")
def figures_alone(alone: list[pl.DataFrame]) -> list[pl.DataFrame]:
    return figures(alone)


@pytest.fixture(scope="module")
def two() -> Iterator[ClusterLink]:
    with dask.config.set(FAILURES), connect_to_cluster("local:2") as link:
        assert link is not None
        yield link


def figures(made: list[pl.DataFrame]) -> list[pl.DataFrame]:
    return [tabulate_figures(made[0], draws=20), tabulate_differences(made[0], draws=20)]


def same_bytes(one: list[pl.DataFrame], other: list[pl.DataFrame]) -> bool:
    return len(one) == len(other) and all(
        mine.write_ipc(None).getvalue() == theirs.write_ipc(None).getvalue()
        for mine, theirs in zip(one, other, strict=True)
    )


def test_two_workers_give_the_bytes_that_own_processes_give(
    asked: list[BacktestRequest], alone: list[pl.DataFrame], figures_alone: list[pl.DataFrame], two: ClusterLink
) -> None:
    ran = list(run_in_parallel([delayed(os.getpid)()] * 8, 1))
    assert os.getpid() not in ran
    assert same_bytes(backtest_outcomes(asked, ORIGINS, ESTIMATORS), alone)
    assert same_bytes(figures(alone), figures_alone)


def test_every_worker_has_one_thread_in_every_library(two: ClusterLink) -> None:
    threads = two.client.run(_threads)
    assert len(threads) == 2 and all(result == threads_expected() for result in threads.values())
    assert set(two.client.nthreads().values()) == {1}
    (limited,) = run_in_parallel([delayed(_arithmetic_threads)()], 2)
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
    assert all(result == {1} for result in run_in_parallel([delayed(_arithmetic_threads)()] * 2, 2))
    assert list(run_in_parallel([delayed(_arithmetic_threads)()], 1)) == [{1}]


def test_nothing_listens_beyond_this_machine(two: ClusterLink) -> None:
    info = two.client.scheduler_info(n_workers=-1)
    addresses = [info["address"], *info["workers"]]
    assert len(addresses) == 3 and all(address.startswith("tcp://127.0.0.1:") for address in addresses)


def test_a_value_is_placed_once_and_named_values_travel(two: ClusterLink) -> None:
    frame = pl.DataFrame({"a": [1, 2, 3]})
    at = share_value(frame)
    assert list(run_in_parallel([delayed(_height)(at, plus=n) for n in (1, 2)], 2)) == [4, 5]
    assert [*two.run_in_order(_height, [frame, frame.head(1)], 10)] == [13, 11]


def _height(frame: pl.DataFrame, plus: int) -> int:
    return frame.height + plus


def test_a_refusal_within_a_task_arrives_as_it_is(two: ClusterLink) -> None:
    with pytest.raises(BadInput, match="^invented refusal$"):
        list(run_in_parallel([delayed(_refuse)()], 2))


def _refuse() -> None:
    raise BadInput("invented refusal")


def test_a_worker_with_other_code_is_not_worked_with(two: ClusterLink) -> None:
    other = identify_environment()._replace(code="invented")
    with pytest.raises(BadInput, match="a worker of the cluster cannot be used: its code differs"):
        list(ClusterLink(two.client, other).run_in_order(_height, [pl.DataFrame()], 1))
    assert not describe_difference(identify_environment(), identify_environment())
    with pytest.raises(BadInput, match="its arithmetic differs"):
        run_on_worker(identify_environment()._replace(arithmetic="abacus"), _refuse, (), ({},))


def test_a_worker_killed_midway_costs_time_and_no_byte(
    asked: list[BacktestRequest], alone: list[pl.DataFrame], two: ClusterLink
) -> None:
    killed: list[int] = []
    killing = Thread(target=_kill_one_at_work, args=(two, killed))
    killing.start()
    result = backtest_outcomes(asked, ORIGINS, ESTIMATORS)
    killing.join()
    assert killed and same_bytes(result, alone)


def _kill_one_at_work(link: ClusterLink, killed: list[int]) -> None:
    """Kill a worker during a fit."""
    pids, until = link.client.run(os.getpid), monotonic() + 60
    while not killed and monotonic() < until:
        for worker, tasks in link.client.processing().items():
            if any("run_on_worker" in str(task) for task in tasks):
                os.kill(pids[worker], signal.SIGKILL)
                killed.append(pids[worker])
                break
        sleep(0.02)


def test_a_task_that_ends_its_worker_is_given_up_in_one_line(two: ClusterLink) -> None:
    text = pytest.raises(BadInput, match="local:2: a task killed every worker it ran on")
    with text, cluster._report_in_one_line("local:2"):
        list(run_in_parallel([delayed(os._exit)(1)], 2))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:8786", "expected tcp://HOST:PORT, tls://HOST:PORT, local or local:WORKERS"),
        ("http://127.0.0.1:8786", "expected tcp://HOST:PORT"),
        ("local:0", "expected tcp://HOST:PORT"),
        ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1: nothing answers there; docs/how-to/cluster.md says how to start"),
        ("tls://127.0.0.1:1", "tls://127.0.0.1:1: .*; docs/how-to/cluster.md says how to start"),
    ],
)
def test_a_cluster_that_cannot_be_reached_is_told_in_one_line(address: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as error, connect_to_cluster(address):
        pytest.fail("there is no such cluster")
    assert "\n" not in str(error.value)


def test_without_dask_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    text = r"needs Dask, which is not installed; run .venv/bin/pip install -e '.\[cluster\]'"
    with pytest.raises(BadInput, match=text), connect_to_cluster("local"):
        pytest.fail("there is no Dask")
    with connect_to_cluster(None) as link:
        assert link is None
