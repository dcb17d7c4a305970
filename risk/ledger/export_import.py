"""The ledger taken elsewhere: exported as text that can be checked line by line, taken in again, and backed up."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from risk.ledger.files import LedgerFiles, LedgerHead, hold_ledger_lock, write_head
from risk.ledger.line import START_HASH, LedgerLine, find_chain_faults, format_canonical, has_valid_types
from risk.ledger.reader import examine_ledger, examine_locked_ledger, read_lines, require_intact_lines
from risk.ledger.writer import open_ledger


def export_lines(place: LedgerFiles, to: Path) -> LedgerHead:
    """Write every line as JSON, one a line, and last the head, so that a cut shows; return the head."""
    _refuse_own_files(place, to)
    lines = read_lines(place)
    head = LedgerHead(lines[-1].number, lines[-1].hash) if lines else LedgerHead()
    texts = [format_canonical({**line._asdict(), "body": line.content}) for line in lines]
    _write_export(to, "".join(f"{text}\n" for text in [*texts, format_canonical({"head": head._asdict()})]).encode())
    return head


def read_export(path: Path) -> list[LedgerLine]:
    """The lines of an export whose every byte is as it was written; BadInput names the first that is not."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    *texts, end = content.split(b"\n")
    if end or not texts:
        raise BadInput(f"{path}: cut off: its last line has no end")
    lines = [_parse_export_line(text, path, number) for number, text in enumerate(texts[:-1], 1)]
    head = LedgerHead(lines[-1].number, lines[-1].hash) if lines else LedgerHead(0, START_HASH)
    for fault in find_chain_faults(lines):
        raise BadInput(f"{path}: {fault}")
    if texts[-1] != format_canonical({"head": head._asdict()}).encode():
        raise BadInput(f"{path}: cut off or altered: its last line does not name line {head.number} and its hash")
    return lines


def _parse_export_line(text: bytes, path: Path, number: int) -> LedgerLine:
    try:
        facts = parse_json(text)
        line = LedgerLine(**{**facts, "body": format_canonical(facts["body"])})
        same = format_canonical(facts).encode() == text and has_valid_types(line) and isinstance(facts["body"], dict)
    except (ValueError, TypeError, KeyError, RecursionError):
        same = False
    if not same:
        raise BadInput(f"{path}: line {number}: not a line of a ledger as this engine writes it")
    return line


def import_exported_lines(place: LedgerFiles, source: Path) -> LedgerHead:
    """Take an export into an empty ledger, once its chain holds; BadInput refuses a ledger that has lines."""
    lines = read_export(source)
    with open_ledger(place) as ledger:
        if ledger.fetch_head().number:
            raise BadInput(
                f"{place.database}: has {ledger.fetch_head().number} lines; an export is taken into an empty one"
            )
        ledger.take_exported_lines(lines)
        return ledger.fetch_head()


def write_ledger_backup(place: LedgerFiles, to: Path) -> LedgerHead:
    """Copy the ledger while it is in use, with its head, and check the copy; return its head.

    The copy is itself a ledger: `--ledger` takes it. Nothing takes its place at `to` before it has been checked.
    """
    _refuse_own_files(place, to)
    if to.suffix != ".db":
        raise BadInput(f"{to}: a backup is a ledger, expected a name that ends in .db")
    if not place.database.is_file():
        raise BadInput(f"{place.database}: holds no line to back up")
    aside = LedgerFiles(to.with_name(f".{to.stem}.new.db"))
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with hold_ledger_lock(place):
            head = _copy_ledger(place, aside)
        for source, target in zip(_list_ledger_files(aside), _list_ledger_files(LedgerFiles(to)), strict=True):
            source.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise BadInput(f"{to}: cannot be written ({error})") from None
    finally:
        for path in _list_ledger_files(aside):
            _remove_file(path)
    return head


def _copy_ledger(place: LedgerFiles, aside: LedgerFiles) -> LedgerHead:
    lines = require_intact_lines(place, examine_locked_ledger(place))
    if not lines:
        raise BadInput(f"{place.database}: holds no line to back up")
    with closing(sqlite3.connect(place.database)) as source, closing(sqlite3.connect(aside.database)) as copy:
        source.backup(copy)
    head = LedgerHead(lines[-1].number, lines[-1].hash)
    write_head(aside, head)
    if require_intact_lines(aside, examine_ledger(aside)) != lines:
        raise BadInput(f"{aside.database}: the copy is not the ledger; nothing was replaced")
    return head


def _list_ledger_files(place: LedgerFiles) -> Sequence[Path]:
    return place.database, place.head


def _refuse_own_files(place: LedgerFiles, to: Path) -> None:
    """Refuse to write over the ledger itself."""
    own: Iterator[Path] = (path.resolve() for path in (*_list_ledger_files(place), place.log, place.lock))
    if to.resolve() in own:
        raise BadInput(f"{to}: is the ledger itself; name another file")


def _write_export(to: Path, content: bytes) -> None:
    aside = to.with_name(f".{to.name}.new")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(to)
    except OSError as error:
        _remove_file(aside)
        raise BadInput(f"{to}: cannot be written ({error.strerror})") from None


def _remove_file(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
