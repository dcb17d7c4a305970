"""Adds lines to the ledger: one writer at a time, each line on disk before it is confirmed."""

import getpass
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from features.bad_input import BadInput
from risk.ledger.database_schema import LINE_TABLE, create_table
from risk.ledger.ledger_files import LedgerFiles, LedgerHead, hold_ledger_lock, read_head, write_head
from risk.ledger.line import START_HASH, LedgerLine, LineBody, chain_next_line
from risk.ledger.reader import LINE_COLUMNS, examine_locked_ledger, require_intact_lines

# Milliseconds to wait if another program has locked the database.
BUSY_TIMEOUT = 20_000
NewEntry = tuple[str, LineBody]


class OpenLedger:
    """An open ledger whose lock is held, for reading lines and adding to them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Hold an open connection."""
        self._connection = connection

    def fetch_head(self) -> LedgerHead:
        """Return the last line's number and hash."""
        row = self._connection.execute("SELECT number, hash FROM line ORDER BY number DESC LIMIT 1").fetchone()
        return LedgerHead(*row) if row else LedgerHead(0, START_HASH)

    def fetch_last_line(self, kind: str) -> LedgerLine | None:
        """Return the last line of a kind."""
        query = f"SELECT {LINE_COLUMNS} FROM line WHERE kind = ? ORDER BY number DESC LIMIT 1"  # noqa: S608
        row = self._connection.execute(query, (kind,)).fetchone()
        return LedgerLine(*row) if row else None

    def fetch_lines(self) -> list[LedgerLine]:
        """Return every line, in order."""
        return [
            LedgerLine(*row) for row in self._connection.execute(f"SELECT {LINE_COLUMNS} FROM line ORDER BY number")
        ]  # noqa: S608

    def add_entries(self, entries: Sequence[NewEntry], who: str | None = None) -> list[LedgerLine]:
        """Add entries (kind and body) in one transaction, and return them as lines once they are on disk."""
        when, by = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), who or get_user_name()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            before, lines = self.fetch_head(), list[LedgerLine]()
            for kind, body in entries:
                lines.append(chain_next_line(before, when, by, kind, body))
                before = LedgerHead(lines[-1].number, lines[-1].hash)
            self._insert_lines(lines)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return lines

    def take_exported_lines(self, lines: Iterable[LedgerLine]) -> None:
        """Insert lines unchanged, in one transaction; they must be a complete chain and the ledger empty."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._insert_lines(lines)
        self._connection.execute("COMMIT")

    def _insert_lines(self, lines: Iterable[LedgerLine]) -> None:
        self._connection.executemany(f"INSERT INTO line ({LINE_COLUMNS}) VALUES (?,?,?,?,?,?,?)", lines)  # noqa: S608


def add_to_ledger(files: LedgerFiles, entries: Sequence[NewEntry], who: str | None = None) -> list[LedgerLine]:
    """Add entries to a ledger, which is created if it does not exist.

    Raises BadInput in one line if the ledger is locked, damaged or cannot be written; nothing is added then.
    """
    with open_ledger(files) as ledger:
        return ledger.add_entries(entries, who)


@contextmanager
def open_ledger(files: LedgerFiles) -> Iterator[OpenLedger]:
    """Open a ledger for writing, after checking every line.

    Raises BadInput in one line if it is locked, damaged or cannot be written.
    """
    try:
        with hold_ledger_lock(files):
            require_intact_lines(files, examine_locked_ledger(files))
            with closing(_connect_database(files)) as connection:
                with _keep_ledger_head(OpenLedger(connection), files) as ledger:
                    yield ledger
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise BadInput(f"{files.database}: cannot be written ({error}); nothing was added") from None
    except OSError as error:
        path = error.filename or files.database
        raise BadInput(f"{path}: cannot be written ({error.strerror or error}); see `risk ledger verify`") from None


def get_user_name() -> str:
    """Return the system user's name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


@contextmanager
def _keep_ledger_head(ledger: OpenLedger, files: LedgerFiles) -> Iterator[OpenLedger]:
    """Write the head of what was added, even if a later entry failed."""
    before = ledger.fetch_head()
    try:
        yield ledger
    finally:
        if (head := ledger.fetch_head()) != before:
            write_head(files, head)


def _connect_database(files: LedgerFiles) -> sqlite3.Connection:
    head = read_head(files)
    if head is None and not files.database.is_file():
        head = LedgerHead()
        write_head(files, head)
    connection = sqlite3.connect(files.database, timeout=BUSY_TIMEOUT / 1000, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (LINE_TABLE,)).fetchone():
            create_table(connection)
        # A command interrupted after writing its line leaves an outdated head.
        if (last := OpenLedger(connection).fetch_head()) != head:
            write_head(files, last)
    except BaseException:
        connection.close()
        raise
    return connection
