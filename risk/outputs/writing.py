"""Writes results to a staging folder, then moves them into place together, so a failed run loses nothing."""

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
    """Yield a staging folder; its contents move into `folder` on success and are deleted on failure.

    Raises BadInput if another run is writing there, or on any OSError inside: full disk, no permission.
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
        reason = error.strerror or error
        raise BadInput(f"{folder}: cannot write results ({reason}); earlier outputs are unchanged") from error


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame in row order; equal frames give identical bytes."""
    # Polars raises its own error on a full disk; writing the bytes here raises OSError.
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    path.write_bytes(buffer.getvalue())


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write UTF-8 CSV that no spreadsheet reads as formulas."""
    path.write_bytes(format_csv(frame).encode())


def format_csv(frame: pl.DataFrame, header: bool = True) -> str:
    """Format rows as CSV that no spreadsheet reads as formulas."""
    texts = pl.col(pl.String)
    text = pl.when(texts.str.contains(FORMULA_START)).then(texts.str.replace("^", "'")).otherwise(texts)
    return frame.with_columns(text).write_csv(include_header=header)


def write_json(content: Any, path: Path) -> None:
    """Write indented UTF-8 JSON; key order is kept because readers show it."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_bytes(f"{text}\n".encode())
