"""Draws the workbook and partner pages in a second process; the bytes are the same whichever process draws them."""

import gc
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from queue import SimpleQueue
from signal import SIG_IGN, SIGINT, signal
from subprocess import DEVNULL, PIPE, Popen
from threading import Thread
from typing import cast

from risk.report.contracts.partner import PartnerPage
from risk.report.html import write_partner_page
from risk.report.workbook import WorkbookTables, write_workbook

# Not multiprocessing, which would run the calling program's main file again. It uses the same import path as this
# process, which alone handles Ctrl-C.
WORKER_PROGRAM = "import sys; sys.path[:] = {path!r}; from risk.report.page_worker import serve_pages; serve_pages()"
# Starting a process takes as long as drawing a dozen pages.
FEWEST_PAGES = 24

WORKBOOK_NAME = "decisions.xlsx"
# The content of a partner page or of the workbook, sent to the worker as JSON.
PageSummary = Mapping[str, object]


class PageQueue:
    """A queue of pages and the workbook for the worker; anything it did not draw is drawn here at the end."""

    def __init__(self, folder: Path, worker: "Popen[bytes] | None") -> None:
        """Draw into a folder, in the worker or, without one, at the end."""
        self._folder, self._worker = folder, worker
        self._queued: dict[str, tuple[Path, PageSummary]] = {}
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._feeder = Thread(target=self._feed_worker, daemon=True)
        if worker:
            self._feeder.start()

    def queue_partner_page(self, summary: PartnerPage) -> None:
        """Queue a partner's page."""
        self._queue_item(summary["iso3"], self._folder, summary)

    def queue_workbook(self, folder: Path, content: WorkbookTables) -> None:
        """Queue the workbook, to be written into a folder."""
        self._queue_item(WORKBOOK_NAME, folder.resolve(), content)

    def finish_pages(self) -> None:
        """Wait until everything is drawn; draw here what the worker did not, raising the error it met."""
        self._waiting.put(None)
        done: set[str] = set()
        if self._worker and self._worker.stdout:
            done.update(self._worker.stdout.read().decode().split())
            self._feeder.join()
        for name, (folder, content) in self._queued.items():
            if name not in done:
                _write_queued_item(name, folder, content)

    def _queue_item(self, name: str, folder: Path, content: PageSummary) -> None:
        self._queued[name] = folder, content
        self._waiting.put(name)

    def _feed_worker(self) -> None:
        """Send queued items to the worker, a line each; if it ends early, `finish_pages` draws the rest."""
        assert self._worker and self._worker.stdin
        try:
            with self._worker.stdin as lines:
                while (name := self._waiting.get()) is not None:
                    folder, content = self._queued[name]
                    lines.write(json.dumps([name, str(folder), content]).encode() + b"\n")
        except (OSError, TypeError, ValueError):
            return


@contextmanager
def draw_pages(folder: Path, count: int, worker: "Popen[bytes] | None" = None) -> Iterator[PageQueue]:
    """Draw about `count` pages into a folder while the block runs; all are drawn at the end.

    Without a running worker, one is started if there are enough pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    started = start_page_worker() if worker is None and count >= FEWEST_PAGES else nullcontext(worker)
    with started as helper:
        pages = PageQueue(folder.resolve(), helper)
        yield pages
        pages.finish_pages()


@contextmanager
def start_page_worker() -> Iterator["Popen[bytes] | None"]:
    """Start a worker process that ends with the block; None on a single core or if it cannot start."""
    worker = _spawn_page_worker() if _count_cores() > 1 else None
    try:
        yield worker
    finally:
        if worker:
            worker.kill()
            worker.wait()


def _count_cores() -> int:
    """Count the cores this process may use; some systems report only the total."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _spawn_page_worker() -> "Popen[bytes] | None":
    try:
        return Popen(
            [sys.executable, "-c", WORKER_PROGRAM.format(path=sys.path)], stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return None


def _write_queued_item(name: str, folder: Path, content: PageSummary) -> None:
    """Write a partner's page or the workbook."""
    if name == WORKBOOK_NAME:
        write_workbook(folder / WORKBOOK_NAME, **cast(WorkbookTables, content))
    else:
        write_partner_page(folder, cast(PartnerPage, content))


def serve_pages() -> None:
    """Draw the item on each line of standard input, and print its name when done."""
    signal(SIGINT, SIG_IGN)
    # Drawing creates almost no reference cycles, and the process ends with the pages.
    gc.disable()
    for line in sys.stdin:
        name, folder, content = json.loads(line)
        _write_queued_item(name, Path(folder), content)
        print(name, flush=True)
