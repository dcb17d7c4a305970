"""Reviews cases part by part: results and rejects are written as they come, so memory use stays constant."""

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
from risk.cases.reading.case_files import CasePart
from risk.cases.reading.fields import FAULT_SCHEMA, LINE_COLUMN, check_case_fields
from risk.cases.review import SENT_BACK_RESULT, ReviewContext, review_checked_cases
from risk.outputs.writing import format_csv
from risk.vocabulary import REFERRED

RESULTS_FILE, RESULTS_CSV, REJECTS_FILE, RESULTS_FOLDER = "results.parquet", "results.csv", "rejects.csv", "results"
# Spreadsheets handle this many rows well; larger results are written as Parquet only.
MOST_CSV_ROWS = 20_000


@dataclass
class ReviewTally:
    """Counts of the rows of a file by result."""

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
            own_count = getattr(self, name)
            if isinstance(own_count, Counter):
                own_count.update(count)
            else:
                setattr(self, name, own_count + count)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as a plain dict, names in order."""
        return vars(self) | {name: dict(sorted(vars(self)[name].items())) for name in ("tiers", "notification")}


@dataclass(frozen=True)
class ReviewedPart:
    """A reviewed part: results as rows or as the bytes of a Parquet file, counts, rejects and file name."""

    results: pl.DataFrame | bytes
    tally: ReviewTally
    faults: pl.DataFrame
    file: str


# Calls a function on every item with shared arguments, and yields the results in order.
OrderedMap = Callable[..., Iterator[Any]]


def map_in_order(call: Callable[..., Any], items: Iterable[Any], *shared: Any) -> Iterator[Any]:
    """Map in this process, lazily."""
    return (call(item, *shared) for item in items)


def review_case_part(part: CasePart, context: ReviewContext, several_files: bool) -> ReviewedPart:
    """Review one part; several_files: encode its results as a file of their own."""
    checked, tally = check_case_fields(part.rows, context.keys), ReviewTally()
    faults = pl.concat([part.faults, checked.faults]).sort(LINE_COLUMN)
    frame = review_checked_cases(checked.cases, context).rechunk()
    tally.count_part(frame, faults.height)
    return ReviewedPart(_encode_as_parquet(frame) if several_files else frame, tally, faults, part.file)


def review_case_parts(
    parts: Iterable[CasePart],
    context: ReviewContext,
    folder: Path,
    name: str,
    strict: bool = False,
    several_files: bool = False,
    run_in_order: OrderedMap = map_in_order,
) -> ReviewTally:
    """Review parts into `folder`: results.parquet, results.csv if few rows, rejects.csv if any.

    strict: stop at the first rejected row. name: the file's name, for messages. several_files: the parts come from
    several files, and results/ gets a file for each part. run_in_order: runs the reviews.
    Raises BadInput at a rejected row if strict, and if there are no rows at all.
    """
    tally, rejects = ReviewTally(), folder / REJECTS_FILE
    output = _ResultFiles(folder / RESULTS_FOLDER) if several_files else _ResultFile(folder / RESULTS_FILE)
    # One part is written while the next is reviewed; at most one waits, so memory stays bounded.
    with output as results, ThreadPoolExecutor(1) as pool:
        written: Future[None] | None = None
        for done in run_in_order(review_case_part, parts, context, several_files):
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
        raise BadInput(f"{name}: contains no cases")
    if tally.rows - tally.rejected <= MOST_CSV_ROWS:
        (folder / RESULTS_CSV).write_bytes(format_csv(read_review_results(folder)).encode())
    return tally


def read_review_results(folder: Path) -> pl.DataFrame:
    """Read all results in a folder, in order."""
    several = sorted((folder / RESULTS_FOLDER).glob("*.parquet"))
    return pl.concat(pl.read_parquet(path) for path in several) if several else pl.read_parquet(folder / RESULTS_FILE)


def _name_position(name: str) -> str:
    return "line" if name.lower().endswith(".csv") else "row"


def _append_rejected_rows(faults: pl.DataFrame, path: Path, file: str) -> None:
    """Append rejected rows to their file, with the file they come from if several; without rows, only the header."""
    first = not path.exists()
    if first or not faults.is_empty():
        rows = faults.select(*([pl.lit(file).alias("file")] if file else []), *FAULT_SCHEMA.names())
        with path.open("ab") as opened:
            opened.write(format_csv(rows, header=first).encode())


def _encode_as_parquet(frame: pl.DataFrame) -> bytes:
    content = BytesIO()
    pq.write_table(_convert_to_arrow(frame), content, compression="zstd")
    return content.getvalue()


def _convert_to_arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


class _ResultFiles:
    """A folder of results with a Parquet file for each part."""

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
    """A Parquet file of results written part by part, with the schema of the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "_ResultFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()

    def write_part(self, frame: pl.DataFrame) -> None:
        """Write one part as its own row group."""
        table = _convert_to_arrow(frame)
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self.writer.write_table(table)
