"""Partners' pages drawn by a second process while the first goes on: the same bytes whichever draws them."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from signal import SIG_IGN, SIGINT, signal
from subprocess import DEVNULL, PIPE, Popen
from threading import Thread
from typing import Any

from risk.report.page import write_page

# A process of its own rather than multiprocessing's, which would run the calling program's main file again. It finds
# the code where this one does, and leaves Ctrl-C to it.
PROGRAM = "import sys; sys.path[:] = {path!r}; from risk.report.rendering import serve; serve()"
# Starting a process takes as long as a dozen pages.
FEWEST = 24

Summary = Mapping[str, Any]


class Pages:
    """Pages handed over to be drawn; those that nobody else has drawn by the end are drawn here."""

    def __init__(self, folder: Path, second: "Popen[bytes] | None") -> None:
        """Draw into a folder, through a second process or, without one, at the end."""
        self._folder, self._second = folder, second
        self._given: dict[str, Summary] = {}
        self._waiting: SimpleQueue[Summary | None] = SimpleQueue()
        self._feeder = Thread(target=self._feed, daemon=True)
        if second:
            self._feeder.start()

    def draw(self, summary: Summary) -> None:
        """Have a partner's page drawn."""
        self._given[summary["iso3"]] = summary
        self._waiting.put(summary)

    def finish(self) -> None:
        """Wait until every page lies there; what the second process did not draw raises here what it would there."""
        self._waiting.put(None)
        done: set[str] = set()
        if self._second and self._second.stdout:
            done.update(self._second.stdout.read().decode().split())
            self._feeder.join()
        for iso3, summary in self._given.items():
            if iso3 not in done:
                write_page(self._folder, summary)

    def _feed(self) -> None:
        """Hand on summaries as they come, a line each; one that ends early leaves the rest to `finish`."""
        assert self._second and self._second.stdin
        try:
            with self._second.stdin as lines:
                while (summary := self._waiting.get()) is not None:
                    lines.write(json.dumps([str(self._folder), summary]).encode() + b"\n")
        except (OSError, TypeError, ValueError):
            return


@contextmanager
def drawing(folder: Path, count: int) -> Iterator[Pages]:
    """Draw about so many pages into a folder beside whatever is done within; all lie there at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    second = _second() if count >= FEWEST and _cores() > 1 else None
    pages = Pages(folder.resolve(), second)
    try:
        yield pages
        pages.finish()
    finally:
        if second:
            second.kill()
            second.wait()


def _cores() -> int:
    """The processors this process may use; not every system tells more than how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _second() -> "Popen[bytes] | None":
    """A second process that waits for summaries, or none where there is no room for one."""
    try:
        return Popen([sys.executable, "-c", PROGRAM.format(path=sys.path)], stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    except OSError:
        return None


def serve() -> None:
    """Draw the page of each line of standard input, and say on standard output which are drawn."""
    signal(SIGINT, SIG_IGN)
    for line in sys.stdin:
        folder, summary = json.loads(line)
        write_page(Path(folder), summary)
        print(summary["iso3"], flush=True)
