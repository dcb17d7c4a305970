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
from features.refresh.folders import Places, exchanging, only_refresh
from features.snapshot.cards import RAW, Card, read_card, read_table
from features.snapshot.checksums import write_sums
from features.snapshot.compile import compile_source

UNDONE = "undone"


def place(sources: Sequence[str], origin: Path, places: Places) -> str:
    """Put the sources of `origin` (a raw folder) in place together; the name under which the replaced ones are kept."""
    for source in sources:
        check_source(source, origin)
    batch = f"{max(map(int, batches(places)), default=0) + 1:04d}"
    _exchange(sources, origin, batch, places)
    return batch


def rollback(source: str | None, places: Places) -> tuple[str, list[str]]:
    """Put back what the last refresh replaced, or the source's last kept folder: where it came from, and the sources.

    What it replaces is kept as `undone`. Raises BadInput where nothing is kept.
    """
    recover(places)
    holding = [name for name in batches(places) if source is None or (places.kept / name / source).is_dir()]
    if not holding:
        raise BadInput(f"{places.kept}: nothing is kept{f' of {source}' if source else ''}, so nothing can be put back")
    folder = places.kept / max(holding)
    sources = [source] if source else sorted(path.name for path in folder.iterdir() if path.is_dir())
    for name in sources:
        check_source(name, folder)
    _exchange(sources, folder, UNDONE, places, spent=folder.name)
    return folder.name, sources


def batches(places: Places) -> list[str]:
    """The numbered folders of replaced sources, oldest first; emptied ones do not count."""
    if not places.kept.is_dir():
        return []
    return sorted(path.name for path in places.kept.iterdir() if path.name.isdigit() and any(path.iterdir()))


def check_source(source: str, folder: Path) -> None:
    """Refuse a source folder whose tables are not as its card says."""
    for name in read_card(source, folder).tables:
        read_table(source, name, folder)


def recover(places: Places) -> bool:
    """Finish or undo an exchange whose command was killed; whether there was one.

    All new folders were whole before the journal was written, so the exchange is finished whenever it had begun.
    """
    if not places.journal.exists():
        return False
    with exchanging(places):
        # A living command holds that lock while its journal stands, so one that still stands now is an orphan.
        if not places.journal.exists():
            return False
        _go_through(places)
    return True


def _exchange(sources: Sequence[str], origin: Path, kept: str, places: Places, spent: str = "") -> None:
    """Copy the folders beside the snapshot, write down what will be done, then do it by renames alone."""
    with exchanging(places):
        shutil.rmtree(places.incoming, ignore_errors=True)
        for source in sources:
            shutil.copytree(origin / source, places.incoming / source)
            for path in (places.incoming / source).iterdir():
                sync_to_disk(path)
        aside = places.journal.with_suffix(".new")
        aside.write_text(json.dumps({"sources": sorted(sources), "kept": kept, "spent": spent}), encoding="utf-8")
        sync_to_disk(aside)
        aside.replace(places.journal)
        _go_through(places)


def _go_through(places: Places) -> None:
    """Each source: the old folder to those kept, the new one in; a step already taken is left out."""
    plan = json.loads(places.journal.read_text(encoding="utf-8"))
    kept = places.kept / plan["kept"]
    kept.mkdir(parents=True, exist_ok=True)
    for source in plan["sources"]:
        new, now, old = places.incoming / source, places.raw / source, kept / source
        if new.is_dir():
            if now.is_dir():
                shutil.rmtree(old, ignore_errors=True)
                now.rename(old)
            new.rename(now)
        if plan["spent"]:
            shutil.rmtree(places.kept / plan["spent"] / source, ignore_errors=True)
        write_sums(places.raw, source)
    sync_to_disk(places.raw)
    places.journal.unlink()
    shutil.rmtree(places.incoming, ignore_errors=True)


def compile_in_place(source: str, folder: Path, raw: Path = RAW) -> Card:
    """Compile one source aside, then exchange it for the one in use if anything differs; the replaced one is kept."""
    places = Places(raw)
    with only_refresh(places), TemporaryDirectory() as aside:
        recover(places)
        card = compile_source(source, folder, raw, Path(aside))
        if _bytes(Path(aside) / source) != _bytes(raw / source):
            place([source], Path(aside), places)
    return card


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def reading(raw: Path = RAW) -> Iterator[None]:
    """Keep the snapshot as it is while it is read; a half-finished exchange is first finished or undone."""

    places = Places(raw)
    recover(places)
    if not can_lock(places.lock):
        # Where this user cannot write, no command of theirs can exchange anything.
        yield
        return
    with share_lock(places.lock):
        yield
