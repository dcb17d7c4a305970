"""The outputs of the last run, for those who look at them again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import cast

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from risk.outputs.atomic_swap import hold_read_lock
from risk.outputs.run_manifest import RunRecord

MANIFEST_FILE = "run.json"


class LastRun:
    """The outputs in a folder, held as they are while open: every table and the manifest are of one run."""

    def __init__(self, out: Path) -> None:
        """Read nothing yet; open_last_run holds the folder."""
        self.out = out

    def read_table(self, name: str) -> pl.DataFrame:
        """One table; BadInput says what to run where there is none."""
        return read_output(self.out / f"{name}.parquet")

    @property
    def rule_inputs(self) -> pl.DataFrame:
        """One row a partner, the input to the rulebook."""
        return self.read_table("standing")

    @cached_property
    def manifest(self) -> RunRecord:
        """What the run recorded of itself: checksums, versions, its day; BadInput where it cannot be read."""
        try:
            record = read_manifest(self.out)
        except (OSError, ValueError):
            record = None
        if record is None:
            raise BadInput(f"{self.out / MANIFEST_FILE}: cannot be read; run `make score` first")
        return record

    @property
    def day(self) -> date:
        """The day that the run decided for."""
        try:
            return date.fromisoformat(self.manifest["decided_as_of"])
        except (ValueError, KeyError, TypeError, BadInput):
            path = self.out / MANIFEST_FILE
            raise BadInput(f"{path}: does not name the last run's day; run `make score` first") from None


@contextmanager
def open_last_run(out: Path) -> Iterator[LastRun]:
    """Hold the last run's outputs in `out` while they are read; a run cut short by a kill is undone first."""
    with hold_read_lock(out):
        yield LastRun(out)


def read_last_table(out: Path, name: str) -> pl.DataFrame:
    """One table of the last run, where no other is needed beside it."""
    with open_last_run(out) as last_run:
        return last_run.read_table(name)


def read_output(path: Path) -> pl.DataFrame:
    """One table of a run, without waiting for others; BadInput where it is missing or cannot be read."""
    if not path.is_file():
        raise BadInput(f"{path}: not there yet; run `make score` first")
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(f"{path}: cannot be read; run `make score` again") from None


def read_manifest(folder: Path) -> RunRecord | None:
    """The run.json of a folder, None where it holds no object; OSError or ValueError where it cannot be read."""
    record = parse_json((folder / MANIFEST_FILE).read_bytes())
    return cast(RunRecord, record) if isinstance(record, dict) else None
