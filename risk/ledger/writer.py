"""Lines added to the ledger: one writer at a time, each line on disk before the command says so."""

import getpass
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from features.bad_input import BadInput
from risk.ledger.files import LedgerFiles, LedgerHead, hold_ledger_lock, read_head, write_head
from risk.ledger.line import START_HASH, LedgerLine, LineBody, chain_next_line
from risk.ledger.reader import LINE_COLUMNS, examine_locked_ledger, require_intact_lines
from risk.ledger.schema import LINE_TABLE, create_table

# Milliseconds to wait where a program other than ours has locked the database.
BUSY_TIMEOUT = 20_000
NewEntry = tuple[str, LineBody]


class OpenLedger:
    """An open ledger whose lock is held, to look at the last lines and to add to them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Hold an open connection."""
        self._connection = connection

    def fetch_head(self) -> LedgerHead:
        """The last line's number and hash."""
        found = self._connection.execute("SELECT number, hash FROM line ORDER BY number DESC LIMIT 1").fetchone()
        return LedgerHead(*found) if found else LedgerHead(0, START_HASH)

    def fetch_last_line(self, kind: str) -> LedgerLine | None:
        """The last line of a kind."""
        query = f"SELECT {LINE_COLUMNS} FROM line WHERE kind = ? ORDER BY number DESC LIMIT 1"  # noqa: S608
        found = self._connection.execute(query, (kind,)).fetchone()
        return LedgerLine(*found) if found else None

    def fetch_lines(self) -> list[LedgerLine]:
        """Every line, in order."""
        return [
            LedgerLine(*row) for row in self._connection.execute(f"SELECT {LINE_COLUMNS} FROM line ORDER BY number")
        ]  # noqa: S608

    def add_entries(self, entries: Sequence[NewEntry], who: str | None = None) -> list[LedgerLine]:
        """Add entries (kind and body) in one transaction, and return them as lines once they are on disk."""
        when, by = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), who or get_user_name()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            before, made = self.fetch_head(), list[LedgerLine]()
            for kind, body in entries:
                made.append(chain_next_line(before, when, by, kind, body))
                before = LedgerHead(made[-1].number, made[-1].hash)
            self._insert_lines(made)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return made

    def take_exported_lines(self, lines: Iterable[LedgerLine]) -> None:
        """Take lines in as they are, in one transaction; they must be a whole chain and the ledger empty."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._insert_lines(lines)
        self._connection.execute("COMMIT")

    def _insert_lines(self, lines: Iterable[LedgerLine]) -> None:
        self._connection.executemany(f"INSERT INTO line ({LINE_COLUMNS}) VALUES (?,?,?,?,?,?,?)", lines)  # noqa: S608


def add_to_ledger(place: LedgerFiles, entries: Sequence[NewEntry], who: str | None = None) -> list[LedgerLine]:
    """Add entries to the ledger at a place, which is made if there is none.

    Raises BadInput in one line where the ledger is locked, broken or cannot be written; nothing is added then.
    """
    with open_ledger(place) as ledger:
        return ledger.add_entries(entries, who)


@contextmanager
def open_ledger(place: LedgerFiles) -> Iterator[OpenLedger]:
    """Open a ledger to write: every line is checked first.

    Raises BadInput in one line where it is locked, broken or cannot be written.
    """
    try:
        with hold_ledger_lock(place):
            require_intact_lines(place, examine_locked_ledger(place))
            with closing(_connect_database(place)) as connection:
                with _keep_ledger_head(OpenLedger(connection), place) as ledger:
                    yield ledger
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise BadInput(f"{place.database}: cannot be written ({error}); nothing was added") from None
    except OSError as error:
        where = error.filename or place.database
        raise BadInput(f"{where}: cannot be written ({error.strerror or error}); see `risk ledger verify`") from None


def get_user_name() -> str:
    """The system's name for whoever runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


@contextmanager
def _keep_ledger_head(ledger: OpenLedger, place: LedgerFiles) -> Iterator[OpenLedger]:
    """Keep the head of what was added, even where a later entry failed."""
    before = ledger.fetch_head()
    try:
        yield ledger
    finally:
        if (head := ledger.fetch_head()) != before:
            write_head(place, head)


def _connect_database(place: LedgerFiles) -> sqlite3.Connection:
    head = read_head(place)
    if head is None and not place.database.is_file():
        head = LedgerHead()
        write_head(place, head)
    connection = sqlite3.connect(place.database, timeout=BUSY_TIMEOUT / 1000, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (LINE_TABLE,)).fetchone():
            create_table(connection)
        # A command cut short after its line was on disk left the head behind.
        if (last := OpenLedger(connection).fetch_head()) != head:
            write_head(place, last)
    except BaseException:
        connection.close()
        raise
    return connection
