"""What was known at an origin: each source's lag, how long a value may be carried, and the age it then has."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polars as pl

from features.apart import apart
from features.cards import RAW, Table, read_card, read_table
from features.derived import LONGEST
from features.partners import SUPPLIER, partner_years
from features.snapshot import lag
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, Profile

# Expressions by the measure that they derive from.
Derived = Mapping[str, Sequence[pl.Expr]]


class Facts(NamedTuple):
    """One table on the full grid of states and years, sorted; `lag` is how many years it stands behind the latest
    origin."""

    frame: pl.DataFrame
    lag: int
    max_age: int


class Record(NamedTuple):
    """What is taken from a table: its measures with what derives from each.

    `combined` are measures made of the table's own before, `shares` what is made of all that is known after.
    """

    source: str
    table: str
    derived: Derived
    combined: Sequence[pl.Expr] = ()
    shares: Sequence[pl.Expr] = ()

    @property
    def columns(self) -> list[str]:
        """The columns that it brings to the panel, in their order."""
        ages = [f"{measure}_age" for measure in self.derived]
        made = [expr.meta.output_name() for expr in self.shares]
        return [*(name for measure in self.derived for name in _of(measure, self.derived)), *ages, *made]


def load_facts(source: str, name: str, raw: Path = RAW) -> Facts:
    """Lay a compiled table on the grid of states and years, from the first origin at the latest.

    Gaps stay null or, where its card says so, mean zero.
    """
    table = read_card(source, raw).tables[name]
    return _on(partner_years(_first(table), LATEST_ORIGIN), table, read_table(source, name, raw))


def _on(grid: pl.DataFrame, table: Table, facts: pl.DataFrame) -> Facts:
    """A table's facts beside the columns of a grid, row by row."""
    frame = grid.join(facts, on=["iso3", "year"], how="left", maintain_order="left")
    if table.absent == "zero":
        covered = pl.col("year").is_between(table.first_year or FIRST_ORIGIN, table.latest_year or LATEST_ORIGIN)
        frame = frame.with_columns(pl.when(covered).then(pl.col(*table.columns).fill_null(0.0)))
    return Facts(frame, lag(table), table.max_age)


def _first(table: Table) -> int:
    return min(table.first_year or FIRST_ORIGIN, FIRST_ORIGIN)


def origins() -> pl.DataFrame:
    """The panel's spine: iso3 and origin for each partner that existed in that year, sorted."""
    years = partner_years(FIRST_ORIGIN, LATEST_ORIGIN).rename({"year": "origin"})
    return years.filter(pl.col("iso3") != SUPPLIER)


def at_origins(records: Sequence[Record], profile: Profile, raw: Path = RAW) -> list[pl.DataFrame]:
    """What each record brings, one row for each of `origins` and in their order; a table is read once for all."""
    tables: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        tables.setdefault((record.source, record.table), []).append(record)
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        made = pool.map(lambda table: _of_table(table, tables[table], profile, raw), tables)
        known = dict(zip(tables, made, strict=True))
    return [known[record.source, record.table].select(record.columns) for record in records]


def _of_table(named: tuple[str, str], records: Sequence[Record], profile: Profile, raw: Path) -> pl.DataFrame:
    """What all records of one table, named by source and table, make of it."""
    source, name = named
    table = read_card(source, raw).tables[name]
    grid = _apart_years(_first(table), _reach(lag(table) + table.max_age))
    facts = _on(grid, table, read_table(source, name, raw))
    if combined := [expr for record in records for expr in record.combined]:
        facts = facts._replace(frame=facts.frame.with_columns(combined))
    derived = {measure: exprs for record in records for measure, exprs in record.derived.items()}
    known = _known(facts, derived, profile)
    shares = [expr for record in records for expr in record.shares]
    return known.with_columns(shares) if shares else known


def as_known(facts: Facts, derived: Derived, profile: Profile) -> pl.DataFrame:
    """Measures and what is derived from them, as known at each origin: iso3, origin, columns, `<measure>_age` in years.

    A derived column is taken from the year of its measure's last known value; a value older than allowed is missing.
    One row for each partner and year of the facts from the first origin on, in their order.
    """
    laid = apart(facts.frame.with_columns(origin=_is_origin()), _reach(facts.lag + facts.max_age))
    keys = facts.frame.filter(_is_origin()).select("iso3", origin="year")
    return keys.hstack(_known(facts._replace(frame=laid), derived, profile))


@cache
def _apart_years(first: int, years: int) -> pl.DataFrame:
    """The grid of states and years, states so many rows apart, with `origin`: whether a row is one of `origins`."""
    return apart(partner_years(first, LATEST_ORIGIN).with_columns(origin=_is_origin()), years)


def _is_origin() -> pl.Expr:
    return (pl.col("year") >= FIRST_ORIGIN) & (pl.col("iso3") != SUPPLIER)


def _reach(carried: int) -> int:
    """How far any row looks back: what is derived over years, or what is carried into later ones."""
    return max(LONGEST, carried)


def _known(facts: Facts, derived: Derived, profile: Profile) -> pl.DataFrame:
    """The columns of `as_known` at the rows that are an `origin`, of facts whose states lie apart."""
    late = facts.lag if profile == "snapshot" else 0
    made = facts.frame.with_columns(expr for exprs in derived.values() for expr in exprs)
    at = made.select(pl.arg_where(pl.col("origin"))).to_series()
    last = made.select(_last(measure, facts.max_age).shift(late).gather(at) for measure in derived)
    carried = [pl.col(_of(measure, derived)).gather(last[measure]) for measure in derived]
    year = pl.col("year").cast(pl.Float64)
    ages = [(year.gather(at) - year.gather(last[measure])).alias(f"{measure}_age") for measure in derived]
    return made.select(*carried, *ages)


def _last(measure: str, limit: int) -> pl.Expr:
    """The row in which the measure was last known, so many years back at most."""
    known = pl.when(pl.col(measure).is_not_null()).then(pl.int_range(pl.len(), dtype=pl.UInt32))
    return (known.forward_fill(limit) if limit else known).alias(measure)


def _of(measure: str, derived: Derived) -> list[str]:
    """The measure and what derives from it, by name."""
    return [measure, *(expr.meta.output_name() for expr in derived[measure])]
