"""Reading publishers' files: only the columns asked for, and one clear line when a file is not as expected."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from features.bad_input import BadInput

MISSING = ["", "NA", "NaN", "nan", "."]


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
    try:
        frame = pl.read_csv(
            path,
            infer_schema=False,
            encoding=encoding,
            skip_lines=skip,
            separator=separator,
            null_values=MISSING,
            truncate_ragged_lines=True,
        )
    except FileNotFoundError:
        raise BadInput(f"{path}: missing") from None
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{path}: not readable as CSV: {str(error).splitlines()[0]}") from None
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise BadInput(f"{path}: column {absent[0]!r} is missing; found {', '.join(frame.columns[:12])} …")
    return pl.DataFrame([_typed(frame[column], dtype, path, skip) for column, dtype in columns.items()])


def _typed(values: pl.Series, dtype: type[pl.DataType], path: Path, skip: int) -> pl.Series:
    """Cast text to a type; whole numbers may be written 12 or 12.0."""
    text = values.str.strip_chars()
    number = text.cast(pl.Float64, strict=False) if dtype != pl.String else text
    bad = (number.is_null() & text.is_not_null()).arg_max()
    if dtype != pl.String and bad is not None and number[bad] is None and text[bad] is not None:
        raise BadInput(f"{path}: row {bad + 2 + skip}, column {values.name}: {text[bad]!r} is not a number")
    return number.cast(dtype)
