"""Where a ledger lies: the database and, beside it, its head and a lock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from features.bad_input import BadInput
from features.files.atomic_write import put_in_place
from features.files.checksummed_json import sealed, unsealed
from features.files.locks import hold_lock
from risk.ledger.line import START

VARIABLE = "RISK_LEDGER"
DEFAULT, NAME = Path("ledger"), "ledger.db"
# Seconds to wait for another command that writes.
PATIENCE = 60.0


class Head(NamedTuple):
    """The last line's number and hash; nought and zeros for an empty ledger."""

    number: int = 0
    hash: str = START


class Place(NamedTuple):
    """The files of one ledger."""

    database: Path

    @property
    def head(self) -> Path:
        """The file that holds the last number and hash."""
        return self._beside("head")

    @property
    def lock(self) -> Path:
        """The file that a writer locks."""
        return self._beside("lock")

    @property
    def log(self) -> Path:
        """SQLite's own write-ahead log."""
        return self.database.with_name(f"{self.database.name}-wal")

    def _beside(self, end: str) -> Path:
        return self.database.with_name(f"{self.database.name}.{end}")


def locate(named: Path | None = None) -> Place:
    """The ledger in the folder, or the file *.db, that is named here or by RISK_LEDGER; by default in `ledger`."""
    path = named or Path(os.environ.get(VARIABLE) or DEFAULT)
    return Place(path if path.suffix == ".db" else path / NAME)


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Hold the ledger's lock, which the system frees even when the holder is killed.

    Raises BadInput where another command keeps it too long.
    """
    place.database.parent.mkdir(parents=True, exist_ok=True)
    refusal = BadInput(f"{place.database}: in use by another command; try again when it ends")
    with hold_lock(place.lock, refusal, PATIENCE):
        yield


def read_head(place: Place) -> Head | None:
    """The head as kept beside the database, or none where there is no such file; an altered one is refused."""
    if not place.head.is_file():
        return None
    facts = unsealed(place.head.read_bytes(), place.head)
    number, its_hash = facts.get("number"), facts.get("hash")
    if type(number) is not int or number < 0 or not isinstance(its_hash, str):
        raise BadInput(f"{place.head}: altered: names no line by its number and hash")
    return Head(number, its_hash)


def write_head(place: Place, head: Head) -> None:
    """Keep the head, in one move, after the line it names is on disk."""
    put_in_place(place.head, sealed(head._asdict()), lasting=True)
