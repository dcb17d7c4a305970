"""The ledger taken elsewhere: exported as text that can be checked line by line, taken in again, and backed up."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from features.bad_input import BadInput
from features.files.untrusted import parsed
from risk.ledger.files import Head, Place, locked, write_head
from risk.ledger.line import START, Line, canonical, chain_faults, fits
from risk.ledger.reader import examine, examine_held, read_lines, whole
from risk.ledger.writer import writing


def export(place: Place, to: Path) -> Head:
    """Write every line as JSON, one a line, and last the head, so that a cut shows; return the head."""
    _apart(place, to)
    lines = read_lines(place)
    head = Head(lines[-1].number, lines[-1].hash) if lines else Head()
    texts = [canonical({**line._asdict(), "body": line.said}) for line in lines]
    _write(to, "".join(f"{text}\n" for text in [*texts, canonical({"head": head._asdict()})]).encode())
    return head


def exported(path: Path) -> list[Line]:
    """The lines of an export whose every byte is as it was written; BadInput names the first that is not."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    *texts, end = content.split(b"\n")
    if end or not texts:
        raise BadInput(f"{path}: cut off: its last line has no end")
    lines = [_line(text, path, number) for number, text in enumerate(texts[:-1], 1)]
    head = Head(lines[-1].number, lines[-1].hash) if lines else Head(0, START)
    for fault in chain_faults(lines):
        raise BadInput(f"{path}: {fault}")
    if texts[-1] != canonical({"head": head._asdict()}).encode():
        raise BadInput(f"{path}: cut off or altered: its last line does not name line {head.number} and its hash")
    return lines


def _line(text: bytes, path: Path, number: int) -> Line:
    try:
        facts = parsed(text)
        line = Line(**{**facts, "body": canonical(facts["body"])})
        same = canonical(facts).encode() == text and fits(line) and isinstance(facts["body"], dict)
    except (ValueError, TypeError, KeyError, RecursionError):
        same = False
    if not same:
        raise BadInput(f"{path}: line {number}: not a line of a ledger as this engine writes it")
    return line


def take_in(place: Place, source: Path) -> Head:
    """Take an export into an empty ledger, once its chain holds; BadInput refuses a ledger that has lines."""
    lines = exported(source)
    with writing(place) as ledger:
        if ledger.head().number:
            raise BadInput(f"{place.database}: has {ledger.head().number} lines; an export is taken into an empty one")
        ledger.take(lines)
        return ledger.head()


def backup(place: Place, to: Path) -> Head:
    """Copy the ledger while it is in use, with its head, and check the copy; return its head.

    The copy is itself a ledger: `--ledger` takes it. Nothing takes its place at `to` before it has been checked.
    """
    _apart(place, to)
    if to.suffix != ".db":
        raise BadInput(f"{to}: a backup is a ledger, expected a name that ends in .db")
    if not place.database.is_file():
        raise BadInput(f"{place.database}: holds no line to back up")
    aside = Place(to.with_name(f".{to.stem}.new.db"))
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with locked(place):
            head = _copied(place, aside)
        for source, target in zip(_files(aside), _files(Place(to)), strict=True):
            source.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise BadInput(f"{to}: cannot be written ({error})") from None
    finally:
        for path in _files(aside):
            _remove(path)
    return head


def _copied(place: Place, aside: Place) -> Head:
    lines = whole(place, examine_held(place))
    if not lines:
        raise BadInput(f"{place.database}: holds no line to back up")
    with closing(sqlite3.connect(place.database)) as source, closing(sqlite3.connect(aside.database)) as copy:
        source.backup(copy)
    head = Head(lines[-1].number, lines[-1].hash)
    write_head(aside, head)
    if whole(aside, examine(aside)) != lines:
        raise BadInput(f"{aside.database}: the copy is not the ledger; nothing was replaced")
    return head


def _files(place: Place) -> Sequence[Path]:
    return place.database, place.head


def _apart(place: Place, to: Path) -> None:
    """Refuse to write over the ledger itself."""
    own: Iterator[Path] = (path.resolve() for path in (*_files(place), place.log, place.lock))
    if to.resolve() in own:
        raise BadInput(f"{to}: is the ledger itself; name another file")


def _write(to: Path, content: bytes) -> None:
    aside = to.with_name(f".{to.name}.new")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(to)
    except OSError as error:
        _remove(aside)
        raise BadInput(f"{to}: cannot be written ({error.strerror})") from None


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
