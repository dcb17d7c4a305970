"""Where a ledger lies: the database and, beside it, its head, the checksums of its blocks and a lock."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple

from features.bad_input import BadInput
from features.files.atomic_write import put_in_place
from features.files.checksummed_json import sealed, unsealed
from risk.ledger.line import START

VARIABLE = "RISK_LEDGER"
DEFAULT, NAME = Path("ledger"), "ledger.db"
BLOCK = 4096
# Seconds to wait for another command that writes.
PATIENCE = 60.0
PAUSE = 0.005


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
    def blocks(self) -> Path:
        """The file that holds a checksum of each block of the database."""
        return self._beside("blocks")

    @property
    def lock(self) -> Path:
        """The file that a writer locks."""
        return self._beside("lock")

    @property
    def turn(self) -> Path:
        """The file that whoever is next in turn locks while waiting."""
        return self._beside("turn")

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
    until = time.monotonic() + PATIENCE
    with place.lock.open("a") as held:
        # Whoever has just let go would otherwise be first again, and the others might wait for ever.
        with place.turn.open("a") as turn:
            _take(turn, until, place)
            _take(held, until, place)
        yield


def _take(file: IO[str], until: float, place: Place) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise BadInput(f"{place.database}: in use by another command; try again when it ends") from None
            time.sleep(PAUSE)


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


def block_sums(content: bytes) -> list[str]:
    """A SHA-256 of each block of the database file."""
    return [sha256(content[at : at + BLOCK]).hexdigest() for at in range(0, len(content), BLOCK)]


def write_blocks(place: Place) -> None:
    """Vouch for the database file as it now is."""
    put_in_place(place.blocks, sealed({"block": BLOCK, "sha256": block_sums(place.database.read_bytes())}))


def vouched(place: Place) -> bool:
    """Whether there are checksums of blocks: a loss of power may leave none, or an empty file."""
    return place.blocks.is_file() and place.blocks.stat().st_size > 0


def block_faults(place: Place, content: bytes) -> list[str]:
    """A sentence for each block of the database that is not as it was last vouched for; none if nothing vouches."""
    if not vouched(place):
        return []
    try:
        listed = unsealed(place.blocks.read_bytes(), place.blocks).get("sha256")
    except BadInput as error:
        return [str(error)]
    if not isinstance(listed, list):
        return [f"{place.blocks}: altered: lists no checksums"]
    found = block_sums(content)
    if len(found) != len(listed):
        return [f"{place.database}: {len(found)} blocks of {BLOCK} bytes, {place.blocks.name} lists {len(listed)}"]
    return [
        f"{place.database}: bytes {at * BLOCK} to {(at + 1) * BLOCK - 1}: altered since they were written"
        for at, (one, other) in enumerate(zip(found, listed, strict=True))
        if one != other
    ]
