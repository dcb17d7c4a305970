"""Ctrl-C left to one process where several work for it."""

import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def hold_back_interrupts() -> Iterator[None]:
    """Processes started within leave Ctrl-C to this one, which ends them; else each would print its own traceback.

    Windows cannot hold an interrupt back: there each prints it.
    """
    # An interrupted run says so itself.
    warnings.filterwarnings("ignore", message=".*still being processed by the workers have been cancelled")
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Started later, Python's own tracker of shared memory would let interrupts through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
