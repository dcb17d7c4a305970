"""Stress test of one ledger with concurrent writers: whether all entries are there, and in how many seconds."""

import sys
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import examine_ledger
from risk.ledger.writer import open_ledger

# Writers, notes per writer, and notes written before another writer's turn.
WRITER_COUNT, NOTES_EACH, NOTES_IN_TURN = 8, 625, 5


class StressResult(NamedTuple):
    """The result: lines found and requested, entries lost, faults, and seconds."""

    lines: int
    requested: int
    lost: int
    faults: list[str]
    seconds: float


def stress_ledger(files: LedgerFiles, writers: int = WRITER_COUNT, each: int = NOTES_EACH) -> StressResult:
    """Let processes add notes at the same time, one transaction per note, and count the entries afterward."""
    start = perf_counter()
    with get_context("spawn").Pool(writers) as pool:
        pool.starmap(_write_notes, [(files, writer, each) for writer in range(writers)])
    seconds = perf_counter() - start
    examined = examine_ledger(files)
    expected = {(f"writer {writer}", entry) for writer in range(writers) for entry in range(each)}
    lost = expected - {(line.who, line.content["entry"]) for line in examined.lines}
    return StressResult(len(examined.lines), writers * each, len(lost), examined.faults, seconds)


def _write_notes(files: LedgerFiles, writer: int, each: int) -> None:
    for first in range(0, each, NOTES_IN_TURN):
        with open_ledger(files) as ledger:
            for entry in range(first, min(first + NOTES_IN_TURN, each)):
                ledger.add_entries(
                    [("note", {"iso3": "XXX", "because": "One of many.", "entry": entry})], f"writer {writer}"
                )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]] or [WRITER_COUNT, NOTES_EACH]
    with TemporaryDirectory() as folder:
        print(stress_ledger(LedgerFiles(Path(folder) / "ledger.db"), *numbers))
