"""Compile publishers' files into data/raw, verify what stands there, and say how old each source is."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import cast

import polars as pl
import yaml

from features.bad_input import BadInput
from features.files.atomic_write import put_in_place
from features.snapshot.cards import RAW, Card, Table, check_table, read_card, read_table, read_tables
from features.snapshot.checksums import write_sums
from features.snapshot.own_sources import own_folder, own_sources, verify_own
from features.vocabulary import LATEST_ORIGIN

SOURCES = (
    "alignment",
    "alliances",
    "coups",
    "dsca",
    "influence",
    "military",
    "pts",
    "rivalries",
    "sipri",
    "trafficking",
    "ucdp",
    "us_arms_sales",
    "us_assistance",
    "us_presence",
    "vdem",
    "wdi",
    "wgi",
)


def compile_source(
    source: str,
    folder: Path,
    raw: Path = RAW,
    into: Path | None = None,
    changes: Mapping[str, object] | None = None,
) -> Card:
    """Compile one publisher's files from `folder` by the card in `raw` into `into` (by default `raw` itself).

    Tables come first, then the card that vouches for them, with `changes` to its fields. Nothing is written unless
    every table passes its card's checks.
    """
    card = read_card(source, raw).model_copy(update=dict(changes or {}), deep=True)
    tables = cast(dict[str, pl.DataFrame], import_module(f"features.sources.{source}").compile_tables(folder))
    if set(tables) != set(card.tables):
        raise BadInput(f"{raw / source}: compiled {sorted(tables)}, the card lists {sorted(card.tables)}")
    contents = {name: _checked(frame, card.tables[name], source, name) for name, frame in tables.items()}
    to = (into or raw) / source
    to.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        put_in_place(to / f"{name}.csv", content)
        _measure(card.tables[name], tables[name], content)
    write_card(card, to)
    if into is None:
        write_sums(raw, source)
    return card


def write_card(card: Card, folder: Path) -> None:
    """Write a card into its source's folder, its fields in the order of their definition."""
    text = yaml.safe_dump(
        card.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True, width=110
    )
    put_in_place(folder / "card.yaml", text.encode())


def warnings(card: Card, raw: Path = RAW) -> Iterator[str]:
    """Lines on tables that hold more rows than their card expects."""
    for name, table in card.tables.items():
        rows = read_table(card.source, name, raw).height
        if rows > table.rows.ceiling:
            yield f"{card.source}/{name}: {rows} rows, above the card's ceiling of {table.rows.ceiling:.0f}"


def verify(raw: Path = RAW) -> None:
    """Refuse a snapshot with a table that no card lists, or one that is missing, altered or out of bounds."""
    cards = {source: read_card(source, raw) for source in SOURCES}
    read_tables([(source, name) for source, card in cards.items() for name in card.tables], raw)
    for source, card in cards.items():
        for path in sorted((raw / source).iterdir()):
            if path.name != "card.yaml" and path.stem not in card.tables:
                raise BadInput(f"{path}: not listed on the card of {source}")
    verify_own(raw)


def checksum(raw: Path = RAW) -> str:
    """One SHA-256 over the partner table and every card, and so over every table that a card vouches for.

    Cards of own indicators come last: without any, the checksum is that of the snapshot alone.
    """
    files = sorted([*raw.glob("*/card.yaml"), *raw.glob("partners/*.csv")])
    files += [own_folder(raw) / source / "card.yaml" for source in own_sources(raw)]
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def lag(table: Table) -> int:
    """Years by which a table's last values lie behind the latest origin."""
    return max(0, LATEST_ORIGIN - cast(int, table.latest_year))


def _checked(frame: pl.DataFrame, table: Table, source: str, name: str) -> bytes:
    ordered = frame.select(*table.keys, *table.texts, *(pl.col(column).cast(pl.Float64) for column in table.columns))
    ordered = ordered.sort(table.keys)
    check_table(ordered, table, f"{source}/{name}")
    return ordered.write_csv().encode()


def _measure(table: Table, frame: pl.DataFrame, content: bytes) -> None:
    table.sha256 = sha256(content).hexdigest()
    if "year" in frame.columns:
        table.first_year = cast(int, frame["year"].min())
        table.latest_year = cast(int, frame["year"].max())
