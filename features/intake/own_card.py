"""The card of an own indicator: read from the user's folder, and refused in one line if it cannot be used."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

from features.bad_input import BadInput
from features.files.yaml_with_lines import parse_marked
from features.labels import SUFFIX_LABELS
from features.snapshot.cards import CardMeasure, CardTable, SourceCard, read_card, validate_card
from features.snapshot.compile import SOURCES
from features.snapshot.own_sources import list_own_cards

LARGEST_CARD, DEEPEST_CARD = 100_000, 10
MOST_TABLES, MOST_MEASURES, MOST_YEARS_CARRIED = 20, 60, 10
LONGEST_LABEL, LONGEST_TEXT = 120, 2000
# A larger number would overflow when it is squared or summed.
LARGEST_NUMBER = 1e15
NAME_PATTERN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Endings and first words used by columns of the panel and of the rule inputs.
DERIVED_ENDINGS = re.compile(f".*({'|'.join([*SUFFIX_LABELS, '_nb', '_share[0-9]+'])})")
RESERVED_WORDS = frozenset(
    ("civilian", "coup", "coverage", "dependence", "fact", "grade", "hedging", "horizon", "iso3", "leverage", "listed",
     "misuse", "observed", "origin", "own", "partner", "partners", "region", "state", "status", "strategic", "tier",
     "us", "value", "waived", "year")
)  # fmt: skip
TEXT_FIELDS = ("title", "publisher", "release", "citation", "licence", "address", "note")


def read_own_card(folder: Path, raw: Path) -> SourceCard:
    """Read FOLDER/card.yaml; BadInput says what is wrong with it, found and accepted.

    A card is that of any source; each measure also has its theme, and `sign`: worse, better or none.
    """
    path = folder / "card.yaml"
    if not path.is_file():
        raise BadInput(f"{path}: file not found; the folder must contain card.yaml and a CSV for each table")
    if (size := path.stat().st_size) > LARGEST_CARD:
        raise BadInput(f"{path}: {size:,} bytes, at most {LARGEST_CARD:,} are read")
    card = validate_card(parse_marked(path.read_bytes(), str(path), DEEPEST_CARD).content, path)
    fault = next(_list_card_faults(card, raw), None)
    if fault:
        raise BadInput(f"{path}: {fault}")
    return card


def _list_card_faults(card: SourceCard, raw: Path) -> Iterator[str]:
    """Faults of the card, in the order of its fields."""
    yield from _list_name_faults(card.source, raw)
    for name in TEXT_FIELDS:
        yield from _list_text_faults(name, getattr(card, name), LONGEST_TEXT, may_be_empty=name == "note")
    if not card.address.startswith(("https://", "http://")):
        yield f"address: found {card.address[:80]!r}, expected an address that begins with https:// or http://"
    measures = [name for table in card.tables.values() for name in table.columns]
    if not 1 <= len(card.tables) <= MOST_TABLES or not 1 <= len(measures) <= MOST_MEASURES:
        yield (
            f"tables: found {len(card.tables)} with {len(measures)} measures, "
            f"expected 1 to {MOST_TABLES} with 1 to {MOST_MEASURES} in total"
        )
    for name in measures:
        yield from _list_measure_name_faults(name, card.source, measures)
    for name, table in card.tables.items():
        yield from _list_table_faults(name, table)


def _list_name_faults(source: str, raw: Path) -> Iterator[str]:
    if not NAME_PATTERN.fullmatch(source) or len(source) > 40:
        yield f"source: found {source[:80]!r}, expected lower-case letters, digits and single underscores, at most 40"
    if source in (*SOURCES, "partners"):
        yield f"source: {source!r} is the name of a publisher's source; use another name"
    first = source.split("_")[0]
    for publisher in SOURCES:
        columns = [name for table in read_card(publisher, raw).tables.values() for name in table.columns]
        if taken := next((name for name in columns if name.split("_")[0] == first), None):
            yield f"source: {source!r} begins like the column {taken!r} of {publisher}; use another first word"
    if first in RESERVED_WORDS:
        yield f"source: {source!r} begins with {first!r}, which the engine's columns use; use another first word"
    for other in list_own_cards(raw):
        pairs = ((other.source, source), (source, other.source))
        if any(name.startswith(f"{start}_") for name, start in pairs):
            yield f"source: {source!r} and the earlier source {other.source!r} begin alike; rename one of them"


def _list_measure_name_faults(name: str, source: str, all_names: list[str]) -> Iterator[str]:
    if not NAME_PATTERN.fullmatch(name) or not name.startswith(f"{source}_") or len(name) > 60:
        yield (
            f"column {name[:80]!r}: expected {source}_ and then lower-case letters, digits and single underscores, "
            "at most 60"
        )
    if DERIVED_ENDINGS.fullmatch(name):
        yield f"column {name!r}: ends like a derived column; the engine derives changes and ages itself"
    if all_names.count(name) > 1:
        yield f"column {name!r}: appears in {all_names.count(name)} tables, only one is allowed"


def _list_table_faults(name: str, table: CardTable) -> Iterator[str]:
    if not NAME_PATTERN.fullmatch(name) or len(name) > 40:
        yield f"table {name[:80]!r}: expected lower-case letters, digits and single underscores, at most 40"
    if table.keys != ["iso3", "year"] or table.texts:
        yield f"table {name}: found keys {table.keys} and texts {table.texts}, expected ['iso3', 'year'] and []"
    if not 0 <= table.max_age <= MOST_YEARS_CARRIED:
        yield f"table {name}: max_age {table.max_age} is outside 0 to {MOST_YEARS_CARRIED}"
    if not 1 <= table.rows.floor <= table.rows.ceiling <= LARGEST_NUMBER:
        yield (
            f"table {name}: found rows {table.rows.floor:g} to {table.rows.ceiling:g}, expected floor and ceiling "
            "in order, 1 or more"
        )
    for column, measure in table.columns.items():
        yield from _list_measure_faults(column, measure)


def _list_measure_faults(name: str, measure: CardMeasure) -> Iterator[str]:
    for text_field in ("label", "unit"):
        yield from _list_text_faults(f"column {name}: {text_field}", getattr(measure, text_field), LONGEST_LABEL)
    bounds = (measure.floor, measure.ceiling)
    in_range = all(math.isfinite(bound) and abs(bound) <= LARGEST_NUMBER for bound in bounds)
    if not in_range or measure.floor >= measure.ceiling:
        yield (
            f"column {name}: found floor {bounds[0]:g} and ceiling {bounds[1]:g}, expected two numbers in order, "
            f"at most {LARGEST_NUMBER:g}"
        )
    if measure.theme is None:
        yield f"column {name}: theme is missing"
    if measure.sign is None:
        yield f"column {name}: sign is missing; state whether higher is worse, better or none (neither)"


def _list_text_faults(name: str, text: str, longest: int, may_be_empty: bool = False) -> Iterator[str]:
    if (not text.strip() and not may_be_empty) or len(text) > longest or not text.replace("\n", " ").isprintable():
        yield f"{name}: found {len(text)} characters {text[:40]!r}, expected 1 to {longest} printable characters"
