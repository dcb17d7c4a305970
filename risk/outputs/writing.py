"""Results are written aside, then moved into place together: a failed run costs no earlier result."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from features.bad_input import BadInput
from risk.outputs.atomic_swap import STAGING_FOLDER, WRITE_LOCK, hold_read_lock, hold_run_lock, swap_in_outputs

FORMULA_START = r"^[=+\-@\t\r]"


@contextmanager
def stage_outputs(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into: what it holds moves into `folder` on success, vanishes on any failure.

    Raises BadInput when another run is writing there, or on any OSError within: a full disk, no permission.
    """
    staging = folder / STAGING_FOLDER
    try:
        with hold_run_lock(folder, WRITE_LOCK):
            with hold_read_lock(folder):
                pass
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir()
            try:
                yield staging
                swap_in_outputs(folder)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        why = error.strerror or error
        raise BadInput(f"{folder}: cannot write results ({why}); the earlier ones are unchanged") from error


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame, rows in the order given; the same frame gives the same bytes."""
    # Polars and XlsxWriter meet a full disk with errors of their own; writing the bytes here raises OSError.
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    path.write_bytes(buffer.getvalue())


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write UTF-8 text that no spreadsheet takes for formulas."""
    path.write_bytes(format_csv(frame).encode())


def format_csv(frame: pl.DataFrame, header: bool = True) -> str:
    """The rows as comma-separated text that no spreadsheet takes for formulas."""
    texts = pl.col(pl.String)
    text = pl.when(texts.str.contains(FORMULA_START)).then(texts.str.replace("^", "'")).otherwise(texts)
    return frame.with_columns(text).write_csv(include_header=header)


def write_json(content: Any, path: Path) -> None:
    """Write readable UTF-8 JSON, keys in the order given: what is read again is shown in that order."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_bytes(f"{text}\n".encode())
