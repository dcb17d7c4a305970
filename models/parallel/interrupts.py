"""Ctrl-C left to one process where several work for it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Processes started within leave Ctrl-C to this one, which ends them; else each would print its own traceback."""
    # An interrupted run says so itself.
    warnings.filterwarnings("ignore", message=".*still being processed by the workers have been cancelled")
    # Started later, Python's own tracker of shared memory would let interrupts through again.
    resource_tracker.ensure_running()
    before = pthread_sigmask(SIG_BLOCK, {SIGINT})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)
