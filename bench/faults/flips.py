"""Flipped bytes at random positions in every file that `risk verify` checks: is each detected and named?"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.faults.sandbox import Sandbox
from features.snapshot.checksums import CHECKSUM_LIST
from features.snapshot.snapshot import Snapshot
from risk.ledger.files import LedgerFiles
from risk.ledger.reader import examine_ledger
from risk.workflows.verify import verify_all

FILE_KINDS = ("ledger", "model files", "snapshot tables", "cards", "list of checksums")


class FlipResult(NamedTuple):
    """The result for one kind of file: files, positions tried, found and unread, missed positions, and seconds."""

    kind: str
    files: int
    tried: int
    found: int
    unread: int
    missed: list[str]
    seconds: float


def flip_all_kinds(sandbox: Sandbox, places: int, seed: int) -> list[FlipResult]:
    """Flip `places` bytes of each kind, one at a time, every file at least once; each is restored."""
    draw = random.Random(seed)
    return [_flip_kind(kind, files, sandbox, places, draw) for kind, files in _list_files_by_kind(sandbox)]


def _list_files_by_kind(sandbox: Sandbox) -> Iterator[tuple[str, Sequence[Path]]]:
    models = sandbox.out / "models"
    snapshot = sorted(path for path in sandbox.raw.rglob("*") if path.is_file())
    cards = [path for path in snapshot if path.name == "card.yaml"]
    checksum_lists = [path for path in snapshot if path.name == CHECKSUM_LIST]
    tables = [path for path in snapshot if path not in {*cards, *checksum_lists}]
    fitted = sorted(path for path in models.iterdir() if path.suffix in (".skops", ".plain", ".json"))
    kinds = ([sandbox.ledger, LedgerFiles(sandbox.ledger).head], fitted, tables, cards, checksum_lists)
    yield from zip(FILE_KINDS, kinds, strict=True)


def _flip_kind(kind: str, files: Sequence[Path], sandbox: Sandbox, places: int, draw: random.Random) -> FlipResult:
    start, missed, unread = perf_counter(), list[str](), 0
    examined = examine_ledger(LedgerFiles(sandbox.ledger))
    paths = [*files, *draw.choices(files, k=max(0, places - len(files)))]
    for path in paths:
        position, bit = draw.randrange(path.stat().st_size), 1 << draw.randrange(8)
        with _flipped_byte(path, position, bit):
            if _is_found(path, sandbox):
                continue
            # SQLite reserves free space, whose bytes mean nothing.
            if path == sandbox.ledger and examine_ledger(LedgerFiles(path)) == examined:
                unread += 1
            else:
                missed.append(f"{path.relative_to(sandbox.root)}, byte {position}, bit {bit}")
    found = len(paths) - len(missed) - unread
    return FlipResult(kind, len(files), len(paths), found, unread, missed, perf_counter() - start)


@contextmanager
def _flipped_byte(path: Path, position: int, bit: int) -> Iterator[None]:
    """Flip one bit of a file's byte for the duration."""
    content = path.read_bytes()
    path.write_bytes(content[:position] + bytes([content[position] ^ bit]) + content[position + 1 :])
    try:
        yield
    finally:
        path.write_bytes(content)


def _is_found(path: Path, sandbox: Sandbox) -> bool:
    """Whether a fault names the file, or the line of the ledger."""
    checked = verify_all(sandbox.out, LedgerFiles(sandbox.ledger), Snapshot(sandbox.raw))
    if path == sandbox.ledger:
        return any(part.faults for part in parts if part.what == "ledger")
    # A wrong checksum may be the list's fault or the file's: the fault names both, the list by its file name only.
    expected = CHECKSUM_LIST if path.name == CHECKSUM_LIST else str(path)
    return any(expected in fault for part in parts for fault in part.faults)
