"""Source cards: where a table comes from, what it may hold, and the checksum it must have."""

from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from features.bad_input import BadInput, first_line, shown
from features.packed import packed_by
from features.plain_yaml import read_plain_yaml
from features.publishing import Download, Issue, Revision
from features.vocabulary import Theme

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
# Cards and tables kept after they were read once; a file that has changed since is another file.
KEPT = 64


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Bounds(_Strict):
    """Fewer than `floor` is an error, more than `ceiling` a warning."""

    floor: float
    ceiling: float


class Measure(_Strict):
    """One column of a table: its plain label, unit and the values it may take.

    Cards of your own indicators also give its theme, and whether higher is worse, better or neither (`sign`).
    """

    label: str
    unit: str
    floor: float
    ceiling: float
    theme: Theme | None = None
    sign: Literal["worse", "better", "none"] | None = None


class Table(_Strict):
    """One compiled table; `measured` is written by the compiler, all else by hand."""

    rows: Bounds
    keys: list[str] = ["iso3", "year"]
    absent: Literal["unknown", "zero"] = "unknown"
    max_age: int = 0
    texts: list[str] = []
    columns: dict[str, Measure]
    revision: Revision = Revision()
    first_year: int | None = None
    latest_year: int | None = None
    sha256: str = ""


class Card(_Strict):
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
    published_each: Issue | None = None
    downloads: list[Download] = []
    tables: dict[str, Table]


def read_card(source: str, raw: Path = RAW) -> Card:
    """Read data/raw/<source>/card.yaml; a missing or malformed card is refused. Readers share it: copy to change it."""
    path = raw / source / "card.yaml"
    return _card(path, _card_text(path))


def _card_text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path}: no such card; every source in data/raw needs one") from None


@lru_cache(KEPT)
def _card(path: Path, text: bytes) -> Card:
    return card_from(read_plain_yaml(text, path), path)


def card_from(told: Any, path: Path) -> Card:
    """The card that a YAML file tells; BadInput names the first field that is not as it should be."""
    try:
        return Card.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{path}: {where}: {first['msg']}, found {shown(first['input'])}") from None


def read_table(source: str, name: str, raw: Path = RAW) -> pl.DataFrame:
    """Read one compiled table whose checksum, columns, keys and values are as its card says."""
    card, path = raw / source / "card.yaml", raw / source / f"{name}.csv"
    table = read_card(source, raw).tables.get(name)
    if table is None:
        raise BadInput(f"{path}: not listed on the card of {source}")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path}: missing; its card lists it ({table.sha256[:12]}…)") from None
    return _table(path, content, card, _card_text(card))


@lru_cache(KEPT)
def _table(path: Path, content: bytes, card: Path, text: bytes) -> pl.DataFrame:
    """The table in a file's content, once it is what the card's text says."""
    table = _card(card, text).tables[path.stem]
    found = sha256(content).hexdigest()
    if found != table.sha256:
        raise BadInput(f"{path}: altered or cut off: checksum {found[:12]}…, the card says {table.sha256[:12]}…")
    frame = _parsed(content, table, str(path))
    check_table(frame, table, str(path))
    return frame


def _parsed(content: bytes, table: Table, path: str) -> pl.DataFrame:
    """The table with the types of its card; a file of other columns is left as text for the check to refuse."""
    schema = table_schema(table)
    if method := packed_by(content[:4]):
        raise BadInput(f"{path}: packed by {method}; a compiled table is plain text")
    try:
        named = content.partition(b"\n")[0].rstrip(b"\r").decode(errors="replace").split(",") == list(schema)
        return pl.read_csv(content, schema=schema) if named else pl.read_csv(content, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path}: not readable as CSV: {first_line(error)}") from None


def table_schema(table: Table) -> pl.Schema:
    """Column types of a compiled table: text keys, whole-number years, floating-point measures."""
    whole = {"year", "first", "last"}
    keys = {key: pl.Int64() if key in whole else pl.String() for key in [*table.keys, *table.texts]}
    return pl.Schema({**keys, **{column: pl.Float64() for column in table.columns}})


def check_table(frame: pl.DataFrame, table: Table, path: str) -> None:
    """Refuse a table whose columns, rows, keys or values are not what its card allows, naming the first fault."""
    expected = list(table_schema(table))
    if frame.columns != expected:
        odd = sorted(set(frame.columns) ^ set(expected)) or ["order"]
        raise BadInput(
            f"{path}: columns differ from the card in {', '.join(odd)}: found {frame.columns}, expected {expected}"
        )
    if frame.height < table.rows.floor:
        raise BadInput(f"{path}: {frame.height} rows, the card's floor is {table.rows.floor:.0f}")
    repeated = pl.struct(table.keys).is_duplicated()
    sound = frame.select((~repeated).all().alias(""), *(_allowed(*column).all() for column in table.columns.items()))
    faulty = [name for name, holds in sound.row(0, named=True).items() if not holds]
    if "" in faulty:
        rows = frame.filter(repeated).select(table.keys)
        key = dict(zip(table.keys, rows.row(0), strict=True))
        raise BadInput(f"{path}: key {key} stands {rows.height} times, once is allowed")
    if faulty:
        raise BadInput(f"{path}: {_first_fault(frame, faulty[0], table.columns[faulty[0]])}")


def _allowed(name: str, measure: Measure) -> pl.Expr:
    """Whether a value lies between the ends that its card gives; what is not known may."""
    return pl.col(name).is_between(measure.floor, measure.ceiling) & pl.col(name).is_finite()


def _first_fault(frame: pl.DataFrame, name: str, measure: Measure) -> str:
    row = frame.with_row_index("row", offset=2).filter(~_allowed(name, measure)).row(0, named=True)
    return f"row {row['row']}, column {name}: {row[name]} is outside {measure.floor:g} to {measure.ceiling:g}"
