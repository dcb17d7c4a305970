"""Install an own indicator: read its folder, check every row, put it in place atomically; or delete it."""

import csv
import math
import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from itertools import count
from pathlib import Path
from typing import NamedTuple, cast

import polars as pl
import yaml

from features.bad_input import BadInput
from features.intake.own_card import read_own_card
from features.partners import list_partner_years, load_partners
from features.snapshot.cards import (
    CardMeasure,
    CardTable,
    SourceCard,
    build_table_schema,
    check_source_table,
)
from features.snapshot.own_sources import VERSIONS_FOLDER, find_own_folder, format_version_name, list_own_sources
from features.vocabulary import LATEST_ORIGIN

FIRST_YEAR = 1946
# Enough for two hundred states over a century with the longest names; a larger file is not a table by state and year.
LARGEST_TABLE = 20_000_000
# float() also accepts 1_000, inf and digits of other alphabets, which are not numbers in a table.
PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


class CheckedIndicator(NamedTuple):
    """A source ready to install: its card with checksums, its tables as bytes, and by table the number of rows
    dropped because they have no value or fall outside the years in which their state existed."""

    card: SourceCard
    contents: dict[str, bytes]
    dropped_rows: dict[str, int]


def read_own_indicator(folder: Path, raw: Path) -> CheckedIndicator:
    """Read and check a folder of card.yaml and one CSV a table, of `iso3,year,<measures>`.

    Raises BadInput for the first fault: file, row, column, what was found and what is accepted.
    """
    card = read_own_card(folder, raw)
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in card.tables:
            raise BadInput(f"{path}: not listed on the card of {card.source}")
    contents, dropped_rows = {}, {}
    for name, table in card.tables.items():
        path = folder / f"{name}.csv"
        rows = pl.DataFrame(list(_read_rows(path, table)), schema=build_table_schema(table), orient="row")
        facts = _select_facts(rows, table)
        check_source_table(facts, table, str(path))
        contents[name], dropped_rows[name] = facts.write_csv().encode(), rows.height - facts.height
        table.sha256 = sha256(contents[name]).hexdigest()
        table.first_year, table.latest_year = (cast(int, end) for end in (facts["year"].min(), facts["year"].max()))
    return CheckedIndicator(card, contents, dropped_rows)


def install_own_source(intake: CheckedIndicator, raw: Path) -> None:
    """Write the source aside, then let its name point there: at any moment the old version stands whole, or the new."""
    folder, source = find_own_folder(raw), intake.card.source
    fields = intake.card.model_dump(mode="json", exclude_defaults=True)
    card = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=110).encode()
    version = _find_free_folder(folder / VERSIONS_FOLDER, format_version_name(source, card))
    version.mkdir(parents=True)
    for name, content in intake.contents.items():
        (version / f"{name}.csv").write_bytes(content)
    (version / "card.yaml").write_bytes(card)
    _point_source(folder / source, Path(VERSIONS_FOLDER) / version.name)
    _remove_unused_versions(raw)


def delete_own_source(source: str, raw: Path) -> None:
    """Leave a source out again; one that was never added is refused."""
    added = list_own_sources(raw)
    if source not in added:
        raise BadInput(f"{find_own_folder(raw)}: no own source {source!r}; added sources: {', '.join(added) or 'none'}")
    (find_own_folder(raw) / source).unlink()
    _remove_unused_versions(raw)


def _point_source(name: Path, version: Path) -> None:
    """Point a source's link to a version folder, atomically."""
    link = name.with_name(f".{name.name}.new")
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(version, target_is_directory=True)
        link.replace(name)
    except OSError as error:
        raise BadInput(
            f"{name}: cannot create a link to a folder ({error.strerror}); on Windows, turn on Developer Mode, and "
            "remove a source before you add it again"
        ) from None


def _find_free_folder(versions: Path, name: str) -> Path:
    """A new folder, even for a version that was added before, since its files may have been altered."""
    return next(folder for number in count(1) if not (folder := versions / f"{name}-{number}").exists())


def _remove_unused_versions(raw: Path) -> None:
    """Remove what no source points to, be it of an earlier version or of an interrupted run."""
    folder = find_own_folder(raw)
    used = {(folder / source).resolve() for source in list_own_sources(raw)}
    for version in (folder / VERSIONS_FOLDER).iterdir():
        if version.resolve() not in used:
            shutil.rmtree(version)


def _select_facts(rows: pl.DataFrame, table: CardTable) -> pl.DataFrame:
    """Rows with a value, in years in which their state existed, sorted; as for every source, others are dropped."""
    known = rows.filter(pl.any_horizontal(pl.col(list(table.columns)).is_not_null()))
    return known.join(list_partner_years(FIRST_YEAR, LATEST_ORIGIN), on=table.keys, how="semi").sort(table.keys)


def _read_rows(path: Path, table: CardTable) -> Iterator[tuple[str | int | float | None, ...]]:
    """The typed rows of a table; the first invalid value is refused with row and column."""
    lines = csv.reader(StringIO(_read_text(path), newline=""), strict=True)
    expected, states = list(build_table_schema(table)), set(load_partners()["iso3"])
    first_rows: dict[tuple[str, int], int] = {}
    try:
        if (header := next(lines, [])) != expected:
            raise BadInput(f"{path}: row 1: found columns {header[:12]}, expected {expected}")
        for number, cells in enumerate(lines, start=2):
            if not cells:
                continue
            if len(cells) != len(expected):
                raise BadInput(f"{path}: row {number}: found {len(cells)} cells, expected {len(expected)}")
            key = _parse_key(path, number, cells[0].strip(), cells[1].strip(), states)
            if (first := first_rows.setdefault(key, number)) != number:
                raise BadInput(f"{path}: row {number}: {key[0]} {key[1]} is already in row {first}; remove one of them")
            values = zip(table.columns.items(), cells[2:], strict=True)
            yield (
                *key,
                *(
                    _parse_value(f"{path}: row {number}, column {name}", column, cell)
                    for (name, column), cell in values
                ),
            )
    except csv.Error as error:
        raise BadInput(f"{path}: line {lines.line_num}: not readable as CSV: {error}") from None


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"{path}: file not found; its card lists it")
    if (size := path.stat().st_size) > LARGEST_TABLE:
        raise BadInput(f"{path}: {size:,} bytes, at most {LARGEST_TABLE:,} are read")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadInput(
            f"{path}: row {row}: byte {error.object[error.start]:#x} is not UTF-8; save it as UTF-8"
        ) from None


def _parse_key(path: Path, number: int, iso3: str, year: str, states: set[str]) -> tuple[str, int]:
    if iso3 not in states:
        raise BadInput(
            f"{path}: row {number}, column iso3: found {iso3[:40]!r}, expected a code in data/raw/partners/partners.csv"
        )
    if not (year.isascii() and year.isdigit() and len(year) == 4 and FIRST_YEAR <= int(year) <= LATEST_ORIGIN):
        raise BadInput(
            f"{path}: row {number}, column year: found {year[:40]!r}, expected {FIRST_YEAR} to {LATEST_ORIGIN}"
        )
    return iso3, int(year)


def _parse_value(where: str, measure: CardMeasure, text: str) -> float | None:
    """A number within its bounds, or None for an empty cell."""
    cell = text.strip()
    if not cell:
        return None
    value = float(cell) if PLAIN_NUMBER.fullmatch(cell) else math.nan
    if not math.isfinite(value):
        raise BadInput(f"{where}: found {cell[:40]!r}, expected a number or an empty cell")
    if not measure.floor <= value <= measure.ceiling:
        raise BadInput(f"{where}: found {value:g}, expected {measure.floor:g} to {measure.ceiling:g}")
    return value
