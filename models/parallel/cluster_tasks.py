"""Calls as a worker runs them: on one thread, after a check of the worker's environment."""

from collections.abc import Callable, Mapping
from typing import Any

from features.bad_input import BadInput
from models.parallel.environment import EnvironmentIdentity, describe_difference, identify_environment


def run_single_threaded(call: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """The call's result on one thread, so that sums round the same on any machine.

    Parallel work inside the call runs in sequence: a cluster's worker would submit it to the cluster and wait.
    """
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), parallel_config(backend="sequential"):
        return call(*arguments, **keywords)


def run_on_worker(
    expected: EnvironmentIdentity,
    call: Callable[..., Any],
    arguments: tuple[Any, ...],
    keywords: tuple[Mapping[str, Any]],
) -> Any:
    """The same on a cluster's worker; raises BadInput on a worker with another environment, whenever it joined."""
    if difference := describe_difference(expected, identify_environment()):
        raise BadInput(f"a worker of the cluster cannot be used: {difference}")
    return run_single_threaded(call, *arguments, **keywords[0])


def unpack_value(wrapped: tuple[Any]) -> Any:
    """The value in a tuple of one."""
    return wrapped[0]
