"""What the last run left for those who look at it again: the standing, the scores, the panel and its day."""

from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parsed
from risk.outputs.atomic_swap import steady
from risk.outputs.run_manifest import RunRecord


def last_table(out: Path, name: str) -> pl.DataFrame:
    """One table of the last run; BadInput says what to run when there is none."""
    path = out / f"{name}.parquet"
    with steady(out):
        return read_output(path)


def read_output(path: Path) -> pl.DataFrame:
    """One table of a run, without waiting for others; BadInput where it is missing or cannot be read."""
    if not path.is_file():
        raise BadInput(f"{path}: not there yet; run `make score` first")
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(f"{path}: cannot be read; run `make score` again") from None


def last_standing(out: Path) -> pl.DataFrame:
    """One row a partner, the input to the rulebook."""
    return last_table(out, "standing")


def run_day(out: Path) -> date:
    """The day the last run decided for."""
    path = out / "run.json"
    try:
        with steady(out):
            return date.fromisoformat(parsed(path.read_bytes())["decided_as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(f"{path}: tells no day of the last run; run `make score` first") from None


def last_run_record(out: Path) -> RunRecord:
    """What the last run recorded of itself: checksums, versions, its day; BadInput where it cannot be read."""
    path = out / "run.json"
    try:
        with steady(out):
            record = parsed(path.read_bytes())
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict):
        raise BadInput(f"{path}: cannot be read; run `make score` first")
    return cast(RunRecord, record)
