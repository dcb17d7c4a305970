"""Ctrl-C handled by the main process only, not by its workers."""

import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def hold_back_interrupts() -> Iterator[None]:
    """Processes started within ignore Ctrl-C and are ended by this one; otherwise each would print its own traceback.

    Windows cannot block an interrupt: there each process prints its traceback.
    """
    # An interrupted run prints its own message.
    warnings.filterwarnings("ignore", message=".*still being processed by the workers have been cancelled")
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # If started later, Python's shared-memory tracker would unblock interrupts again.
    resource_tracker.ensure_running()
    previous_mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous_mask)
