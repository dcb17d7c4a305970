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
from risk.report.html import write_page
from risk.report.workbook import WorkbookTables, write_workbook

# A process of its own rather than multiprocessing's, which would run the calling program's main file again. It finds
# the code where this one does, and leaves Ctrl-C to it.
PROGRAM = "import sys; sys.path[:] = {path!r}; from risk.report.page_worker import serve; serve()"
# Starting a process takes as long as a dozen pages.
FEWEST = 24

WORKBOOK = "decisions.xlsx"
# A partner's page, or what the workbook is made of: either goes to the second process as JSON.
Told = Mapping[str, object]


class Pages:
    """Pages handed over to be drawn, and the workbook; what nobody else has made by the end is made here."""

    def __init__(self, folder: Path, second: "Popen[bytes] | None") -> None:
        """Draw into a folder, through a second process or, without one, at the end."""
        self._folder, self._second = folder, second
        self._given: dict[str, tuple[Path, Told]] = {}
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._feeder = Thread(target=self._feed, daemon=True)
        if second:
            self._feeder.start()

    def draw(self, summary: PartnerPage) -> None:
        """Have a partner's page drawn."""
        self._hand_over(summary["iso3"], self._folder, summary)

    def write_workbook(self, folder: Path, told: WorkbookTables) -> None:
        """Have the workbook written into a folder, from what it is made of."""
        self._hand_over(WORKBOOK, folder.resolve(), told)

    def finish(self) -> None:
        """Wait until all lies there; what the second process did not make raises here what it would there."""
        self._waiting.put(None)
        done: set[str] = set()
        if self._second and self._second.stdout:
            done.update(self._second.stdout.read().decode().split())
            self._feeder.join()
        for name, (folder, told) in self._given.items():
            if name not in done:
                _make(name, folder, told)

    def _hand_over(self, name: str, folder: Path, told: Told) -> None:
        self._given[name] = folder, told
        self._waiting.put(name)

    def _feed(self) -> None:
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
def drawing(folder: Path, count: int, second: "Popen[bytes] | None" = None) -> Iterator[Pages]:
    """Draw about so many pages into a folder beside whatever is done within; all lie there at the end.

    Without a second process that stands by already, one is started where the pages are worth it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    started = standing_by() if second is None and count >= FEWEST else nullcontext(second)
    with started as helper:
        pages = Pages(folder.resolve(), helper)
        yield pages
        pages.finish()


@contextmanager
def standing_by() -> Iterator["Popen[bytes] | None"]:
    """A second process that waits for work and ends with what is done within; none where there is no room."""
    second = _second() if _cores() > 1 else None
    try:
        yield second
    finally:
        if second:
            second.kill()
            second.wait()


def _cores() -> int:
    """The processors this process may use; not every system tells more than how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _second() -> "Popen[bytes] | None":
    try:
        return Popen([sys.executable, "-c", PROGRAM.format(path=sys.path)], stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    except OSError:
        return None


def _make(name: str, folder: Path, told: Told) -> None:
    """The page of a partner, or the workbook."""
    if name == WORKBOOK:
        write_workbook(folder / WORKBOOK, **cast(WorkbookTables, told))
    else:
        write_page(folder, cast(PartnerPage, told))


def serve() -> None:
    """Make what each line of standard input tells, and say on standard output what is made."""
    signal(SIGINT, SIG_IGN)
    # What is drawn leaves next to no garbage in rings, and the process ends with the pages.
    gc.disable()
    for line in sys.stdin:
        name, folder, told = json.loads(line)
        _make(name, Path(folder), told)
        print(name, flush=True)
