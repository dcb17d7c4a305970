"""Reads cases from YAML, CSV or Parquet in parts of bounded size, each row with its line or row number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from features.bad_input import BadInput, find_first_line
from features.files.yaml_with_lines import MOST_BYTES, read_marked
from risk.cases.reading.csv_rows import CsvRow, read_csv_rows
from risk.cases.reading.fields import (
    CASE_FIELD_NAMES,
    FAULT_SCHEMA,
    LINE_COLUMN,
    REQUIRED_FIELDS,
    AcceptedKeys,
    check_case_columns,
    check_case_fields,
)
from risk.cases.reading.parquet_batches import PART_BYTES, read_bounded_tables

# Rows per part: enough to keep every core busy, few enough that memory does not grow with the file.
PART_ROWS = 65_536
YAML_SUFFIXES, CSV_SUFFIX, PARQUET_SUFFIX = (".yaml", ".yml"), ".csv", ".parquet"


@dataclass(frozen=True)
class CasePart:
    """Some rows of a file: unchecked fields with their line, and the faults of unreadable rows."""

    rows: pl.DataFrame
    faults: pl.DataFrame
    file: str = ""


def read_parts(path: Path) -> Iterator[CasePart]:
    """Read the parts of a CSV or Parquet file, in order.

    Raises BadInput if the file has another format, an unknown column, or lacks a required one.
    """
    if not path.is_file():
        raise BadInput(f"{path}: {'not a file' if path.exists() else 'there is no such file'}")
    if path.suffix.lower() == CSV_SUFFIX:
        return _read_csv_parts(path)
    if path.suffix.lower() == PARQUET_SUFFIX:
        return _read_parquet_parts(path)
    raise BadInput(f"{path.name}: not a case file; use .yaml, .yml, .csv or .parquet")


def list_part_files(location: Path) -> list[Path] | None:
    """List the Parquet files of a folder or a pattern with *, by name; None for a single file.

    Names that start with a dot or an underscore are skipped, since other programs write them. Raises BadInput if no
    file is left, or if one is not Parquet.
    """
    if location.is_dir():
        paths = list(location.iterdir())
    elif "*" in location.name:
        paths = list(location.parent.glob(location.name))
    else:
        return None
    files = sorted(path for path in paths if not path.name.startswith((".", "_")))
    if not files:
        raise BadInput(f"{location}: contains no case files; expected {PARQUET_SUFFIX} files")
    if others := [path for path in files if path.suffix.lower() != PARQUET_SUFFIX or not path.is_file()]:
        raise BadInput(f"{others[0]}: not a {PARQUET_SUFFIX} file; a case folder may contain nothing else")
    return files


def read_all_parts(files: Sequence[Path]) -> Iterator[CasePart]:
    """Read the parts of several files in order, each with its file name."""
    return (replace(part, file=path.name) for path in files for part in read_parts(path))


def read_yaml_cases(path: Path, keys: AcceptedKeys) -> pl.DataFrame:
    """Read one case or a list of cases, fields as text; BadInput names the first invalid field with its line."""
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path.name}: larger than {MOST_BYTES:,} bytes; use CSV or Parquet for this many cases")
    file = read_marked(path)
    single = isinstance(file.content, dict)
    entries = [file.content] if single else file.entries()
    locations: list[tuple[int | str, ...]] = [() if single else (position,) for position in range(len(entries))]
    ids = list[str]()
    if not entries:
        raise file.refusal((), "contains no cases")
    for entry, location in zip(entries, locations, strict=True):
        if not isinstance(entry, dict):
            raise file.refusal(location, f"expected a case with `field: value` pairs, got {entry!r:.60}")
        for name, value in entry.items():
            if name not in CASE_FIELD_NAMES:
                raise file.refusal(
                    (*location, name), f"unknown field {name!r}; a case has {', '.join(CASE_FIELD_NAMES)}"
                )
            if isinstance(value, dict | list):
                raise file.refusal((*location, name), f"{name}: expected one value, got several")
        missing = [name for name in REQUIRED_FIELDS if name not in entry and name not in ("objective", "gap")]
        if missing:
            raise file.refusal(location, f"{missing[0]}: is missing; every case needs {', '.join(REQUIRED_FIELDS)}")
        if entry["id"] in ids:
            raise file.refusal((*location, "id"), f"id: {entry['id']!r} is used twice; give each case its own id")
        ids.append(entry["id"])
    rows = [{name: _format_value(entry.get(name)) for name in CASE_FIELD_NAMES} for entry in entries]
    frame = (
        pl.DataFrame(rows, schema=dict.fromkeys(CASE_FIELD_NAMES, pl.String))
        .with_row_index(LINE_COLUMN)
        .cast({LINE_COLUMN: pl.Int64})
    )
    for fault in check_case_fields(frame, keys).faults.iter_rows(named=True):
        raise file.refusal((*locations[fault[LINE_COLUMN]], fault["field"]), fault["reason"])
    return frame


def _format_value(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _read_csv_parts(path: Path) -> Iterator[CasePart]:
    rows = read_csv_rows(path)
    header = next(rows, None)
    if header is None:
        raise BadInput(f"{path.name}: is empty; its first line must name the fields")
    if header.fault:
        raise BadInput(f"{path.name}, line 1: {header.fault}")
    names = [name.strip() for name in header.values]
    repeated = [name for position, name in enumerate(names) if name in names[:position]]
    if repeated:
        raise BadInput(f"{path.name}, line 1: the field {repeated[0]!r} appears twice")
    check_case_columns(names, f"{path.name}, line 1")
    for part in _split_into_parts(rows):
        yield _build_csv_part([row for row in part if row.values or row.fault], names)


def _split_into_parts(rows: Iterator[CsvRow]) -> Iterator[list[CsvRow]]:
    """Split rows into parts of bounded count and bytes, since long rows could otherwise fill the memory."""
    part, size = list[CsvRow](), 0
    for row in rows:
        part.append(row)
        size += row.size
        if len(part) == PART_ROWS or size > PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _build_csv_part(part: list[CsvRow], names: list[str]) -> CasePart:
    good = [row for row in part if not row.fault and len(row.values) == len(names)]
    columns = list(zip(*(row.values for row in good), strict=True)) or [()] * len(names)
    rows = pl.DataFrame(
        {LINE_COLUMN: [row.line for row in good]} | dict(zip(names, columns, strict=True)),
        schema={LINE_COLUMN: pl.Int64} | dict.fromkeys(names, pl.String),
    )
    bad = [_build_unread_fault(row, len(names)) for row in part if row.fault or len(row.values) != len(names)]
    return CasePart(rows, pl.DataFrame(bad, schema=FAULT_SCHEMA, orient="row"))


def _build_unread_fault(row: CsvRow, width: int) -> tuple[int, None, str, str | None, str]:
    if row.fault:
        return row.line, None, "row", None, f"row: {row.fault}; expected UTF-8 text with commas, quotes closed"
    width_text = f"{len(row.values)} values"
    return (
        row.line,
        None,
        "row",
        width_text,
        f"row: {width_text!r} is not accepted; expected {width}, one for each field of line 1",
    )


def _read_parquet_parts(path: Path) -> Iterator[CasePart]:
    """Read the batches of a file, split further where their texts would fill the memory."""
    try:
        start = 1
        for table in read_bounded_tables(path, PART_ROWS):
            frame = pl.DataFrame(pl.from_arrow(table))
            row_numbers = pl.int_range(start, start + frame.height, dtype=pl.Int64, eager=True).alias(LINE_COLUMN)
            yield CasePart(frame.insert_column(0, row_numbers), pl.DataFrame(schema=FAULT_SCHEMA))
            start += frame.height
    except (pa.ArrowException, OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise BadInput(f"{path.name}: cannot be read as Parquet: {find_first_line(error)}") from None
