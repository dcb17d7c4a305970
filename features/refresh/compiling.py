"""Compile published files with no comparison: for a changed reader or card, within floors and ceilings."""

from pathlib import Path
from tempfile import TemporaryDirectory

from features.cards import RAW, Card
from features.refresh.places import Places, only_refresh
from features.refresh.placing import place, recover
from features.snapshot import compile_source


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
