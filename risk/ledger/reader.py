"""Reads and checks the ledger, always from a copy, so that reading neither changes nor blocks it."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from features.bad_input import BadInput
from risk.ledger.database_schema import LINE_TABLE, TABLE_GUARDS, find_schema_differences
from risk.ledger.ledger_files import LedgerFiles, LedgerHead, hold_ledger_lock, read_head
from risk.ledger.line import START_HASH, LedgerLine, find_chain_faults

LINE_COLUMNS = 'number, "when", who, kind, body, previous, hash'


class ExaminedLedger(NamedTuple):
    """A ledger's lines, its faults, and remarks."""

    lines: list[LedgerLine]
    faults: list[str]
    remarks: list[str]

    @property
    def head(self) -> LedgerHead:
        """The last line's number and hash."""
        return LedgerHead(self.lines[-1].number, self.lines[-1].hash) if self.lines else LedgerHead(0, START_HASH)


def read_lines(files: LedgerFiles) -> list[LedgerLine]:
    """Read every line of a ledger, empty if it does not exist; BadInput names the first fault of a damaged one."""
    return require_intact_lines(files, examine_ledger(files))


def require_intact_lines(files: LedgerFiles, examined: ExaminedLedger) -> list[LedgerLine]:
    """Return the lines of an examined ledger; BadInput names the first fault of a damaged one."""
    if examined.faults:
        more = f" (and {len(examined.faults) - 1} more)" if len(examined.faults) > 1 else ""
        raise BadInput(f"{_name_database(files, examined.faults[0])}{more}; see `risk ledger verify`")
    return examined.lines


def examine_ledger(files: LedgerFiles) -> ExaminedLedger:
    """Check every page, line and link of a ledger against each other and against its head."""
    try:
        with _hold_off_writers(files):
            return examine_locked_ledger(files)
    except OSError as error:
        raise BadInput(f"{error.filename or files.database}: cannot be read ({error.strerror or error})") from None


def examine_locked_ledger(files: LedgerFiles) -> ExaminedLedger:
    """Check a ledger whose lock is already held."""
    with TemporaryDirectory() as folder:
        return _examine_ledger_copy(files, Path(folder))


def _examine_ledger_copy(files: LedgerFiles, folder: Path) -> ExaminedLedger:
    head, faults = _try_read_head(files)
    if not files.database.is_file():
        missing = [f"{files.database}: missing; {files.head.name} lists {head.number} lines"] if head else []
        return ExaminedLedger([], [*faults, *(missing if head and head.number else [])], [])
    copy = folder / "ledger.db"
    copy.write_bytes(files.database.read_bytes())
    if files.log.is_file():
        copy.with_name("ledger.db-wal").write_bytes(files.log.read_bytes())
    try:
        with closing(sqlite3.connect(copy)) as connection:
            lines = _select_all_lines(connection)
            faults += _find_database_damage(connection, bool(lines) or bool(head and head.number))
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        return ExaminedLedger(
            [], [*faults, f"{files.database}: SQLite cannot read it: {_flatten_text(str(error))}"], []
        )
    faults += [*find_chain_faults(lines), *_find_head_faults(files, lines, head)]
    return ExaminedLedger(lines, list(dict.fromkeys(faults)), _list_ledger_remarks(files, lines, head))


def _flatten_text(text: str) -> str:
    return re.sub(r"[^ -~]", "?", " ".join(text.split()))


def _try_read_head(files: LedgerFiles) -> tuple[LedgerHead | None, list[str]]:
    try:
        return read_head(files), []
    except BadInput as error:
        return None, [str(error)]


def _select_all_lines(connection: sqlite3.Connection) -> list[LedgerLine]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'line'").fetchone():
        return []
    lines = [LedgerLine(*row) for row in connection.execute(f"SELECT {LINE_COLUMNS} FROM line ORDER BY number")]  # noqa: S608
    if not all(isinstance(line.number, int) for line in lines):
        raise sqlite3.DatabaseError("a line has no number")
    return lines


def _find_database_damage(connection: sqlite3.Connection, used: bool) -> Iterator[str]:
    """Yield the damage that SQLite finds, and tables or triggers that differ from this engine's."""
    for (text,) in connection.execute("PRAGMA integrity_check").fetchall():
        if text != "ok":
            yield f"database: {_flatten_text(text)}"
    if used and (names := _flatten_text(find_schema_differences(connection))):
        yield (
            f"database: {names}: differs from the engine's schema; expected {len(TABLE_GUARDS)} triggers on the table "
            f"{LINE_TABLE}"
        )


def _find_head_faults(files: LedgerFiles, lines: list[LedgerLine], head: LedgerHead | None) -> Iterator[str]:
    last = lines[-1].number if lines else 0
    if head is None:
        if lines and not files.head.is_file():
            yield f"{files.head}: missing; lines may have been removed from the end: restore it from a backup"
    elif head.number > last:
        yield f"lines {last + 1} to {head.number}: missing at the end; {files.head.name} names line {head.number}"
    elif any(line.number == head.number and line.hash != head.hash for line in lines):
        yield f"line {head.number}: its hash differs from the one in {files.head.name}"


def _list_ledger_remarks(files: LedgerFiles, lines: list[LedgerLine], head: LedgerHead | None) -> list[str]:
    remarks = []
    if head is not None and head.number < len(lines):
        remarks.append(
            f"{files.head.name} names line {head.number} of {len(lines)}: a command was interrupted after writing; "
            "the next entry updates it"
        )
    return remarks


@contextmanager
def _hold_off_writers(files: LedgerFiles) -> Iterator[None]:
    """Keep writers out while the files are copied; no lock is needed if this user cannot write."""
    shared = files.lock.is_file() and os.access(files.lock, os.W_OK)
    with hold_ledger_lock(files) if shared else nullcontext():
        yield


def _name_database(files: LedgerFiles, fault: str) -> str:
    return fault if fault.startswith(str(files.database.parent)) else f"{files.database}: {fault}"
