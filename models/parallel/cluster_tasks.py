"""What a worker runs: a call by itself on one thread, once the worker is found to be what it must be."""

from collections.abc import Callable, Mapping
from typing import Any

from features.bad_input import BadInput
from models.parallel.environment import EnvironmentIdentity, describe_difference, identify_environment


def run_single_threaded(call: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """The call's result, on one thread, so that sums round alike whatever the machine.

    What a library would spread within the call stays here: a cluster's worker would hand it to the cluster, and wait.
    """
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), parallel_config(backend="sequential"):
        return call(*given, **named)


def run_on_worker(
    expected: EnvironmentIdentity, call: Callable[..., Any], given: tuple[Any, ...], named: tuple[Mapping[str, Any]]
) -> Any:
    """The same on a worker of a cluster; raises BadInput on one that is not as expected, whenever it joined."""
    if told := describe_difference(expected, identify_environment()):
        raise BadInput(f"a worker of the cluster cannot be used: {told}")
    return run_single_threaded(call, *given, **named[0])


def unpack_value(held: tuple[Any]) -> Any:
    """A value given in a tuple of its own."""
    return held[0]
