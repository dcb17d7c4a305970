"""Small invented ledgers, and ways to spoil them as a fault or a forger would."""

import sqlite3
from contextlib import closing
from pathlib import Path

from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.line import LedgerLine
from risk.ledger.reader import examine_ledger
from risk.ledger.writer import add_to_ledger


def write_invented_ledger(folder: Path, lines: int = 6, who: str = "Anna") -> LedgerFiles:
    """A ledger of invented notes."""
    place = LedgerFiles(folder / "ledger.db")
    for number in range(1, lines + 1):
        add_to_ledger(place, [("note", {"iso3": "EGY", "because": f"Invented note {number}."})], who)
    return place


def forge_ledger(place: LedgerFiles, *statements: str) -> None:
    """Run statements on the database without its guards, and put the guards back."""
    with closing(sqlite3.connect(place.database, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in guards:
            connection.execute(text)


def flip_bit(path: Path, at: int, bit: int = 0) -> None:
    """Turn one bit of a file over."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(bytes(content))


def list_faults(place: LedgerFiles) -> str:
    """All that is found wrong, a line a fault."""
    return "\n".join(examine_ledger(place).faults)


def list_lines(place: LedgerFiles) -> list[LedgerLine]:
    """The lines as read, whatever is wrong."""
    return examine_ledger(place).lines
