"""Speed of case review: invented cases from Parquet to results on disk, against a plain loop in Python."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from bench.measure import Contender, Measurement, TimedWork
from bench.plain_review import PlainInputs, review_case_plainly
from features.bad_input import BadInput
from risk.cases.reading.case_files import PART_ROWS, read_parts
from risk.cases.reading.fields import LINE_COLUMN, AcceptedKeys, check_case_fields
from risk.cases.review import REVIEW_COLUMNS, review_checked_cases
from risk.cases.streaming import review_case_parts
from risk.outputs.last_run import read_last_table
from risk.rules.loading import RULEBOOK_FOLDER, load_rulebook
from risk.workflows.review_cases import load_review_context

ROW_COUNTS = (10_000, 100_000, 1_000_000, 10_000_000)
SAMPLE_ROWS = 10_000
CASE_SEED = 20261126
# Limits on two cores: the time of a million cases and the memory of ten million.
MILLION_ROWS, SECONDS_LIMIT, MEGABYTES_LIMIT = 1_000_000, 12.0, 2_500
STREAMED_REVIEW, ROW_REVIEW = "cases, streamed from Parquet", "cases, row by row in Python"


def prepare_streamed_review(out: Path, rows: int) -> TimedWork:
    """Cases from a Parquet file: rulebook read, every row reviewed, results on disk."""
    context, _ = load_review_context(out)
    folder = TemporaryDirectory()
    file = Path(folder.name) / "cases.parquet"
    _write_cases(file, context.keys, rows)
    return TimedWork(lambda: _review_file(file, out, folder))


def prepare_row_review(out: Path, rows: int) -> TimedWork:
    """The same review in plain Python, one case at a time; raises BadInput if any result differs from the engine's."""
    context, _ = load_review_context(out)
    rulebook = load_rulebook(RULEBOOK_FOLDER, read_last_table(out, "standing").schema)
    cases = check_case_fields(pl.concat(invent_cases(context.keys, rows)), context.keys).cases
    plain = PlainInputs(
        context.tables, context.partners.to_dicts(), read_last_table(out, "decisions").to_dicts(), rulebook.rules
    )
    rows_of_cases, expected = cases.to_dicts(), review_checked_cases(cases, context)
    answers = [review_case_plainly(case, plain) for case in rows_of_cases]
    reviewed = pl.DataFrame(
        answers, schema={name: expected.schema[name] for name in REVIEW_COLUMNS if name in answers[0]}
    )
    for name in reviewed.columns:
        differing = int(reviewed[name].ne_missing(expected[name]).sum())
        if differing:
            raise BadInput(f"{name}: plain Python differs from the engine in {differing} of {rows} cases")
    return TimedWork(lambda: len([review_case_plainly(case, plain) for case in rows_of_cases]))


def check_case_results(measured: Sequence[Measurement]) -> str:
    """Sentence: whether a million cases met the time limit and the most rows the memory limit, and how time grew."""
    streams = sorted(
        (measurement for measurement in measured if measurement.name == STREAMED_REVIEW),
        key=lambda measurement: measurement.rows,
    )
    million = next((measurement for measurement in streams if measurement.rows == MILLION_ROWS), streams[-1])
    largest = streams[-1]
    growth = [
        f"{later.median / earlier.median:.1f} times the time for {later.rows / earlier.rows:g} times the rows"
        for earlier, later in zip(streams, streams[1:], strict=False)
    ]
    fast, small = million.median <= SECONDS_LIMIT, largest.peak < MEGABYTES_LIMIT
    return (
        f"{million.rows:,} cases took {million.median:.2f} s: {'within' if fast else 'over'} the limit of "
        f"{SECONDS_LIMIT:g} s on two cores; {largest.rows:,} took {largest.peak:,} MB: {'within' if small else 'over'} "
        f"the limit of {MEGABYTES_LIMIT:,} MB; " + ", then ".join(growth) + "."
    )


def invent_cases(keys: AcceptedKeys, rows: int, seed: int = CASE_SEED) -> Iterator[pl.DataFrame]:
    """Batches of invented cases of all partners, programs, items and users; the same seed gives the same cases."""
    draw = np.random.default_rng(seed)
    for start in range(0, rows, PART_ROWS):
        yield _invent_part(keys, start, min(PART_ROWS, rows - start), draw)


def _invent_part(keys: AcceptedKeys, start: int, height: int, draw: np.random.Generator) -> pl.DataFrame:
    def draw_values(words: Sequence[str | None]) -> pl.Series:
        return pl.Series(words, dtype=pl.String).gather(draw.integers(0, len(words), height))

    numbers = pl.int_range(start, start + height, dtype=pl.Int64, eager=True)
    post_numbers = draw.integers(0, 10_000, height)
    gaps = pl.select(
        pl.format("Post {} cannot watch {} km of road by night before 2030", pl.lit(pl.Series(post_numbers)), 7)
    )
    vague = pl.Series(draw.random(height) < 0.05)
    return pl.DataFrame(
        {
            LINE_COLUMN: numbers,
            "id": pl.select(pl.format("invented-{}", pl.lit(numbers))).to_series(),
            **{name: draw_values(getattr(keys, name)) for name in ("partner", "programme", "item", "end_user")},
            "quantity": draw.integers(1, 500, height),
            "value_usd": np.round(draw.lognormal(16.5, 2, height).clip(1000, 1e11)),
            "objective": draw_values([name for name in keys.objective if name != "other"]),
            "gap": gaps.to_series().set(vague, "support partner capability"),
            "support_years": draw.integers(0, 30, height),
            "proposed": pl.Series(["2026-11-01"]).str.to_date().new_from_index(0, height),
            "major_defense_equipment": draw_values(["yes", "no", None]),
            **{
                name: pl.Series(draw.random(height) < 0.5) for name in ("use_terms", "serial_audit", "sustainment_hold")
            },
        }
    )


def _write_cases(file: Path, keys: AcceptedKeys, rows: int) -> None:
    writer: pq.ParquetWriter | None = None
    for part in invent_cases(keys, rows):
        table = part.drop(LINE_COLUMN).to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _review_file(file: Path, out: Path, folder: TemporaryDirectory[str]) -> int:
    context, _ = load_review_context(out)
    tally = review_case_parts(read_parts(file), context, Path(folder.name), file.name)
    if tally.rejected:
        raise BadInput(f"{tally.rejected} invented cases were rejected")
    return tally.rows


# The most rows take minutes and a file of a gigabyte: they are measured once.
CASE_CONTENDERS = (
    *(Contender(STREAMED_REVIEW, prepare_streamed_review, rows, (rows,)) for rows in reversed(ROW_COUNTS[:-1])),
    Contender(STREAMED_REVIEW, prepare_streamed_review, ROW_COUNTS[-1], (ROW_COUNTS[-1],), runs=1),
    Contender(ROW_REVIEW, prepare_row_review, SAMPLE_ROWS, (SAMPLE_ROWS,)),
)
