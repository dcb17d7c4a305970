"""New source folders renamed into the snapshot, the replaced ones kept; an exchange cut short is finished or undone."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from features.bad_input import BadInput
from features.files.atomic_write import sync_to_disk
from features.files.locks import can_lock, share_lock
from features.refresh.folders import SnapshotFolders, lock_for_exchange, lock_refresh
from features.snapshot.cards import RAW_FOLDER, SourceCard, read_card, read_source_table
from features.snapshot.checksums import write_checksum_list
from features.snapshot.compile import compile_source

UNDONE_BATCH = "undone"


def swap_in_sources(sources: Sequence[str], origin: Path, places: SnapshotFolders) -> str:
    """Put the sources of `origin` (a raw folder) in place together; the name under which the replaced ones are kept."""
    for source in sources:
        check_source_folder(source, origin)
    batch = f"{max(map(int, list_replaced_batches(places)), default=0) + 1:04d}"
    _exchange_folders(sources, origin, batch, places)
    return batch


def roll_back_sources(source: str | None, places: SnapshotFolders) -> tuple[str, list[str]]:
    """Put back what the last refresh replaced, or the source's last kept folder: where it came from, and the sources.

    What it replaces is kept as `undone`. Raises BadInput where nothing is kept.
    """
    recover_exchange(places)
    holding = [
        name for name in list_replaced_batches(places) if source is None or (places.replaced / name / source).is_dir()
    ]
    if not holding:
        raise BadInput(
            f"{places.replaced}: nothing is kept{f' of {source}' if source else ''}, so nothing can be put back"
        )
    folder = places.replaced / max(holding)
    sources = [source] if source else sorted(path.name for path in folder.iterdir() if path.is_dir())
    for name in sources:
        check_source_folder(name, folder)
    _exchange_folders(sources, folder, UNDONE_BATCH, places, spent=folder.name)
    return folder.name, sources


def list_replaced_batches(places: SnapshotFolders) -> list[str]:
    """The numbered folders of replaced sources, oldest first; emptied ones do not count."""
    if not places.replaced.is_dir():
        return []
    return sorted(path.name for path in places.replaced.iterdir() if path.name.isdigit() and any(path.iterdir()))


def check_source_folder(source: str, folder: Path) -> None:
    """Refuse a source folder whose tables are not as its card says."""
    for name in read_card(source, folder).tables:
        read_source_table(source, name, folder)


def recover_exchange(places: SnapshotFolders) -> bool:
    """Finish or undo an exchange whose command was killed; whether there was one.

    All new folders were whole before the journal was written, so the exchange is finished whenever it had begun.
    """
    if not places.journal.exists():
        return False
    with lock_for_exchange(places):
        # A living command holds that lock while its journal stands, so one that still stands now is an orphan.
        if not places.journal.exists():
            return False
        _apply_journal(places)
    return True


def _exchange_folders(
    sources: Sequence[str], origin: Path, kept: str, places: SnapshotFolders, spent: str = ""
) -> None:
    """Copy the folders beside the snapshot, write down what will be done, then do it by renames alone."""
    with lock_for_exchange(places):
        shutil.rmtree(places.incoming, ignore_errors=True)
        for source in sources:
            shutil.copytree(origin / source, places.incoming / source)
            for path in (places.incoming / source).iterdir():
                sync_to_disk(path)
        aside = places.journal.with_suffix(".new")
        aside.write_text(json.dumps({"sources": sorted(sources), "kept": kept, "spent": spent}), encoding="utf-8")
        sync_to_disk(aside)
        aside.replace(places.journal)
        _apply_journal(places)


def _apply_journal(places: SnapshotFolders) -> None:
    """Each source: the old folder to those kept, the new one in; a step already taken is left out."""
    plan = json.loads(places.journal.read_text(encoding="utf-8"))
    kept = places.replaced / plan["kept"]
    kept.mkdir(parents=True, exist_ok=True)
    for source in plan["sources"]:
        new, now, old = places.incoming / source, places.raw / source, kept / source
        if new.is_dir():
            if now.is_dir():
                shutil.rmtree(old, ignore_errors=True)
                now.rename(old)
            new.rename(now)
        if plan["spent"]:
            shutil.rmtree(places.replaced / plan["spent"] / source, ignore_errors=True)
        write_checksum_list(places.raw, source)
    sync_to_disk(places.raw)
    places.journal.unlink()
    shutil.rmtree(places.incoming, ignore_errors=True)


def compile_and_exchange(source: str, folder: Path, raw: Path = RAW_FOLDER) -> SourceCard:
    """Compile one source aside, then exchange it for the one in use if anything differs; the replaced one is kept."""
    places = SnapshotFolders(raw)
    with lock_refresh(places), TemporaryDirectory() as aside:
        recover_exchange(places)
        card = compile_source(source, folder, raw, Path(aside))
        if _read_folder_contents(Path(aside) / source) != _read_folder_contents(raw / source):
            swap_in_sources([source], Path(aside), places)
    return card


def _read_folder_contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def lock_for_reading(raw: Path = RAW_FOLDER) -> Iterator[None]:
    """Keep the snapshot as it is while it is read; a half-finished exchange is first finished or undone."""

    places = SnapshotFolders(raw)
    recover_exchange(places)
    if not can_lock(places.lock_file):
        # Where this user cannot write, no command of theirs can exchange anything.
        yield
        return
    with share_lock(places.lock_file):
        yield
