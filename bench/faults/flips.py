"""One byte flipped, at places drawn by a seed, in every file that `risk verify` vouches for: is it found and named?"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.faults.sandbox import Sandbox
from features.snapshot.checksums import CHECKSUM_LIST
from features.snapshot.snapshot import Snapshot
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import examine_ledger
from risk.workflows.verify import verify_all

FILE_KINDS = ("ledger", "model files", "snapshot tables", "cards", "list of checksums")


class FlipResult(NamedTuple):
    """Of one kind of file: how many there are, places tried, found and unread, those missed, and seconds."""

    kind: str
    files: int
    tried: int
    found: int
    unread: int
    missed: list[str]
    seconds: float


def flip_all_kinds(sandbox: Sandbox, places: int, seed: int) -> list[FlipResult]:
    """Flip `places` bytes of each kind, one at a time, every file at least once; each is put back."""
    draw = random.Random(seed)
    return [_flip_kind(kind, files, sandbox, places, draw) for kind, files in _list_files_by_kind(sandbox)]


def _list_files_by_kind(sandbox: Sandbox) -> Iterator[tuple[str, Sequence[Path]]]:
    models = sandbox.out / "models"
    snapshot = sorted(path for path in sandbox.raw.rglob("*") if path.is_file())
    cards = [path for path in snapshot if path.name == "card.yaml"]
    sums = [path for path in snapshot if path.name == CHECKSUM_LIST]
    tables = [path for path in snapshot if path not in {*cards, *sums}]
    fitted = sorted(path for path in models.iterdir() if path.suffix in (".skops", ".plain", ".json"))
    kinds = ([sandbox.ledger, LedgerFiles(sandbox.ledger).head], fitted, tables, cards, sums)
    yield from zip(FILE_KINDS, kinds, strict=True)


def _flip_kind(kind: str, files: Sequence[Path], sandbox: Sandbox, places: int, draw: random.Random) -> FlipResult:
    start, missed, unread = perf_counter(), list[str](), 0
    whole = examine_ledger(LedgerFiles(sandbox.ledger))
    tried = [*files, *draw.choices(files, k=max(0, places - len(files)))]
    for path in tried:
        at, bit = draw.randrange(path.stat().st_size), 1 << draw.randrange(8)
        with _flipped_byte(path, at, bit):
            if _is_found(path, sandbox):
                continue
            # SQLite keeps room for lines to come, which holds nothing.
            if path == sandbox.ledger and examine_ledger(LedgerFiles(path)) == whole:
                unread += 1
            else:
                missed.append(f"{path.relative_to(sandbox.root)}, byte {at}, bit {bit}")
    found = len(tried) - len(missed) - unread
    return FlipResult(kind, len(files), len(tried), found, unread, missed, perf_counter() - start)


@contextmanager
def _flipped_byte(path: Path, at: int, bit: int) -> Iterator[None]:
    """Have one byte of a file be another meanwhile."""
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
    try:
        yield
    finally:
        path.write_bytes(whole)


def _is_found(path: Path, sandbox: Sandbox) -> bool:
    """Whether a fault names the file, or the line of the ledger."""
    checked = verify_all(sandbox.out, LedgerFiles(sandbox.ledger), Snapshot(sandbox.raw))
    if path == sandbox.ledger:
        return any(one.faults for one in checked if one.what == "ledger")
    # A sum that differs may be the list's fault or the file's: the line names both, the list by its name alone.
    named = CHECKSUM_LIST if path.name == CHECKSUM_LIST else str(path)
    return any(named in fault for one in checked for fault in one.faults)
