"""What was known at an origin: each source's lag, how long a value may be carried, and the age it then has."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from features.partners import SUPPLIER_CODE, list_partner_years
from features.snapshot.cards import RAW_FOLDER, CardTable, read_card, read_source_tables
from features.snapshot.compile import compute_table_lag
from features.timing.derived import LONGEST_WINDOW, pad_states
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, Profile

# The first year of any state, and so of any fact.
FIRST_FACT_YEAR = 1946
# A table by its source and its name.
TableName = tuple[str, str]
# Expressions by the measure that they derive from.
DerivedColumns = Mapping[str, Sequence[pl.Expr]]


class TableFacts(NamedTuple):
    """One table on the full grid of states and years, sorted; `lag` is how many years it stands behind the latest
    origin."""

    frame: pl.DataFrame
    lag: int
    max_age: int


class TableFeatures(NamedTuple):
    """What is taken from a table: its measures with what derives from each.

    `combined` are measures made of the table's own before, `shares` what is made of all that is known after.
    """

    source: str
    table: str
    derived: DerivedColumns
    combined: Sequence[pl.Expr] = ()
    shares: Sequence[pl.Expr] = ()

    @property
    def columns(self) -> list[str]:
        """The columns that it brings to the panel, in their order."""
        ages = [f"{measure}_age" for measure in self.derived]
        made = [expr.meta.output_name() for expr in self.shares]
        return [
            *(name for measure in self.derived for name in _list_derived_names(measure, self.derived)),
            *ages,
            *made,
        ]


class _Availability(NamedTuple):
    """How many years after its own a value is seen first, and how many more it is carried."""

    delay: int
    carry_years: int


def load_table_facts(source: str, name: str, raw: Path = RAW_FOLDER) -> TableFacts:
    """Lay a compiled table on the grid of states and years, from the first origin at the latest.

    Gaps stay null or, where its card says so, mean zero.
    """
    first = read_card(source, raw).tables[name].first_year or FIRST_ORIGIN
    grid = list_partner_years(min(first, FIRST_ORIGIN), LATEST_ORIGIN)
    table, measures = _align_to_grid([(source, name)], grid, raw)[source, name]
    return TableFacts(grid.hstack(measures), compute_table_lag(table), table.max_age)


def _align_to_grid(
    named: Iterable[TableName], grid: pl.DataFrame, raw: Path
) -> dict[TableName, tuple[CardTable, pl.DataFrame]]:
    """What the card says of each table, and its measures row by row of a grid."""
    tables = {(source, name): read_card(source, raw).tables[name] for source, name in named}
    frames = read_source_tables(tables, raw)
    # The rows of all are looked up at once: what a join costs is mostly the reading of keys.
    keys = pl.concat(frame.select("iso3", "year") for frame in frames)
    spots = grid.select("iso3", "year", row=pl.int_range(pl.len()))
    rows = keys.join(spots, on=["iso3", "year"], how="left", maintain_order="left").get_column("row")
    nowhere = pl.Series([None], dtype=pl.Int64).new_from_index(0, grid.height)
    laid, start = {}, 0
    for (one, table), frame in zip(tables.items(), frames, strict=True):
        its = rows.slice(start, frame.height)
        start += frame.height
        taken = nowhere.clone().scatter(its.drop_nulls(), its.is_not_null().arg_true())
        measures = frame.select(pl.col(list(table.columns)).gather(taken))
        laid[one] = table, measures if table.absent == "unknown" else _fill_covered_gaps(measures, table, grid)
    return laid


def _fill_covered_gaps(measures: pl.DataFrame, table: CardTable, grid: pl.DataFrame) -> pl.DataFrame:
    """Gaps are zero in the years that a table covers, and unknown in others."""
    years = table.first_year or FIRST_ORIGIN, table.latest_year or LATEST_ORIGIN
    return measures.with_columns(pl.when(grid.get_column("year").is_between(*years)).then(pl.all().fill_null(0.0)))


def list_origins() -> pl.DataFrame:
    """The panel's spine: iso3 and origin for each partner that existed in that year, sorted."""
    years = list_partner_years(FIRST_ORIGIN, LATEST_ORIGIN).rename({"year": "origin"})
    return years.filter(pl.col("iso3") != SUPPLIER_CODE)


def derive_at_origins(records: Sequence[TableFeatures], profile: Profile, raw: Path = RAW_FOLDER) -> pl.DataFrame:
    """What the records bring, one column after the other, row by row of `origins`.

    All tables lie on one grid beside one another, so that everything is derived at once; each is read once.
    """
    if not records:
        return pl.DataFrame()
    grid = pad_states(
        list_partner_years(FIRST_FACT_YEAR, LATEST_ORIGIN).with_columns(origin=_is_origin()), LONGEST_WINDOW
    )
    laid = _align_to_grid(dict.fromkeys((one.source, one.table) for one in records), grid, raw)
    facts = pl.concat([grid, *(measures for _, measures in laid.values())], how="horizontal").with_columns(
        e for one in records for e in one.combined
    )
    derived = {measure: exprs for one in records for measure, exprs in one.derived.items()}
    seen = {m: _find_availability(laid[one.source, one.table][0], profile) for one in records for m in one.derived}
    known = _select_known_values(facts, derived, seen).with_columns(expr for one in records for expr in one.shares)
    return known.select(column for one in records for column in one.columns)


def _find_availability(table: CardTable, profile: Profile) -> _Availability:
    return _Availability(compute_table_lag(table) if profile == "snapshot" else 0, table.max_age)


def derive_as_known(facts: TableFacts, derived: DerivedColumns, profile: Profile) -> pl.DataFrame:
    """Measures and what is derived from them, as known at each origin: iso3, origin, columns, `<measure>_age` in years.

    A derived column is taken from the year of its measure's last known value; a value older than allowed is missing.
    One row for each partner and year of the facts from the first origin on, in their order.
    """
    laid = pad_states(facts.frame.with_columns(origin=_is_origin()), LONGEST_WINDOW)
    seen = _Availability(facts.lag if profile == "snapshot" else 0, facts.max_age)
    keys = facts.frame.filter(_is_origin()).select("iso3", origin="year")
    return keys.hstack(_select_known_values(laid, derived, dict.fromkeys(derived, seen)))


def _is_origin() -> pl.Expr:
    return (pl.col("year") >= FIRST_ORIGIN) & (pl.col("iso3") != SUPPLIER_CODE)


def _select_known_values(
    laid: pl.DataFrame, derived: DerivedColumns, seen: Mapping[str, _Availability]
) -> pl.DataFrame:
    """The columns of `as_known` at the rows that are an `origin`, of facts whose states lie apart."""
    made = laid.with_columns(expr for exprs in derived.values() for expr in exprs)
    at = made.select(pl.arg_where(pl.col("origin"))).to_series()
    last = made.select(_find_last_known(measure, seen[measure]).gather(at).alias(measure) for measure in derived)
    carried = [pl.col(_list_derived_names(measure, derived)).gather(last[measure]) for measure in derived]
    # A row is a year, so an age is how many rows lie between.
    ages = last.select((-pl.all().cast(pl.Float64) + at).name.suffix("_age"))
    return made.select(carried).hstack(ages)


def _find_last_known(measure: str, seen: _Availability) -> pl.Expr:
    """The row in which the measure was last known, as seen from each row."""
    known = pl.when(pl.col(measure).is_not_null()).then("row")
    last = (known.forward_fill(seen.carry_years) if seen.carry_years else known).shift(seen.delay)
    return last if seen.delay + seen.carry_years <= LONGEST_WINDOW else last.over("state")


def _list_derived_names(measure: str, derived: DerivedColumns) -> list[str]:
    """The measure and what derives from it, by name."""
    return [measure, *(expr.meta.output_name() for expr in derived[measure])]
