"""Where a ledger lies: the database and, beside it, its head and a lock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from features.bad_input import BadInput
from features.files.atomic_write import write_atomically
from features.files.checksummed_json import dump_with_checksum, load_with_checksum
from features.files.locks import hold_lock
from risk.ledger.line import START_HASH

LEDGER_VARIABLE = "RISK_LEDGER"
DEFAULT_FOLDER, DATABASE_NAME = Path("ledger"), "ledger.db"
# Seconds to wait for another command that writes.
LOCK_TIMEOUT = 60.0


class LedgerHead(NamedTuple):
    """The last line's number and hash; nought and zeros for an empty ledger."""

    number: int = 0
    hash: str = START_HASH


class LedgerFiles(NamedTuple):
    """The files of one ledger."""

    database: Path

    @property
    def head(self) -> Path:
        """The file that holds the last number and hash."""
        return self._build_file_path("head")

    @property
    def lock(self) -> Path:
        """The file that a writer locks."""
        return self._build_file_path("lock")

    @property
    def log(self) -> Path:
        """SQLite's own write-ahead log."""
        return self.database.with_name(f"{self.database.name}-wal")

    def _build_file_path(self, end: str) -> Path:
        return self.database.with_name(f"{self.database.name}.{end}")


def locate_ledger(named: Path | None = None) -> LedgerFiles:
    """The ledger in the folder, or the file *.db, that is named here or by RISK_LEDGER; by default in `ledger`."""
    path = named or Path(os.environ.get(LEDGER_VARIABLE) or DEFAULT_FOLDER)
    return LedgerFiles(path if path.suffix == ".db" else path / DATABASE_NAME)


@contextmanager
def hold_ledger_lock(place: LedgerFiles) -> Iterator[None]:
    """Hold the ledger's lock, which the system frees even when the holder is killed.

    Raises BadInput where another command keeps it too long.
    """
    place.database.parent.mkdir(parents=True, exist_ok=True)
    refusal = BadInput(f"{place.database}: in use by another command; try again when it ends")
    with hold_lock(place.lock, refusal, LOCK_TIMEOUT):
        yield


def read_head(place: LedgerFiles) -> LedgerHead | None:
    """The head as kept beside the database, or none where there is no such file; an altered one is refused."""
    if not place.head.is_file():
        return None
    facts = load_with_checksum(place.head.read_bytes(), place.head)
    number, its_hash = facts.get("number"), facts.get("hash")
    if type(number) is not int or number < 0 or not isinstance(its_hash, str):
        raise BadInput(f"{place.head}: altered: names no line by its number and hash")
    return LedgerHead(number, its_hash)


def write_head(place: LedgerFiles, head: LedgerHead) -> None:
    """Keep the head, in one move, after the line it names is on disk."""
    write_atomically(place.head, dump_with_checksum(head._asdict()), lasting=True)
