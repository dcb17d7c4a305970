"""Reading publishers' files: only the requested columns, with one clear line if a file is not as expected."""

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from features.bad_input import BadInput, find_first_line, quote_value
from features.files.untrusted import detect_compression

# The same limits as for downloads, see features.refresh.unpack.
PIECE_SIZE, LARGEST_RATIO, SMALL_SIZE = 1 << 20, 200, 1 << 22
LARGEST_EXACT_INTEGER = 2.0**53
MISSING_VALUES = ["", "NA", "NaN", "nan", "."]


def read_published(
    folder: Path,
    name: str,
    columns: Mapping[str, type[pl.DataType]],
    *,
    encoding: str = "utf8",
    skip: int = 0,
    separator: str = ",",
) -> pl.DataFrame:
    """Read the named columns of a published CSV (plain or gzip) with the given types.

    A missing file, a renamed column or a value of the wrong type raises BadInput.
    """
    path = folder / name
    _refuse_bomb(path)
    try:
        frame = pl.read_csv(
            path,
            infer_schema=False,
            encoding=encoding,
            skip_lines=skip,
            separator=separator,
            null_values=MISSING_VALUES,
            truncate_ragged_lines=True,
        )
    except FileNotFoundError:
        raise BadInput(f"{path}: missing") from None
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{path}: not readable as CSV: {find_first_line(error)}") from None
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise BadInput(f"{path}: column {absent[0]!r} is missing; found {', '.join(frame.columns[:12])} …")
    return pl.DataFrame([_cast_values(frame[column], dtype, path, skip) for column, dtype in columns.items()])


def _refuse_bomb(path: Path) -> None:
    """Refuse compressed files other than gzip, and gzip that unpacks too large; Polars would unpack any of them."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(4)
    method = detect_compression(start)
    if method not in ("", "gzip"):
        raise BadInput(f"{path}: compressed with {method}; only gzip is accepted")
    if not method:
        return
    try:
        with gzip.open(path) as unzipped:
            size = 0
            while piece := unzipped.read(PIECE_SIZE):
                size += len(piece)
                if size > max(SMALL_SIZE, LARGEST_RATIO * path.stat().st_size):
                    raise BadInput(f"{path}: unpacks to more than {LARGEST_RATIO} times its size, too much for a table")
    except (EOFError, OSError, zlib.error) as error:
        raise BadInput(f"{path}: gzip file is damaged or cut off: {find_first_line(error)}") from None


def _cast_values(values: pl.Series, dtype: type[pl.DataType], path: Path, skip: int) -> pl.Series:
    """Cast text to a type; integers may be written 12 or 12.0."""
    text = values.str.strip_chars()
    number = text.cast(pl.Float64, strict=False) if dtype != pl.String else text
    if dtype == pl.Int64:
        # Values that are not numbers or exceed exact float integers have no integer value.
        number = pl.select(pl.when(number.abs() <= LARGEST_EXACT_INTEGER).then(number)).to_series()
    bad = (number.is_null() & text.is_not_null()).arg_max()
    if dtype != pl.String and bad is not None and number[bad] is None and text[bad] is not None:
        raise BadInput(f"{path}: row {bad + 2 + skip}, column {values.name}: {quote_value(text[bad])} is not a number")
    return number.cast(dtype)
