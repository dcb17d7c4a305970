"""Compile publishers' files into data/raw, verify the snapshot, and compute its checksum and lags."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import cast

import polars as pl
import yaml

from features.bad_input import BadInput
from features.files.atomic_write import write_atomically
from features.snapshot.cards import (
    CardTable,
    SourceCard,
    check_source_table,
    read_card,
    read_source_table,
    read_source_tables,
)
from features.snapshot.checksums import write_checksum_list
from features.snapshot.own_sources import find_own_folder, list_own_sources, verify_own_sources
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
    raw: Path,
    into: Path | None = None,
    changes: Mapping[str, object] | None = None,
) -> SourceCard:
    """Compile one publisher's files from `folder` by the card in `raw` into `into` (by default `raw` itself).

    Tables come first, then the card that vouches for them, with `changes` to its fields. Nothing is written unless
    every table passes its card's checks.
    """
    card = read_card(source, raw).model_copy(update=dict(changes or {}), deep=True)
    tables = cast(dict[str, pl.DataFrame], import_module(f"features.sources.{source}").compile_tables(folder))
    if set(tables) != set(card.tables):
        raise BadInput(f"{raw / source}: compiled {sorted(tables)}, the card lists {sorted(card.tables)}")
    contents = {name: _dump_checked_table(frame, card.tables[name], source, name) for name, frame in tables.items()}
    target = (into or raw) / source
    target.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_atomically(target / f"{name}.csv", content)
        _record_table_facts(card.tables[name], tables[name], content)
    write_card(card, target)
    if into is None:
        write_checksum_list(raw, source)
    return card


def write_card(card: SourceCard, folder: Path) -> None:
    """Write a card into its source's folder, with the fields in the order of their definition."""
    text = yaml.safe_dump(
        card.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True, width=110
    )
    write_atomically(folder / "card.yaml", text.encode())


def list_row_warnings(card: SourceCard, raw: Path) -> Iterator[str]:
    """Lines on tables that hold more rows than their card expects."""
    for name, table in card.tables.items():
        rows = read_source_table(card.source, name, raw).height
        if rows > table.rows.ceiling:
            yield f"{card.source}/{name}: {rows} rows, above the card's ceiling of {table.rows.ceiling:.0f}"


def verify_snapshot(raw: Path) -> None:
    """Refuse a snapshot with a table that no card lists, or one that is missing, altered or out of bounds."""
    cards = {source: read_card(source, raw) for source in SOURCES}
    read_source_tables([(source, name) for source, card in cards.items() for name in card.tables], raw)
    for source, card in cards.items():
        for path in sorted((raw / source).iterdir()):
            if path.name != "card.yaml" and path.stem not in card.tables:
                raise BadInput(f"{path}: not listed on the card of {source}")
    verify_own_sources(raw)


def compute_snapshot_checksum(raw: Path) -> str:
    """One SHA-256 over the partner table and every card, and so over every table that a card vouches for.

    Cards of own indicators come last: without any, the checksum is that of the snapshot alone.
    """
    files = sorted([*raw.glob("*/card.yaml"), *raw.glob("partners/*.csv")])
    files += [find_own_folder(raw) / source / "card.yaml" for source in list_own_sources(raw)]
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def compute_table_lag(table: CardTable) -> int:
    """Years between a table's last year and the latest origin."""
    return max(0, LATEST_ORIGIN - cast(int, table.latest_year))


def _dump_checked_table(frame: pl.DataFrame, table: CardTable, source: str, name: str) -> bytes:
    ordered = frame.select(*table.keys, *table.texts, *(pl.col(column).cast(pl.Float64) for column in table.columns))
    ordered = ordered.sort(table.keys)
    check_source_table(ordered, table, f"{source}/{name}")
    return ordered.write_csv().encode()


def _record_table_facts(table: CardTable, frame: pl.DataFrame, content: bytes) -> None:
    table.sha256 = sha256(content).hexdigest()
    if "year" in frame.columns:
        table.first_year = cast(int, frame["year"].min())
        table.latest_year = cast(int, frame["year"].max())
