"""Own indicators next to the snapshot: their sources, cards, measures and signs."""

from hashlib import sha256
from pathlib import Path

from features.bad_input import BadInput
from features.snapshot.cards import CardMeasure, SourceCard, read_card, read_source_table
from features.vocabulary import Theme

# Hidden, so that versions are not listed as sources; a source is a link to the version in use.
VERSIONS_FOLDER = ".kept"
# Years over which changes are computed.
CHANGE_YEARS = (1, 5)
SIGN_VALUES = {"worse": 1, "better": -1}


def find_own_folder(raw: Path) -> Path:
    """Where own indicators stand: beside the snapshot, so that one taken anew leaves them as they are."""
    return raw.parent / "own"


def list_own_sources(raw: Path) -> tuple[str, ...]:
    """The names of the sources that were added, sorted."""
    folder = find_own_folder(raw)
    if not folder.is_dir():
        return ()
    entries = [entry for entry in folder.iterdir() if entry.is_dir() or entry.is_symlink()]
    return tuple(sorted(entry.name for entry in entries if not entry.name.startswith(".")))


def list_own_cards(raw: Path) -> list[SourceCard]:
    """The card of every source that was added, in the order of their names."""
    return [read_card(source, find_own_folder(raw)) for source in list_own_sources(raw)]


def list_own_measures(raw: Path) -> dict[str, CardMeasure]:
    """Every own measure by its column."""
    return {
        name: measure
        for card in list_own_cards(raw)
        for table in card.tables.values()
        for name, measure in table.columns.items()
    }


def list_own_signs(raw: Path) -> dict[str, int]:
    """The sign that its card gives a measure: +1 where higher is worse, -1 where higher is better; none is left out."""
    return {name: SIGN_VALUES[m.sign] for name, m in list_own_measures(raw).items() if m.sign in SIGN_VALUES}


def list_own_features(raw: Path) -> dict[str, Theme]:
    """The theme of every column that own indicators bring to the panel."""
    endings = ("", *(f"_d{years}" for years in CHANGE_YEARS), "_age")
    return {
        f"{name}{ending}": measure.theme
        for name, measure in list_own_measures(raw).items()
        for ending in endings
        if measure.theme is not None
    }


def verify_own_sources(raw: Path) -> None:
    """Refuse an own source that is altered, cut off or out of bounds, or holds a file that its card does not list."""
    for source in list_own_sources(raw):
        folder = find_own_folder(raw) / source
        card = read_card(source, find_own_folder(raw))
        if folder.is_symlink():
            _check_card_version(folder)
        for name in card.tables:
            read_source_table(source, name, find_own_folder(raw))
        for path in sorted(folder.iterdir()):
            if path.name != "card.yaml" and path.stem not in card.tables:
                raise BadInput(f"{path}: not listed on the card of {source}")


def format_version_name(source: str, card: bytes) -> str:
    """The folder name of one version of a source, from the SHA-256 of its card and so of its tables."""
    return f"{source}-{sha256(card).hexdigest()[:16]}"


def _check_card_version(folder: Path) -> None:
    version, path = folder.readlink().name.rpartition("-")[0], folder / "card.yaml"
    if (current := format_version_name(folder.name, path.read_bytes())) != version:
        raise BadInput(
            f"{path}: altered: checksum {current[-16:-4]}…, it was {version[-16:-4]}… when added; add it again"
        )
