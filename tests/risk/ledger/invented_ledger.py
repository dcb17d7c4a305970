"""Small invented ledgers, and ways to spoil them as a fault or a forger would."""

import sqlite3
from contextlib import closing
from pathlib import Path

from risk.ledger.files import Place
from risk.ledger.line import Line
from risk.ledger.reader import examine
from risk.ledger.writer import add


def invented(folder: Path, lines: int = 6, who: str = "Anna") -> Place:
    """A ledger of invented notes."""
    place = Place(folder / "ledger.db")
    for number in range(1, lines + 1):
        add(place, [("note", {"iso3": "EGY", "because": f"Invented note {number}."})], who)
    return place


def forge(place: Place, *statements: str) -> None:
    """Run statements on the database without its guards, and put the guards back."""
    with closing(sqlite3.connect(place.database, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in guards:
            connection.execute(text)


def flip(path: Path, at: int, bit: int = 0) -> None:
    """Turn one bit of a file over."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(bytes(content))


def faults(place: Place) -> str:
    """All that is found wrong, a line a fault."""
    return "\n".join(examine(place).faults)


def lines(place: Place) -> list[Line]:
    """The lines as read, whatever is wrong."""
    return examine(place).lines
