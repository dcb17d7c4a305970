"""How fast cases are reviewed: invented cases from Parquet to results on disk, beside a plain loop in Python."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from bench.measure import Measured, Side, Work
from bench.plain_review import Plain, plain_review
from features.bad_input import BadInput
from risk.cases.reading.fields import LINE, Accepted, checked
from risk.cases.reading.files import PART, read_parts
from risk.cases.review import COLUMNS, reviewed
from risk.cases.streaming import review_parts
from risk.outputs.last_run import last_table
from risk.rules.loading import RULEBOOK, load_rulebook
from risk.workflows.review_cases import desk_of

HEIGHTS = (10_000, 100_000, 1_000_000, 10_000_000)
SAMPLE = 10_000
SEED = 20261126
# What a million cases, and the memory of ten million, must keep to on two cores.
MILLION, SECONDS_ASKED, MEGABYTES_ASKED = 1_000_000, 12.0, 2_500
STREAMED, BY_ROW = "cases, streamed from Parquet", "cases, row by row in Python"


def streamed(out: Path, rows: int) -> Work:
    """So many cases from a Parquet file of their own: rulebook read, every row reviewed, results on disk."""
    desk, _ = desk_of(out)
    folder = TemporaryDirectory()
    file = Path(folder.name) / "cases.parquet"
    _write(file, desk.keys, rows)
    return Work(lambda: _reviewed(file, out, folder))


def row_by_row(out: Path, rows: int) -> Work:
    """The same review in plain Python, one case at a time; BadInput where any answer differs from the engine's."""
    desk, _ = desk_of(out)
    book = load_rulebook(RULEBOOK, last_table(out, "standing").schema)
    cases = checked(pl.concat(invented_cases(desk.keys, rows)), desk.keys).cases
    plain = Plain(desk.tables, desk.partners.to_dicts(), last_table(out, "decisions").to_dicts(), book.rules)
    given, expected = cases.to_dicts(), reviewed(cases, desk)
    answers = [plain_review(case, plain) for case in given]
    found = pl.DataFrame(answers, schema={name: expected.schema[name] for name in COLUMNS if name in answers[0]})
    for name in found.columns:
        differing = int(found[name].ne_missing(expected[name]).sum())
        if differing:
            raise BadInput(f"{name}: plain Python differs from the engine in {differing} of {rows} cases")
    return Work(lambda: len([plain_review(case, plain) for case in given]))


def check(measured: Sequence[Measured]) -> str:
    """Whether a million cases kept to the time, the most to the memory, and time grew no faster than rows."""
    streams = sorted((one for one in measured if one.what == STREAMED), key=lambda one: one.rows)
    million = next((one for one in streams if one.rows == MILLION), streams[-1])
    most = streams[-1]
    growth = [
        f"{later.median / earlier.median:.1f} times the time for {later.rows / earlier.rows:g} times the rows"
        for earlier, later in zip(streams, streams[1:], strict=False)
    ]
    fast, small = million.median <= SECONDS_ASKED, most.peak < MEGABYTES_ASKED
    return (
        f"{million.rows:,} cases took {million.median:.2f} s: {'within' if fast else 'over'} the {SECONDS_ASKED:g} s "
        f"asked on two cores; {most.rows:,} took {most.peak:,} MB: {'within' if small else 'over'} the "
        f"{MEGABYTES_ASKED:,} MB asked; " + ", then ".join(growth) + "."
    )


def invented_cases(keys: Accepted, rows: int, seed: int = SEED) -> Iterator[pl.DataFrame]:
    """Parts of so many invented cases, of all partners, programmes, items and users; the same seed gives the same."""
    draw = np.random.default_rng(seed)
    for start in range(0, rows, PART):
        yield _part(keys, start, min(PART, rows - start), draw)


def _part(keys: Accepted, start: int, height: int, draw: np.random.Generator) -> pl.DataFrame:
    def any_of(words: Sequence[str | None]) -> pl.Series:
        return pl.Series(words, dtype=pl.String).gather(draw.integers(0, len(words), height))

    numbers = pl.int_range(start, start + height, dtype=pl.Int64, eager=True)
    place = draw.integers(0, 10_000, height)
    gaps = pl.select(pl.format("Post {} cannot watch {} km of road by night before 2030", pl.lit(pl.Series(place)), 7))
    vague = pl.Series(draw.random(height) < 0.05)
    return pl.DataFrame(
        {
            LINE: numbers,
            "id": pl.select(pl.format("invented-{}", pl.lit(numbers))).to_series(),
            **{name: any_of(getattr(keys, name)) for name in ("partner", "programme", "item", "end_user")},
            "quantity": draw.integers(1, 500, height),
            "value_usd": np.round(draw.lognormal(16.5, 2, height).clip(1000, 1e11)),
            "objective": any_of([name for name in keys.objective if name != "other"]),
            "gap": gaps.to_series().set(vague, "support partner capability"),
            "support_years": draw.integers(0, 30, height),
            "proposed": pl.Series(["2026-11-01"]).str.to_date().new_from_index(0, height),
            "major_defense_equipment": any_of(["yes", "no", None]),
            **{
                name: pl.Series(draw.random(height) < 0.5) for name in ("use_terms", "serial_audit", "sustainment_hold")
            },
        }
    )


def _write(file: Path, keys: Accepted, rows: int) -> None:
    writer: pq.ParquetWriter | None = None
    for part in invented_cases(keys, rows):
        table = part.drop(LINE).to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _reviewed(file: Path, out: Path, folder: TemporaryDirectory[str]) -> int:
    desk, _ = desk_of(out)
    tally = review_parts(read_parts(file), desk, Path(folder.name), file.name)
    if tally.rejected:
        raise BadInput(f"{tally.rejected} invented cases were rejected")
    return tally.rows


# The greatest height takes minutes and its file a gigabyte: it is measured once.
SIDES = (
    *(Side(STREAMED, streamed, rows, (rows,)) for rows in reversed(HEIGHTS[:-1])),
    Side(STREAMED, streamed, HEIGHTS[-1], (HEIGHTS[-1],), runs=1),
    Side(BY_ROW, row_by_row, SAMPLE, (SAMPLE,)),
)
