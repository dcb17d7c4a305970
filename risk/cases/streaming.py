"""Any number of cases reviewed part after part: results and rejects go to files as they come, so memory stays flat."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from features.bad_input import BadInput
from risk.cases.reading.fields import FAULT_SCHEMA, LINE_COLUMN, check_case_fields
from risk.cases.reading.files import CasePart
from risk.cases.review import SENT_BACK_RESULT, ReviewContext, review_checked_cases
from risk.outputs.writing import format_csv
from risk.vocabulary import REFERRED

RESULTS_FILE, RESULTS_CSV, REJECTS_FILE, RESULTS_FOLDER = "results.parquet", "results.csv", "rejects.csv", "results"
# A spreadsheet opens so many rows in comfort; larger results stay in Parquet alone.
MOST_CSV_ROWS = 20_000


@dataclass
class ReviewTally:
    """What became of the rows of a file."""

    rows: int = 0
    reviewed: int = 0
    sent_back: int = 0
    referred: int = 0
    rejected: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    notification: Counter[str] = field(default_factory=Counter)

    def count_part(self, results: pl.DataFrame, rejected: int) -> None:
        """Count one part."""
        back = results.filter(pl.col("result") == SENT_BACK_RESULT).height
        tiers = dict(results["case_tier"].drop_nulls().value_counts().iter_rows())
        self.rows += results.height + rejected
        self.reviewed += results.height - back
        self.sent_back += back
        self.rejected += rejected
        self.referred += tiers.get(REFERRED, 0)
        self.tiers.update(tiers)
        self.notification.update(dict(results["notification"].drop_nulls().value_counts().iter_rows()))

    def add_tally(self, other: "ReviewTally") -> None:
        """Add the counts of another part."""
        for name, count in vars(other).items():
            held = getattr(self, name)
            if isinstance(held, Counter):
                held.update(count)
            else:
                setattr(self, name, held + count)

    def as_dict(self) -> dict[str, Any]:
        """The counts as a plain dict, names in order."""
        return vars(self) | {name: dict(sorted(vars(self)[name].items())) for name in ("tiers", "notification")}


@dataclass(frozen=True)
class ReviewedPart:
    """A part reviewed: results as rows, or as the bytes of a Parquet file; its counts, rejects and file."""

    results: pl.DataFrame | bytes
    tally: ReviewTally
    faults: pl.DataFrame
    file: str


# Calls a function for every item, with what they share, and gives the results in order.
OrderedMap = Callable[..., Iterator[Any]]


def map_in_order(call: Callable[..., Any], items: Iterable[Any], *shared: Any) -> Iterator[Any]:
    """In this process, each when it is asked for."""
    return (call(item, *shared) for item in items)


def review_case_part(part: CasePart, desk: ReviewContext, apart: bool) -> ReviewedPart:
    """Review one part; apart: its results are to be a file of their own."""
    found, tally = check_case_fields(part.rows, desk.keys), ReviewTally()
    faults = pl.concat([part.faults, found.faults]).sort(LINE_COLUMN)
    frame = review_checked_cases(found.cases, desk).rechunk()
    tally.count_part(frame, faults.height)
    return ReviewedPart(_encode_as_parquet(frame) if apart else frame, tally, faults, part.file)


def review_case_parts(
    parts: Iterable[CasePart],
    desk: ReviewContext,
    folder: Path,
    name: str,
    strict: bool = False,
    apart: bool = False,
    spread: OrderedMap = map_in_order,
) -> ReviewTally:
    """Review part after part into `folder`: results.parquet, results.csv where few, rejects.csv where any.

    strict: the first row that is rejected ends it all. name: the file's, for what is told. apart: the parts are of
    several files; results go to results/, a file for each part. spread: what runs the reviews.
    Raises BadInput then, and where there is no row at all.
    """
    tally, rejects = ReviewTally(), folder / REJECTS_FILE
    kept = _ResultFiles(folder / RESULTS_FOLDER) if apart else _ResultFile(folder / RESULTS_FILE)
    # One part is written while the next is worked on; one waits at most, so memory stays bounded.
    with kept as results, ThreadPoolExecutor(1) as pool:
        written: Future[None] | None = None
        for done in spread(review_case_part, parts, desk, apart):
            if strict and not done.faults.is_empty():
                of, first = done.file or name, done.faults.row(0, named=True)
                raise BadInput(f"{of}, {_name_position(of)} {first[LINE_COLUMN]}: {first['reason']}")
            tally.add_tally(done.tally)
            _append_rejected_rows(done.faults, rejects, done.file)
            if written is not None:
                written.result()
            written = pool.submit(results.write_part, done.results)
        if written is not None:
            written.result()
    if not tally.rows:
        raise BadInput(f"{name}: holds no case")
    if tally.rows - tally.rejected <= MOST_CSV_ROWS:
        (folder / RESULTS_CSV).write_bytes(format_csv(read_review_results(folder)).encode())
    return tally


def read_review_results(folder: Path) -> pl.DataFrame:
    """All results in a folder, in order."""
    several = sorted((folder / RESULTS_FOLDER).glob("*.parquet"))
    return pl.concat(pl.read_parquet(path) for path in several) if several else pl.read_parquet(folder / RESULTS_FILE)


def _name_position(name: str) -> str:
    return "line" if name.lower().endswith(".csv") else "row"


def _append_rejected_rows(faults: pl.DataFrame, path: Path, file: str) -> None:
    """Add rejected rows to their file, with the name of theirs if of several; without rows it has its heading alone."""
    first = not path.exists()
    if first or not faults.is_empty():
        told = faults.select(*([pl.lit(file).alias("file")] if file else []), *FAULT_SCHEMA.names())
        with path.open("ab") as opened:
            opened.write(format_csv(told, header=first).encode())


def _encode_as_parquet(frame: pl.DataFrame) -> bytes:
    content = BytesIO()
    pq.write_table(_convert_to_arrow(frame), content, compression="zstd")
    return content.getvalue()


def _convert_to_arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


class _ResultFiles:
    """A folder that grows by a Parquet file for each part."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def __enter__(self) -> "_ResultFiles":
        self.path.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write_part(self, content: bytes) -> None:
        """Write the file of the next part."""
        (self.path / f"part-{self.count:06}.parquet").write_bytes(content)
        self.count += 1


class _ResultFile:
    """A Parquet file that grows by one part at a time, with the schema of the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "_ResultFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()

    def write_part(self, frame: pl.DataFrame) -> None:
        """Write one part as a row group of its own."""
        table = _convert_to_arrow(frame)
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self.writer.write_table(table)
