"""Source cards: the origin of each table, the values it may hold and the checksum it must have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from features.bad_input import BadInput, find_first_line, quote_value
from features.files.untrusted import detect_compression
from features.files.yaml_with_lines import parse_marked
from features.snapshot.card_downloads import FileDownload, ReleaseCalendar, RevisionLimits
from features.snapshot.duplicate_keys import has_duplicate_keys
from features.vocabulary import Theme

RAW_FOLDER = Path(__file__).resolve().parents[2] / "data" / "raw"
# Number of cards and of tables cached; a file that has changed is a new entry.
CACHE_SIZE = 64


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RowBounds(_StrictModel):
    """Fewer rows than `floor` are an error, more than `ceiling` a warning."""

    floor: float
    ceiling: float


class CardMeasure(_StrictModel):
    """One column of a table: its label, unit and the values it may take.

    Cards of own indicators also state its theme, and whether higher is worse, better or neither (`sign`).
    """

    label: str
    unit: str
    floor: float
    ceiling: float
    theme: Theme | None = None
    sign: Literal["worse", "better", "none"] | None = None


class CardTable(_StrictModel):
    """One compiled table; the compiler writes the years and the checksum, a person all other fields."""

    rows: RowBounds
    keys: list[str] = ["iso3", "year"]
    absent: Literal["unknown", "zero"] = "unknown"
    max_age: int = 0
    texts: list[str] = []
    columns: dict[str, CardMeasure]
    revision: RevisionLimits = RevisionLimits()
    first_year: int | None = None
    latest_year: int | None = None
    sha256: str = ""


class SourceCard(_StrictModel):
    """A publisher's release and the tables compiled from it."""

    source: str
    title: str
    publisher: str
    release: str
    citation: str
    licence: str
    address: str
    accessed: date
    published: list[str]
    note: str = ""
    published_each: ReleaseCalendar | None = None
    downloads: list[FileDownload] = []
    tables: dict[str, CardTable]


def read_card(source: str, raw: Path) -> SourceCard:
    """Read data/raw/<source>/card.yaml; a missing or malformed card is refused. Readers share it: copy to change it."""
    path = raw / source / "card.yaml"
    return _parse_card(path, _read_card_bytes(path))


def _read_card_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path}: file not found; every source in data/raw needs a card") from None


@lru_cache(CACHE_SIZE)
def _parse_card(path: Path, text: bytes) -> SourceCard:
    return validate_card(parse_marked(text, str(path)).content, path)


def validate_card(content: Any, path: Path) -> SourceCard:
    """The card in the content of a YAML file; BadInput names the first invalid field."""
    try:
        return SourceCard.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{path}: {where}: {first['msg']}, found {quote_value(first['input'])}") from None


def read_source_table(source: str, name: str, raw: Path) -> pl.DataFrame:
    """Read one compiled table whose checksum, columns, keys and values are as its card says."""
    return read_source_tables([(source, name)], raw)[0]


def read_source_tables(named: Iterable[tuple[str, str]], raw: Path) -> list[pl.DataFrame]:
    """Several, by source and name, parsed side by side; otherwise as `read_table` reads each."""
    files = [_read_verified_file(source, name, raw) for source, name in named]
    uncached = [file for file in dict.fromkeys(files) if file not in _cached_tables]
    for file, frame in zip(uncached, _parse_files(uncached), strict=True):
        check_source_table(frame, file.table, str(file.path))
        _cached_tables[file] = frame
    frames = [_cached_tables[file] for file in files]
    while len(_cached_tables) > CACHE_SIZE:
        del _cached_tables[next(iter(_cached_tables))]
    return frames


@dataclass(frozen=True)
class _VerifiedFile:
    """The content of a table's file with the checksum on its card; path, checksum and card identify the table."""

    path: Path
    sha256: str
    card: bytes
    content: bytes = field(compare=False)
    table: CardTable = field(compare=False)


_cached_tables: dict[_VerifiedFile, pl.DataFrame] = {}


def _read_verified_file(source: str, name: str, raw: Path) -> _VerifiedFile:
    card, path = raw / source / "card.yaml", raw / source / f"{name}.csv"
    text = _read_card_bytes(card)
    table = _parse_card(card, text).tables.get(name)
    if table is None:
        raise BadInput(f"{path}: not listed on the card of {source}")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path}: missing; its card lists it ({table.sha256[:12]}…)") from None
    checksum = sha256(content).hexdigest()
    if checksum != table.sha256:
        raise BadInput(f"{path}: altered or cut off: checksum {checksum[:12]}…, the card says {table.sha256[:12]}…")
    return _VerifiedFile(path, checksum, text, content, table)


def _parse_files(files: Sequence[_VerifiedFile]) -> list[pl.DataFrame]:
    """The tables with the types on their cards, each in one chunk."""
    plans = [_plan_parsing(file) for file in files]
    try:
        frames = pl.collect_all(plans)
    except (pl.exceptions.PolarsError, OSError):
        # The error of a joint read does not name the file.
        frames = [_parse_single_file(plan, file) for plan, file in zip(plans, files, strict=True)]
    return [frame.rechunk() for frame in frames]


def _plan_parsing(file: _VerifiedFile) -> pl.LazyFrame:
    """How to parse a table; a file with other columns is read as text, which the check refuses."""
    if method := detect_compression(file.content[:4]):
        raise BadInput(f"{file.path}: compressed with {method}; a compiled table is plain text")
    schema = build_table_schema(file.table)
    header = file.content.partition(b"\n")[0].rstrip(b"\r").decode(errors="replace")
    matches = header.split(",") == list(schema)
    return pl.scan_csv(file.content, schema=schema) if matches else pl.scan_csv(file.content, infer_schema=False)


def _parse_single_file(plan: pl.LazyFrame, file: _VerifiedFile) -> pl.DataFrame:
    try:
        return plan.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{file.path}: not readable as CSV: {find_first_line(error)}") from None


def build_table_schema(table: CardTable) -> pl.Schema:
    """Column types of a compiled table: text keys, integer years, floating-point measures."""
    integers = {"year", "first", "last"}
    keys = {key: pl.Int64() if key in integers else pl.String() for key in [*table.keys, *table.texts]}
    return pl.Schema({**keys, **{column: pl.Float64() for column in table.columns}})


def check_source_table(frame: pl.DataFrame, table: CardTable, path: str) -> None:
    """Refuse a table whose columns, rows, keys or values its card does not allow, naming the first fault."""
    expected = list(build_table_schema(table))
    if frame.columns != expected:
        differences = ", ".join(sorted(set(frame.columns) ^ set(expected)) or ["order"])
        raise BadInput(
            f"{path}: columns differ from the card in {differences}: found {frame.columns}, expected {expected}"
        )
    if any(frame.schema[name] == pl.String for name in table.columns):
        raise BadInput(f"{path}: row 1: expected exactly {','.join(expected)}")
    if frame.height < table.rows.floor:
        raise BadInput(f"{path}: {frame.height} rows, the card's floor is {table.rows.floor:.0f}")
    if has_duplicate_keys(frame, table.keys):
        rows = frame.filter(pl.struct(table.keys).is_duplicated()).select(table.keys)
        key = dict(zip(table.keys, rows.row(0), strict=True))
        raise BadInput(f"{path}: key {key} appears {rows.height} times, once is allowed")
    all_valid = frame.select(_check_bounds(*column).all() for column in table.columns.items()).row(0, named=True)
    if invalid := next((name for name, is_valid in all_valid.items() if not is_valid), None):
        raise BadInput(f"{path}: {_describe_first_fault(frame, invalid, table.columns[invalid])}")


def _check_bounds(name: str, measure: CardMeasure) -> pl.Expr:
    """Whether a value is finite and within the bounds on its card; null if the value is missing."""
    return pl.col(name).is_between(measure.floor, measure.ceiling) & pl.col(name).is_finite()


def _describe_first_fault(frame: pl.DataFrame, name: str, measure: CardMeasure) -> str:
    row = frame.with_row_index("row", offset=2).filter(~_check_bounds(name, measure)).row(0, named=True)
    return f"row {row['row']}, column {name}: {row[name]} is outside {measure.floor:g} to {measure.ceiling:g}"
