"""Many writers at once on one ledger: whether all that they wrote is there, and in how many seconds."""

import sys
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from risk.ledger.files import LedgerFiles
from risk.ledger.reader import examine_ledger
from risk.ledger.writer import open_ledger

# Notes each process adds, and how many before it lets the others in.
WRITER_COUNT, NOTES_EACH, NOTES_IN_TURN = 8, 625, 5


class StressResult(NamedTuple):
    """What came of it: lines found, those asked for, faults found, and the seconds it took."""

    lines: int
    requested: int
    lost: int
    faults: list[str]
    seconds: float


def stress_ledger(place: LedgerFiles, writers: int = WRITER_COUNT, each: int = NOTES_EACH) -> StressResult:
    """Let processes add notes at the same time, one transaction a note, and count what is there afterwards."""
    start = perf_counter()
    with get_context("spawn").Pool(writers) as pool:
        pool.starmap(_write_notes, [(place, writer, each) for writer in range(writers)])
    seconds = perf_counter() - start
    found = examine_ledger(place)
    wanted = {(f"writer {writer}", entry) for writer in range(writers) for entry in range(each)}
    lost = wanted - {(line.who, line.content["entry"]) for line in found.lines}
    return StressResult(len(found.lines), writers * each, len(lost), found.faults, seconds)


def _write_notes(place: LedgerFiles, writer: int, each: int) -> None:
    for first in range(0, each, NOTES_IN_TURN):
        with open_ledger(place) as ledger:
            for entry in range(first, min(first + NOTES_IN_TURN, each)):
                ledger.add_entries(
                    [("note", {"iso3": "XXX", "because": "One of many.", "entry": entry})], f"writer {writer}"
                )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]] or [WRITER_COUNT, NOTES_EACH]
    with TemporaryDirectory() as folder:
        print(stress_ledger(LedgerFiles(Path(folder) / "ledger.db"), *numbers))
