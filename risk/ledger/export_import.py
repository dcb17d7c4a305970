"""Exports the ledger as text that can be checked line by line, imports it, and backs it up."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from risk.ledger.ledger_files import LedgerFiles, LedgerHead, hold_ledger_lock, write_head
from risk.ledger.line import START_HASH, LedgerLine, find_chain_faults, format_canonical, has_valid_types
from risk.ledger.reader import examine_ledger, examine_locked_ledger, read_lines, require_intact_lines
from risk.ledger.writer import open_ledger


def export_lines(files: LedgerFiles, to: Path) -> LedgerHead:
    """Write every line as JSON Lines, and the head last, so that truncation shows; return the head."""
    _refuse_own_files(files, to)
    lines = read_lines(files)
    head = LedgerHead(lines[-1].number, lines[-1].hash) if lines else LedgerHead()
    texts = [format_canonical({**line._asdict(), "body": line.content}) for line in lines]
    _write_export(to, "".join(f"{text}\n" for text in [*texts, format_canonical({"head": head._asdict()})]).encode())
    return head


def read_export(path: Path) -> list[LedgerLine]:
    """Read an export whose every byte is as written; BadInput names the first damaged line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    *texts, end = content.split(b"\n")
    if end or not texts:
        raise BadInput(f"{path}: truncated: the last line has no line break")
    lines = [_parse_export_line(text, path, number) for number, text in enumerate(texts[:-1], 1)]
    head = LedgerHead(lines[-1].number, lines[-1].hash) if lines else LedgerHead(0, START_HASH)
    for fault in find_chain_faults(lines):
        raise BadInput(f"{path}: {fault}")
    if texts[-1] != format_canonical({"head": head._asdict()}).encode():
        raise BadInput(f"{path}: truncated or altered: the last line does not name line {head.number} and its hash")
    return lines


def _parse_export_line(text: bytes, path: Path, number: int) -> LedgerLine:
    try:
        facts = parse_json(text)
        line = LedgerLine(**{**facts, "body": format_canonical(facts["body"])})
        same = format_canonical(facts).encode() == text and has_valid_types(line) and isinstance(facts["body"], dict)
    except (ValueError, TypeError, KeyError, RecursionError):
        same = False
    if not same:
        raise BadInput(f"{path}: line {number}: not a ledger line as this engine writes it")
    return line


def import_exported_lines(files: LedgerFiles, source: Path) -> LedgerHead:
    """Import an export with a valid chain into an empty ledger; raises BadInput for a ledger with lines."""
    lines = read_export(source)
    with open_ledger(files) as ledger:
        if ledger.fetch_head().number:
            raise BadInput(f"{files.database}: has {ledger.fetch_head().number} lines; import into an empty ledger")
        ledger.take_exported_lines(lines)
        return ledger.fetch_head()


def write_ledger_backup(files: LedgerFiles, to: Path) -> LedgerHead:
    """Copy the ledger and its head while it is in use, check the copy, and return its head.

    The copy is itself a ledger for `--ledger`. Nothing is replaced at `to` before the copy has been checked.
    """
    _refuse_own_files(files, to)
    if to.suffix != ".db":
        raise BadInput(f"{to}: a backup is a ledger, expected a name that ends in .db")
    if not files.database.is_file():
        raise BadInput(f"{files.database}: no lines to back up")
    staged = LedgerFiles(to.with_name(f".{to.stem}.new.db"))
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with hold_ledger_lock(files):
            head = _copy_ledger(files, staged)
        for source, target in zip(_list_ledger_files(staged), _list_ledger_files(LedgerFiles(to)), strict=True):
            source.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise BadInput(f"{to}: cannot be written ({error})") from None
    finally:
        for path in _list_ledger_files(staged):
            _remove_file(path)
    return head


def _copy_ledger(files: LedgerFiles, staged: LedgerFiles) -> LedgerHead:
    lines = require_intact_lines(files, examine_locked_ledger(files))
    if not lines:
        raise BadInput(f"{files.database}: no lines to back up")
    with closing(sqlite3.connect(files.database)) as source, closing(sqlite3.connect(staged.database)) as copy:
        source.backup(copy)
    head = LedgerHead(lines[-1].number, lines[-1].hash)
    write_head(staged, head)
    if require_intact_lines(staged, examine_ledger(staged)) != lines:
        raise BadInput(f"{staged.database}: the copy differs from the ledger; nothing was replaced")
    return head


def _list_ledger_files(files: LedgerFiles) -> Sequence[Path]:
    return files.database, files.head


def _refuse_own_files(files: LedgerFiles, to: Path) -> None:
    """Raise BadInput if `to` is a file of the ledger itself."""
    own: Iterator[Path] = (path.resolve() for path in (*_list_ledger_files(files), files.log, files.lock))
    if to.resolve() in own:
        raise BadInput(f"{to}: is the ledger itself; choose another file")


def _write_export(to: Path, content: bytes) -> None:
    staged = to.with_name(f".{to.name}.new")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with staged.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(to)
    except OSError as error:
        _remove_file(staged)
        raise BadInput(f"{to}: cannot be written ({error.strerror})") from None


def _remove_file(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
