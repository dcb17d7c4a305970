"""The ledger read and checked: always from a copy, so that looking at it changes and blocks nothing."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from features.bad_input import BadInput
from risk.ledger.files import Head, Place, locked, read_head
from risk.ledger.line import START, Line, chain_faults
from risk.ledger.schema import GUARDS, TABLE, made_as

COLUMNS = 'number, "when", who, kind, body, previous, hash'


class Examined(NamedTuple):
    """A ledger's lines, what is wrong with it, and what could not be vouched for."""

    lines: list[Line]
    faults: list[str]
    remarks: list[str]

    @property
    def head(self) -> Head:
        """The last line's number and hash."""
        return Head(self.lines[-1].number, self.lines[-1].hash) if self.lines else Head(0, START)


def read_lines(place: Place) -> list[Line]:
    """Every line of a ledger, none where there is no ledger; BadInput names the first fault of one that is broken."""
    return whole(place, examine(place))


def whole(place: Place, found: Examined) -> list[Line]:
    """The lines of an examined ledger; BadInput names the first fault of one that is broken."""
    if found.faults:
        more = f" (and {len(found.faults) - 1} more)" if len(found.faults) > 1 else ""
        raise BadInput(f"{_named(place, found.faults[0])}{more}; see `risk ledger verify`")
    return found.lines


def examine(place: Place) -> Examined:
    """Check every page, line and link of a ledger against each other and against the head kept beside it."""
    try:
        with _still(place):
            return examine_held(place)
    except OSError as error:
        raise BadInput(f"{error.filename or place.database}: cannot be read ({error.strerror or error})") from None


def examine_held(place: Place) -> Examined:
    """The same for one whose lock is held already."""
    with TemporaryDirectory() as aside:
        return _examine(place, Path(aside))


def _examine(place: Place, aside: Path) -> Examined:
    head, faults = _head(place)
    if not place.database.is_file():
        lost = [f"{place.database}: missing; {place.head.name} says it holds {head.number} lines"] if head else []
        return Examined([], [*faults, *(lost if head and head.number else [])], [])
    copy = aside / "ledger.db"
    copy.write_bytes(place.database.read_bytes())
    if place.log.is_file():
        copy.with_name("ledger.db-wal").write_bytes(place.log.read_bytes())
    try:
        with closing(sqlite3.connect(copy)) as connection:
            lines = _lines(connection)
            faults += _damage(connection, bool(lines) or bool(head and head.number))
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        return Examined([], [*faults, f"{place.database}: SQLite cannot read it: {_one_line(str(error))}"], [])
    faults += [*chain_faults(lines), *_head_faults(place, lines, head)]
    return Examined(lines, list(dict.fromkeys(faults)), _remarks(place, lines, head))


def _one_line(said: str) -> str:
    return re.sub(r"[^ -~]", "?", " ".join(said.split()))


def _head(place: Place) -> tuple[Head | None, list[str]]:
    try:
        return read_head(place), []
    except BadInput as error:
        return None, [str(error)]


def _lines(connection: sqlite3.Connection) -> list[Line]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'line'").fetchone():
        return []
    lines = [Line(*row) for row in connection.execute(f"SELECT {COLUMNS} FROM line ORDER BY number")]  # noqa: S608
    if not all(isinstance(line.number, int) for line in lines):
        raise sqlite3.DatabaseError("a line is without its number")
    return lines


def _damage(connection: sqlite3.Connection, used: bool) -> Iterator[str]:
    """What SQLite itself finds damaged, and a table or guard that is not as this engine makes it."""
    for (said,) in connection.execute("PRAGMA integrity_check").fetchall():
        if said != "ok":
            yield f"database: {_one_line(said)}"
    if used and (odd := _one_line(made_as(connection))):
        yield f"database: {odd}: not as the engine makes it; expected {len(GUARDS)} guards on the table {TABLE}"


def _head_faults(place: Place, lines: list[Line], head: Head | None) -> Iterator[str]:
    last = lines[-1].number if lines else 0
    if head is None:
        if lines and not place.head.is_file():
            yield f"{place.head}: missing; whether lines were cut off the end cannot be told: restore it from a backup"
    elif head.number > last:
        yield f"lines {last + 1} to {head.number}: cut off the end; {place.head.name} names line {head.number}"
    elif any(line.number == head.number and line.hash != head.hash for line in lines):
        yield f"line {head.number}: its hash is not the one that {place.head.name} kept"


def _remarks(place: Place, lines: list[Line], head: Head | None) -> list[str]:
    made = []
    if head is not None and head.number < len(lines):
        made.append(
            f"{place.head.name} names line {head.number} of {len(lines)}: a command was cut short after it had "
            "written; the next entry sets it right"
        )
    return made


@contextmanager
def _still(place: Place) -> Iterator[None]:
    """Keep writers out while the files are copied; where the lock cannot be written, nobody can write either."""
    shared = place.lock.is_file() and os.access(place.lock, os.W_OK)
    with locked(place) if shared else nullcontext():
        yield


def _named(place: Place, fault: str) -> str:
    return fault if fault.startswith(str(place.database.parent)) else f"{place.database}: {fault}"
