"""Where the work of a refresh lies beside data/raw, and the locks that keep two commands out of each other's way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from features.bad_input import BadInput
from features.files.locks import hold_alone, hold_lock
from features.snapshot.cards import RAW_FOLDER


@dataclass(frozen=True)
class SnapshotFolders:
    """The folders around a snapshot: for downloads, the candidate, what was replaced and what is being put in place."""

    raw: Path = RAW_FOLDER

    @property
    def downloads(self) -> Path:
        """Published files under the names that the cards list, as fetched or given."""
        return self.raw.parent / "downloads"

    @property
    def candidate(self) -> Path:
        """A whole snapshot with the new issues in it, which no command scores from."""
        return self.raw.parent / "candidate"

    @property
    def held_file(self) -> Path:
        """What waits in the candidate, and against which cards it was compared."""
        return self.candidate / "held.json"

    @property
    def replaced(self) -> Path:
        """Replaced sources, a numbered folder a refresh."""
        return self.raw.parent / "kept"

    @property
    def incoming(self) -> Path:
        """Whole source folders about to be renamed into the snapshot."""
        return self.raw.parent / f".{self.raw.name}.incoming"

    @property
    def journal(self) -> Path:
        """What is being put in place; its presence without its writer means that a command was killed."""
        return self.raw.parent / f".{self.raw.name}.placing.json"

    @property
    def lock_file(self) -> Path:
        """Held by those who read the snapshot, and by an exchange alone."""
        return self.raw.parent / f".{self.raw.name}.lock"


@contextmanager
def lock_refresh(places: SnapshotFolders) -> Iterator[None]:
    """Hold the lock of refreshes, which the system frees even when the command is killed.

    Raises BadInput where another refresh holds it.
    """
    refusal = BadInput(f"{places.raw}: another refresh is at work; try again when it ends")
    with hold_lock(places.raw.parent / ".refresh.lock", refusal):
        yield


@contextmanager
def lock_for_exchange(places: SnapshotFolders) -> Iterator[None]:
    """Wait for those who read the snapshot to end, and keep others out for the moment of the exchange."""
    with hold_alone(places.lock_file):
        yield
