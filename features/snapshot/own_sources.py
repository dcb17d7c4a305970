"""Your own indicators: which stand beside the snapshot, what their cards say, and the sign each is bound to."""

from hashlib import sha256
from pathlib import Path

from features.bad_input import BadInput
from features.snapshot.cards import RAW, Card, Measure, read_card, read_table
from features.vocabulary import Theme

# Hidden, so that no version stands among the sources; a source is a link to the one in use.
KEPT = ".kept"
# Years over which a change is told; `<measure>_age` dates the value as it does everywhere.
CHANGES = (1, 5)
BOUND = {"worse": 1, "better": -1}


def own_folder(raw: Path = RAW) -> Path:
    """Where own indicators stand: beside the snapshot, so that one taken anew leaves them as they are."""
    return raw.parent / "own"


def own_sources(raw: Path = RAW) -> tuple[str, ...]:
    """The names of the sources that were added, sorted."""
    folder = own_folder(raw)
    if not folder.is_dir():
        return ()
    entries = [entry for entry in folder.iterdir() if entry.is_dir() or entry.is_symlink()]
    return tuple(sorted(entry.name for entry in entries if not entry.name.startswith(".")))


def own_cards(raw: Path = RAW) -> list[Card]:
    """The card of every source that was added, in the order of their names."""
    return [read_card(source, own_folder(raw)) for source in own_sources(raw)]


def own_measures(raw: Path = RAW) -> dict[str, Measure]:
    """Every own measure by its column."""
    return {
        name: measure
        for card in own_cards(raw)
        for table in card.tables.values()
        for name, measure in table.columns.items()
    }


def own_signs(raw: Path = RAW) -> dict[str, int]:
    """The sign that its card gives a measure: +1 where higher is worse, -1 where higher is better; none is left out."""
    return {name: BOUND[m.sign] for name, m in own_measures(raw).items() if m.sign in BOUND}


def own_features(raw: Path = RAW) -> dict[str, Theme]:
    """The theme of every column that own indicators bring to the panel."""
    endings = ("", *(f"_d{years}" for years in CHANGES), "_age")
    return {
        f"{name}{ending}": measure.theme
        for name, measure in own_measures(raw).items()
        for ending in endings
        if measure.theme is not None
    }


def verify_own(raw: Path = RAW) -> None:
    """Refuse an own source that is altered, cut off or out of bounds, or holds a file that its card does not list."""
    for source in own_sources(raw):
        folder = own_folder(raw) / source
        card = read_card(source, own_folder(raw))
        if folder.is_symlink():
            _same_card(folder)
        for name in card.tables:
            read_table(source, name, own_folder(raw))
        for path in sorted(folder.iterdir()):
            if path.name != "card.yaml" and path.stem not in card.tables:
                raise BadInput(f"{path}: not listed on the card of {source}")


def kept_name(source: str, card: bytes) -> str:
    """The folder that holds one version of a source, named by the SHA-256 of its card and so of its tables."""
    return f"{source}-{sha256(card).hexdigest()[:16]}"


def _same_card(folder: Path) -> None:
    named, path = folder.readlink().name.rpartition("-")[0], folder / "card.yaml"
    if (found := kept_name(folder.name, path.read_bytes())) != named:
        raise BadInput(f"{path}: altered: checksum {found[-16:-4]}…, it was added as {named[-16:-4]}…; add it again")
