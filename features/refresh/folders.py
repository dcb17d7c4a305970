"""Working folders of a refresh next to data/raw, and the locks that keep commands from interfering."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from features.bad_input import BadInput
from features.files.locks import hold_alone, hold_lock
from features.snapshot.cards import RAW_FOLDER


@dataclass(frozen=True)
class SnapshotFolders:
    """Folders next to a snapshot: downloads, the candidate, replaced sources and incoming sources."""

    raw: Path = RAW_FOLDER

    @property
    def downloads(self) -> Path:
        """Published files under the names listed on the cards, as fetched or supplied."""
        return self.raw.parent / "downloads"

    @property
    def candidate(self) -> Path:
        """A complete snapshot with the new releases, which is never used for scoring."""
        return self.raw.parent / "candidate"

    @property
    def held_file(self) -> Path:
        """Sources held in the candidate, with the checksums of the cards they were compared with."""
        return self.candidate / "held.json"

    @property
    def replaced(self) -> Path:
        """Replaced sources, one numbered folder per refresh."""
        return self.raw.parent / "kept"

    @property
    def incoming(self) -> Path:
        """Complete source folders about to be renamed into the snapshot."""
        return self.raw.parent / f".{self.raw.name}.incoming"

    @property
    def journal(self) -> Path:
        """The exchange in progress; if its writer is gone, the command was killed."""
        return self.raw.parent / f".{self.raw.name}.placing.json"

    @property
    def lock_file(self) -> Path:
        """Shared by readers of the snapshot, held exclusively during an exchange."""
        return self.raw.parent / f".{self.raw.name}.lock"


@contextmanager
def lock_refresh(folders: SnapshotFolders) -> Iterator[None]:
    """Hold the refresh lock, which the system releases even when the command is killed.

    Raises BadInput if another refresh holds it.
    """
    refusal = BadInput(f"{folders.raw}: another refresh is running; try again when it ends")
    with hold_lock(folders.raw.parent / ".refresh.lock", refusal):
        yield


@contextmanager
def lock_for_exchange(folders: SnapshotFolders) -> Iterator[None]:
    """Wait until nobody reads the snapshot, and keep readers out during the exchange."""
    with hold_alone(folders.lock_file):
        yield
