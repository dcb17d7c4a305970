"""Any number of cases reviewed part after part: results and rejects go to files as they come, so memory stays flat."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from features.bad_input import BadInput
from risk.cases.fields import FAULTS, LINE, checked
from risk.cases.reading import Part
from risk.cases.review import SENT_BACK, Desk, reviewed
from risk.outputs import csv_text
from risk.tiers import REFERRED

RESULTS, TABLE, REJECTS = "results.parquet", "results.csv", "rejects.csv"
# A spreadsheet opens so many rows in comfort; larger results stay in Parquet alone.
MOST_IN_CSV = 20_000


@dataclass
class Tally:
    """What became of the rows of a file."""

    rows: int = 0
    reviewed: int = 0
    sent_back: int = 0
    referred: int = 0
    rejected: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    notification: Counter[str] = field(default_factory=Counter)

    def add(self, results: pl.DataFrame, rejected: int) -> None:
        """Count one part."""
        back = results.filter(pl.col("result") == SENT_BACK).height
        tiers = dict(results["case_tier"].drop_nulls().value_counts().iter_rows())
        self.rows += results.height + rejected
        self.reviewed += results.height - back
        self.sent_back += back
        self.rejected += rejected
        self.referred += tiers.get(REFERRED, 0)
        self.tiers.update(tiers)
        self.notification.update(dict(results["notification"].drop_nulls().value_counts().iter_rows()))

    def told(self) -> dict[str, Any]:
        """The counts as a plain dict."""
        return vars(self) | {"tiers": dict(self.tiers), "notification": dict(self.notification)}


def review_parts(parts: Iterable[Part], desk: Desk, folder: Path, name: str, strict: bool = False) -> Tally:
    """Review part after part into `folder`: results.parquet, results.csv where few, rejects.csv where any.

    strict: the first row that is rejected ends it all. name: the file's, for what is told.
    Raises BadInput then, and where there is no row at all.
    """
    tally, rejects = Tally(), folder / REJECTS
    # One part is written while the next is worked on; one waits at most, so memory stays bounded.
    with _Results(folder / RESULTS) as results, ThreadPoolExecutor(1) as pool:
        written: Future[None] | None = None
        for part in parts:
            found = checked(part.rows, desk.keys)
            faults = pl.concat([part.faults, found.faults]).sort(LINE)
            if strict and not faults.is_empty():
                raise BadInput(f"{name}, {_place(name)} {faults[LINE][0]}: {faults['reason'][0]}")
            frame = reviewed(found.cases, desk)
            tally.add(frame, faults.height)
            _append(faults, rejects)
            if written is not None:
                written.result()
            written = pool.submit(results.add, frame)
        if written is not None:
            written.result()
    if not tally.rows:
        raise BadInput(f"{name}: holds no case")
    if tally.rows - tally.rejected <= MOST_IN_CSV:
        (folder / TABLE).write_bytes(csv_text(pl.read_parquet(folder / RESULTS)).encode())
    return tally


def _place(name: str) -> str:
    return "line" if name.lower().endswith(".csv") else "row"


def _append(faults: pl.DataFrame, path: Path) -> None:
    """Add rejected rows to their file; a file without rows has its heading alone."""
    first = not path.exists()
    if first or not faults.is_empty():
        with path.open("ab") as file:
            file.write(csv_text(faults.select(FAULTS.names()), header=first).encode())


class _Results:
    """A Parquet file that grows by one part at a time, with the schema of the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "_Results":
        return self

    def __exit__(self, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()

    def add(self, frame: pl.DataFrame) -> None:
        """Write one part as a row group of its own."""
        table: pa.Table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self.writer.write_table(table)
