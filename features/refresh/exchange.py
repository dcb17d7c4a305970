"""Swap new source folders into the snapshot and keep the replaced ones; an interrupted exchange is completed."""

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
from features.snapshot.cards import SourceCard, read_card, read_source_table
from features.snapshot.checksums import write_checksum_list
from features.snapshot.compile import compile_source

UNDONE_BATCH = "undone"


def swap_in_sources(sources: Sequence[str], origin: Path, folders: SnapshotFolders) -> str:
    """Install the sources of `origin` (a raw folder) together; returns the batch under which the old ones are kept."""
    for source in sources:
        check_source_folder(source, origin)
    batch = f"{max(map(int, list_replaced_batches(folders)), default=0) + 1:04d}"
    _exchange_folders(sources, origin, batch, folders)
    return batch


def roll_back_sources(source: str | None, folders: SnapshotFolders) -> tuple[str, list[str]]:
    """Restore what the last refresh replaced, or the source's last kept folder; returns the batch and the sources.

    What it replaces is kept as `undone`. Raises BadInput if nothing is kept.
    """
    recover_exchange(folders)
    batches = [
        name for name in list_replaced_batches(folders) if source is None or (folders.replaced / name / source).is_dir()
    ]
    if not batches:
        raise BadInput(
            f"{folders.replaced}: no earlier release is kept{f' of {source}' if source else ''}, so there is nothing "
            "to roll back"
        )
    folder = folders.replaced / max(batches)
    sources = [source] if source else sorted(path.name for path in folder.iterdir() if path.is_dir())
    for name in sources:
        check_source_folder(name, folder)
    _exchange_folders(sources, folder, UNDONE_BATCH, folders, spent=folder.name)
    return folder.name, sources


def list_replaced_batches(folders: SnapshotFolders) -> list[str]:
    """The numbered folders of replaced sources, oldest first, without empty ones."""
    if not folders.replaced.is_dir():
        return []
    return sorted(path.name for path in folders.replaced.iterdir() if path.name.isdigit() and any(path.iterdir()))


def check_source_folder(source: str, folder: Path) -> None:
    """Refuse a source folder whose tables do not match its card."""
    for name in read_card(source, folder).tables:
        read_source_table(source, name, folder)


def recover_exchange(folders: SnapshotFolders) -> bool:
    """Complete an exchange whose command was killed; returns whether there was one.

    All new folders were complete before the journal was written, so an exchange that had begun can be completed.
    """
    if not folders.journal.exists():
        return False
    with lock_for_exchange(folders):
        # A running command holds this lock while its journal exists, so a journal still here is an orphan.
        if not folders.journal.exists():
            return False
        _apply_journal(folders)
    return True


def _exchange_folders(
    sources: Sequence[str], origin: Path, kept: str, folders: SnapshotFolders, spent: str = ""
) -> None:
    """Copy the folders next to the snapshot, write a journal of the exchange, then apply it by renames only."""
    with lock_for_exchange(folders):
        shutil.rmtree(folders.incoming, ignore_errors=True)
        for source in sources:
            shutil.copytree(origin / source, folders.incoming / source)
            for path in (folders.incoming / source).iterdir():
                sync_to_disk(path)
        temporary = folders.journal.with_suffix(".new")
        temporary.write_text(json.dumps({"sources": sorted(sources), "kept": kept, "spent": spent}), encoding="utf-8")
        sync_to_disk(temporary)
        temporary.replace(folders.journal)
        _apply_journal(folders)


def _apply_journal(folders: SnapshotFolders) -> None:
    """For each source, move the old folder to the kept ones and the new one in; skip steps already done."""
    plan = json.loads(folders.journal.read_text(encoding="utf-8"))
    kept = folders.replaced / plan["kept"]
    kept.mkdir(parents=True, exist_ok=True)
    for source in plan["sources"]:
        new, current, old = folders.incoming / source, folders.raw / source, kept / source
        if new.is_dir():
            if current.is_dir():
                shutil.rmtree(old, ignore_errors=True)
                current.rename(old)
            new.rename(current)
        if plan["spent"]:
            shutil.rmtree(folders.replaced / plan["spent"] / source, ignore_errors=True)
        write_checksum_list(folders.raw, source)
    sync_to_disk(folders.raw)
    folders.journal.unlink()
    shutil.rmtree(folders.incoming, ignore_errors=True)


def compile_and_exchange(source: str, folder: Path, raw: Path) -> SourceCard:
    """Compile one source aside, then exchange it for the one in use if anything differs; the replaced one is kept."""
    places = SnapshotFolders(raw)
    with lock_refresh(places), TemporaryDirectory() as compiled:
        recover_exchange(places)
        card = compile_source(source, folder, raw, Path(compiled))
        if _read_folder_contents(Path(compiled) / source) != _read_folder_contents(raw / source):
            swap_in_sources([source], Path(compiled), places)
    return card


def _read_folder_contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def lock_for_reading(raw: Path) -> Iterator[None]:
    """Keep the snapshot as it is while it is read; a half-finished exchange is first finished or undone."""

    places = SnapshotFolders(raw)
    recover_exchange(places)
    if not can_lock(places.lock_file):
        # A user without write access cannot start an exchange.
        yield
        return
    with share_lock(places.lock_file):
        yield
