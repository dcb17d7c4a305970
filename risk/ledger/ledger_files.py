"""The files of a ledger: the database, its head and a lock."""

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
# Seconds to wait for another writing command.
LOCK_TIMEOUT = 60.0


class LedgerHead(NamedTuple):
    """The last line's number and hash; 0 and zeros for an empty ledger."""

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


def locate_ledger(path: Path | None = None) -> LedgerFiles:
    """Locate the ledger by a folder or .db file: the argument, RISK_LEDGER, or `ledger` by default."""
    path = path or Path(os.environ.get(LEDGER_VARIABLE) or DEFAULT_FOLDER)
    return LedgerFiles(path if path.suffix == ".db" else path / DATABASE_NAME)


@contextmanager
def hold_ledger_lock(files: LedgerFiles) -> Iterator[None]:
    """Hold the ledger's lock; the system releases it even if the holder is killed.

    Raises BadInput if another command holds it too long.
    """
    files.database.parent.mkdir(parents=True, exist_ok=True)
    refusal = BadInput(f"{files.database}: in use by another command; try again when it ends")
    with hold_lock(files.lock, refusal, LOCK_TIMEOUT):
        yield


def read_head(files: LedgerFiles) -> LedgerHead | None:
    """Read the head, or None if its file does not exist; raises BadInput for an altered head."""
    if not files.head.is_file():
        return None
    facts = load_with_checksum(files.head.read_bytes(), files.head)
    number, hash_ = facts.get("number"), facts.get("hash")
    if type(number) is not int or number < 0 or not isinstance(hash_, str):
        raise BadInput(f"{files.head}: altered: does not name a line by number and hash")
    return LedgerHead(number, hash_)


def write_head(files: LedgerFiles, head: LedgerHead) -> None:
    """Write the head atomically, after the line it names is on disk."""
    write_atomically(files.head, dump_with_checksum(head._asdict()), lasting=True)
