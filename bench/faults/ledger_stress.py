"""Many writers at once on one ledger: whether all that they wrote is there, and in how many seconds."""

import sys
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from risk.ledger.files import Place
from risk.ledger.reader import examine
from risk.ledger.writer import writing

# Notes each process adds, and how many before it lets the others in.
WRITERS, EACH, IN_TURN = 8, 625, 5


class Crowd(NamedTuple):
    """What came of it: lines found, those asked for, faults found, and the seconds it took."""

    lines: int
    asked: int
    lost: int
    faults: list[str]
    seconds: float


def crowd(place: Place, writers: int = WRITERS, each: int = EACH) -> Crowd:
    """Let processes add notes at the same time, one transaction a note, and count what is there afterwards."""
    start = perf_counter()
    with get_context("spawn").Pool(writers) as pool:
        pool.starmap(_write, [(place, writer, each) for writer in range(writers)])
    seconds = perf_counter() - start
    found = examine(place)
    wanted = {(f"writer {writer}", entry) for writer in range(writers) for entry in range(each)}
    lost = wanted - {(line.who, line.said["entry"]) for line in found.lines}
    return Crowd(len(found.lines), writers * each, len(lost), found.faults, seconds)


def _write(place: Place, writer: int, each: int) -> None:
    for first in range(0, each, IN_TURN):
        with writing(place) as ledger:
            for entry in range(first, min(first + IN_TURN, each)):
                ledger.add([("note", {"iso3": "XXX", "because": "One of many.", "entry": entry})], f"writer {writer}")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]] or [WRITERS, EACH]
    with TemporaryDirectory() as folder:
        print(crowd(Place(Path(folder) / "ledger.db"), *numbers))
