"""Lines added to the ledger: one writer at a time, each line on disk before the command says so."""

import getpass
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from features.bad_input import BadInput
from risk.ledger.files import Head, Place, locked, read_head, write_head
from risk.ledger.line import START, Body, Line, chained
from risk.ledger.reader import COLUMNS, examine_held, whole
from risk.ledger.schema import TABLE, make_table

# Milliseconds to wait where a program other than ours has locked the database.
BUSY = 20_000
Entry = tuple[str, Body]


class Ledger:
    """An open ledger whose lock is held, to look at the last lines and to add to them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Hold an open connection."""
        self._connection = connection

    def head(self) -> Head:
        """The last line's number and hash."""
        found = self._connection.execute("SELECT number, hash FROM line ORDER BY number DESC LIMIT 1").fetchone()
        return Head(*found) if found else Head(0, START)

    def last(self, kind: str) -> Line | None:
        """The last line of a kind."""
        query = f"SELECT {COLUMNS} FROM line WHERE kind = ? ORDER BY number DESC LIMIT 1"  # noqa: S608
        found = self._connection.execute(query, (kind,)).fetchone()
        return Line(*found) if found else None

    def lines(self) -> list[Line]:
        """Every line, in order."""
        return [Line(*row) for row in self._connection.execute(f"SELECT {COLUMNS} FROM line ORDER BY number")]  # noqa: S608

    def add(self, entries: Sequence[Entry], who: str | None = None) -> list[Line]:
        """Add entries (kind and body) in one transaction, and return them as lines once they are on disk."""
        when, by = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), who or user()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            before, made = self.head(), list[Line]()
            for kind, body in entries:
                made.append(chained(before, when, by, kind, body))
                before = Head(made[-1].number, made[-1].hash)
            self._insert(made)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return made

    def take(self, lines: Iterable[Line]) -> None:
        """Take lines in as they are, in one transaction; they must be a whole chain and the ledger empty."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._insert(lines)
        self._connection.execute("COMMIT")

    def _insert(self, lines: Iterable[Line]) -> None:
        self._connection.executemany(f"INSERT INTO line ({COLUMNS}) VALUES (?,?,?,?,?,?,?)", lines)  # noqa: S608


def add(place: Place, entries: Sequence[Entry], who: str | None = None) -> list[Line]:
    """Add entries to the ledger at a place, which is made if there is none.

    Raises BadInput in one line where the ledger is locked, broken or cannot be written; nothing is added then.
    """
    with writing(place) as ledger:
        return ledger.add(entries, who)


@contextmanager
def writing(place: Place) -> Iterator[Ledger]:
    """Open a ledger to write: every line is checked first.

    Raises BadInput in one line where it is locked, broken or cannot be written.
    """
    try:
        with locked(place):
            whole(place, examine_held(place))
            with closing(_connect(place)) as connection:
                with _headed(Ledger(connection), place) as ledger:
                    yield ledger
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise BadInput(f"{place.database}: cannot be written ({error}); nothing was added") from None
    except OSError as error:
        where = error.filename or place.database
        raise BadInput(f"{where}: cannot be written ({error.strerror or error}); see `risk ledger verify`") from None


def user() -> str:
    """The system's name for whoever runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


@contextmanager
def _headed(ledger: Ledger, place: Place) -> Iterator[Ledger]:
    """Keep the head of what was added, even where a later entry failed."""
    before = ledger.head()
    try:
        yield ledger
    finally:
        if (head := ledger.head()) != before:
            write_head(place, head)


def _connect(place: Place) -> sqlite3.Connection:
    head = read_head(place)
    if head is None and not place.database.is_file():
        head = Head()
        write_head(place, head)
    connection = sqlite3.connect(place.database, timeout=BUSY / 1000, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (TABLE,)).fetchone():
            make_table(connection)
        # A command cut short after its line was on disk left the head behind.
        if (last := Ledger(connection).head()) != head:
            write_head(place, last)
    except BaseException:
        connection.close()
        raise
    return connection
