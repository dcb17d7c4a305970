"""What the last run left for those who look at it again: the standing, the scores, the panel and its day."""

from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from risk.outputs.atomic_swap import hold_read_lock
from risk.outputs.run_manifest import RunRecord


def read_last_table(out: Path, name: str) -> pl.DataFrame:
    """One table of the last run; BadInput says what to run when there is none."""
    path = out / f"{name}.parquet"
    with hold_read_lock(out):
        return read_output(path)


def read_output(path: Path) -> pl.DataFrame:
    """One table of a run, without waiting for others; BadInput where it is missing or cannot be read."""
    if not path.is_file():
        raise BadInput(f"{path}: not there yet; run `make score` first")
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(f"{path}: cannot be read; run `make score` again") from None


def read_last_rule_inputs(out: Path) -> pl.DataFrame:
    """One row a partner, the input to the rulebook."""
    return read_last_table(out, "standing")


def read_run_day(out: Path) -> date:
    """The day the last run decided for."""
    path = out / "run.json"
    try:
        with hold_read_lock(out):
            return date.fromisoformat(parse_json(path.read_bytes())["decided_as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(f"{path}: tells no day of the last run; run `make score` first") from None


def read_run_manifest(out: Path) -> RunRecord:
    """What the last run recorded of itself: checksums, versions, its day; BadInput where it cannot be read."""
    path = out / "run.json"
    try:
        with hold_read_lock(out):
            record = parse_json(path.read_bytes())
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict):
        raise BadInput(f"{path}: cannot be read; run `make score` first")
    return cast(RunRecord, record)
