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
from risk.ledger.files import LedgerFiles, LedgerHead, hold_ledger_lock, read_head
from risk.ledger.line import START_HASH, LedgerLine, find_chain_faults
from risk.ledger.schema import LINE_TABLE, TABLE_GUARDS, find_schema_differences

LINE_COLUMNS = 'number, "when", who, kind, body, previous, hash'


class ExaminedLedger(NamedTuple):
    """A ledger's lines, what is wrong with it, and what could not be vouched for."""

    lines: list[LedgerLine]
    faults: list[str]
    remarks: list[str]

    @property
    def head(self) -> LedgerHead:
        """The last line's number and hash."""
        return LedgerHead(self.lines[-1].number, self.lines[-1].hash) if self.lines else LedgerHead(0, START_HASH)


def read_lines(place: LedgerFiles) -> list[LedgerLine]:
    """Every line of a ledger, none where there is no ledger; BadInput names the first fault of one that is broken."""
    return require_intact_lines(place, examine_ledger(place))


def require_intact_lines(place: LedgerFiles, found: ExaminedLedger) -> list[LedgerLine]:
    """The lines of an examined ledger; BadInput names the first fault of one that is broken."""
    if found.faults:
        more = f" (and {len(found.faults) - 1} more)" if len(found.faults) > 1 else ""
        raise BadInput(f"{_name_database(place, found.faults[0])}{more}; see `risk ledger verify`")
    return found.lines


def examine_ledger(place: LedgerFiles) -> ExaminedLedger:
    """Check every page, line and link of a ledger against each other and against the head kept beside it."""
    try:
        with _hold_off_writers(place):
            return examine_locked_ledger(place)
    except OSError as error:
        raise BadInput(f"{error.filename or place.database}: cannot be read ({error.strerror or error})") from None


def examine_locked_ledger(place: LedgerFiles) -> ExaminedLedger:
    """The same for one whose lock is held already."""
    with TemporaryDirectory() as aside:
        return _examine_ledger_copy(place, Path(aside))


def _examine_ledger_copy(place: LedgerFiles, aside: Path) -> ExaminedLedger:
    head, faults = _try_read_head(place)
    if not place.database.is_file():
        lost = [f"{place.database}: missing; {place.head.name} says it holds {head.number} lines"] if head else []
        return ExaminedLedger([], [*faults, *(lost if head and head.number else [])], [])
    copy = aside / "ledger.db"
    copy.write_bytes(place.database.read_bytes())
    if place.log.is_file():
        copy.with_name("ledger.db-wal").write_bytes(place.log.read_bytes())
    try:
        with closing(sqlite3.connect(copy)) as connection:
            lines = _select_all_lines(connection)
            faults += _find_database_damage(connection, bool(lines) or bool(head and head.number))
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        return ExaminedLedger(
            [], [*faults, f"{place.database}: SQLite cannot read it: {_flatten_text(str(error))}"], []
        )
    faults += [*find_chain_faults(lines), *_find_head_faults(place, lines, head)]
    return ExaminedLedger(lines, list(dict.fromkeys(faults)), _list_ledger_remarks(place, lines, head))


def _flatten_text(said: str) -> str:
    return re.sub(r"[^ -~]", "?", " ".join(said.split()))


def _try_read_head(place: LedgerFiles) -> tuple[LedgerHead | None, list[str]]:
    try:
        return read_head(place), []
    except BadInput as error:
        return None, [str(error)]


def _select_all_lines(connection: sqlite3.Connection) -> list[LedgerLine]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'line'").fetchone():
        return []
    lines = [LedgerLine(*row) for row in connection.execute(f"SELECT {LINE_COLUMNS} FROM line ORDER BY number")]  # noqa: S608
    if not all(isinstance(line.number, int) for line in lines):
        raise sqlite3.DatabaseError("a line is without its number")
    return lines


def _find_database_damage(connection: sqlite3.Connection, used: bool) -> Iterator[str]:
    """What SQLite itself finds damaged, and a table or guard that is not as this engine makes it."""
    for (said,) in connection.execute("PRAGMA integrity_check").fetchall():
        if said != "ok":
            yield f"database: {_flatten_text(said)}"
    if used and (odd := _flatten_text(find_schema_differences(connection))):
        yield (
            f"database: {odd}: not as the engine makes it; expected {len(TABLE_GUARDS)} guards on the table "
            f"{LINE_TABLE}"
        )


def _find_head_faults(place: LedgerFiles, lines: list[LedgerLine], head: LedgerHead | None) -> Iterator[str]:
    last = lines[-1].number if lines else 0
    if head is None:
        if lines and not place.head.is_file():
            yield f"{place.head}: missing; whether lines were cut off the end cannot be told: restore it from a backup"
    elif head.number > last:
        yield f"lines {last + 1} to {head.number}: cut off the end; {place.head.name} names line {head.number}"
    elif any(line.number == head.number and line.hash != head.hash for line in lines):
        yield f"line {head.number}: its hash is not the one that {place.head.name} kept"


def _list_ledger_remarks(place: LedgerFiles, lines: list[LedgerLine], head: LedgerHead | None) -> list[str]:
    made = []
    if head is not None and head.number < len(lines):
        made.append(
            f"{place.head.name} names line {head.number} of {len(lines)}: a command was cut short after it had "
            "written; the next entry sets it right"
        )
    return made


@contextmanager
def _hold_off_writers(place: LedgerFiles) -> Iterator[None]:
    """Keep writers out while the files are copied; where the lock cannot be written, nobody can write either."""
    shared = place.lock.is_file() and os.access(place.lock, os.W_OK)
    with hold_ledger_lock(place) if shared else nullcontext():
        yield


def _name_database(place: LedgerFiles, fault: str) -> str:
    return fault if fault.startswith(str(place.database.parent)) else f"{place.database}: {fault}"
