"""Workbook and partners' pages made by a second process while the first goes on: the same bytes whichever does it."""

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

# A process of its own rather than multiprocessing's, which would run the calling program's main file again. It finds
# the code where this one does, and leaves Ctrl-C to it.
WORKER_PROGRAM = "import sys; sys.path[:] = {path!r}; from risk.report.page_worker import serve_pages; serve_pages()"
# Starting a process takes as long as a dozen pages.
FEWEST_PAGES = 24

WORKBOOK_NAME = "decisions.xlsx"
# A partner's page, or what the workbook is made of: either goes to the second process as JSON.
PageSummary = Mapping[str, object]


class PageQueue:
    """Pages handed over to be drawn, and the workbook; what nobody else has made by the end is made here."""

    def __init__(self, folder: Path, second: "Popen[bytes] | None") -> None:
        """Draw into a folder, through a second process or, without one, at the end."""
        self._folder, self._second = folder, second
        self._given: dict[str, tuple[Path, PageSummary]] = {}
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._feeder = Thread(target=self._feed_worker, daemon=True)
        if second:
            self._feeder.start()

    def queue_partner_page(self, summary: PartnerPage) -> None:
        """Have a partner's page drawn."""
        self._queue_item(summary["iso3"], self._folder, summary)

    def queue_workbook(self, folder: Path, told: WorkbookTables) -> None:
        """Have the workbook written into a folder, from what it is made of."""
        self._queue_item(WORKBOOK_NAME, folder.resolve(), told)

    def finish_pages(self) -> None:
        """Wait until all lies there; what the second process did not make raises here what it would there."""
        self._waiting.put(None)
        done: set[str] = set()
        if self._second and self._second.stdout:
            done.update(self._second.stdout.read().decode().split())
            self._feeder.join()
        for name, (folder, told) in self._given.items():
            if name not in done:
                _write_queued_item(name, folder, told)

    def _queue_item(self, name: str, folder: Path, told: PageSummary) -> None:
        self._given[name] = folder, told
        self._waiting.put(name)

    def _feed_worker(self) -> None:
        """Hand on what is told as it comes, a line each; one that ends early leaves the rest to `finish`."""
        assert self._second and self._second.stdin
        try:
            with self._second.stdin as lines:
                while (name := self._waiting.get()) is not None:
                    folder, told = self._given[name]
                    lines.write(json.dumps([name, str(folder), told]).encode() + b"\n")
        except (OSError, TypeError, ValueError):
            return


@contextmanager
def draw_pages(folder: Path, count: int, second: "Popen[bytes] | None" = None) -> Iterator[PageQueue]:
    """Draw about so many pages into a folder beside whatever is done within; all lie there at the end.

    Without a second process that stands by already, one is started where the pages are worth it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    started = start_page_worker() if second is None and count >= FEWEST_PAGES else nullcontext(second)
    with started as helper:
        pages = PageQueue(folder.resolve(), helper)
        yield pages
        pages.finish_pages()


@contextmanager
def start_page_worker() -> Iterator["Popen[bytes] | None"]:
    """A second process that waits for work and ends with what is done within; none where there is no room."""
    second = _spawn_page_worker() if _count_cores() > 1 else None
    try:
        yield second
    finally:
        if second:
            second.kill()
            second.wait()


def _count_cores() -> int:
    """The processors this process may use; not every system tells more than how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _spawn_page_worker() -> "Popen[bytes] | None":
    try:
        return Popen(
            [sys.executable, "-c", WORKER_PROGRAM.format(path=sys.path)], stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return None


def _write_queued_item(name: str, folder: Path, told: PageSummary) -> None:
    """The page of a partner, or the workbook."""
    if name == WORKBOOK_NAME:
        write_workbook(folder / WORKBOOK_NAME, **cast(WorkbookTables, told))
    else:
        write_partner_page(folder, cast(PartnerPage, told))


def serve_pages() -> None:
    """Make what each line of standard input tells, and say on standard output what is made."""
    signal(SIGINT, SIG_IGN)
    # What is drawn leaves next to no garbage in rings, and the process ends with the pages.
    gc.disable()
    for line in sys.stdin:
        name, folder, told = json.loads(line)
        _write_queued_item(name, Path(folder), told)
        print(name, flush=True)
