"""What was known at an origin: each source's lag, how long a value is carried forward, and its age."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from features.partners import SUPPLIER_CODE, list_partner_years
from features.snapshot.cards import CardTable
from features.snapshot.compile import compute_table_lag
from features.snapshot.snapshot import Snapshot
from features.timing.derived import LONGEST_WINDOW, pad_states
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, Profile

# The first year of any state and so of any fact.
FIRST_FACT_YEAR = 1946
# A table's source and name.
TableName = tuple[str, str]
# Expressions by the measure they are derived from.
DerivedColumns = Mapping[str, Sequence[pl.Expr]]


class TableFacts(NamedTuple):
    """One table on the full grid of states and years, sorted; `lag` is how many years its last year is behind the
    latest origin."""

    frame: pl.DataFrame
    lag: int
    max_age: int


class TableFeatures(NamedTuple):
    """Features of one table: its measures with the expressions derived from each.

    `combined` are measures computed first from the table's own columns; `shares` are computed last from all known
    values.
    """

    source: str
    table: str
    derived: DerivedColumns
    combined: Sequence[pl.Expr] = ()
    shares: Sequence[pl.Expr] = ()

    @property
    def columns(self) -> list[str]:
        """The columns it adds to the panel, in order."""
        ages = [f"{measure}_age" for measure in self.derived]
        shares = [expr.meta.output_name() for expr in self.shares]
        return [
            *(name for measure in self.derived for name in _list_derived_names(measure, self.derived)),
            *ages,
            *shares,
        ]


class _Availability(NamedTuple):
    """How many years after its own year a value is first known, and for how many more years it is carried forward."""

    delay: int
    carry_years: int


def load_table_facts(source: str, name: str, snapshot: Snapshot) -> TableFacts:
    """Lay a compiled table on the grid of states and years, from the first origin at the latest.

    Gaps stay null or, where its card says so, mean zero.
    """
    first = snapshot.read_card(source).tables[name].first_year or FIRST_ORIGIN
    grid = list_partner_years(min(first, FIRST_ORIGIN), LATEST_ORIGIN)
    table, measures = _align_to_grid([(source, name)], grid, snapshot)[source, name]
    return TableFacts(grid.hstack(measures), compute_table_lag(table), table.max_age)


def _align_to_grid(
    named: Iterable[TableName], grid: pl.DataFrame, snapshot: Snapshot
) -> dict[TableName, tuple[CardTable, pl.DataFrame]]:
    """The card of each table, and its measures aligned with the rows of a grid."""
    tables = {(source, name): snapshot.read_card(source).tables[name] for source, name in named}
    frames = snapshot.read_tables(tables)
    # One join for all tables: most of the cost of a join is reading the keys.
    keys = pl.concat(frame.select("iso3", "year") for frame in frames)
    grid_rows = grid.select("iso3", "year", row=pl.int_range(pl.len()))
    rows = keys.join(grid_rows, on=["iso3", "year"], how="left", maintain_order="left").get_column("row")
    no_rows = pl.Series([None], dtype=pl.Int64).new_from_index(0, grid.height)
    aligned, start = {}, 0
    for (name, table), frame in zip(tables.items(), frames, strict=True):
        targets = rows.slice(start, frame.height)
        start += frame.height
        indices = no_rows.clone().scatter(targets.drop_nulls(), targets.is_not_null().arg_true())
        measures = frame.select(pl.col(list(table.columns)).gather(indices))
        aligned[name] = table, measures if table.absent == "unknown" else _fill_covered_gaps(measures, table, grid)
    return aligned


def _fill_covered_gaps(measures: pl.DataFrame, table: CardTable, grid: pl.DataFrame) -> pl.DataFrame:
    """Fill gaps with zero in the years that a table covers; others stay unknown."""
    years = table.first_year or FIRST_ORIGIN, table.latest_year or LATEST_ORIGIN
    return measures.with_columns(pl.when(grid.get_column("year").is_between(*years)).then(pl.all().fill_null(0.0)))


def list_origins() -> pl.DataFrame:
    """The panel's keys: iso3 and origin for each partner that existed in that year, sorted."""
    years = list_partner_years(FIRST_ORIGIN, LATEST_ORIGIN).rename({"year": "origin"})
    return years.filter(pl.col("iso3") != SUPPLIER_CODE)


def derive_at_origins(records: Sequence[TableFeatures], profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """What the records bring, one column after the other, row by row of `origins`.

    All tables lie on one grid beside one another, so that everything is derived at once; each is read once.
    """
    if not records:
        return pl.DataFrame()
    grid = pad_states(
        list_partner_years(FIRST_FACT_YEAR, LATEST_ORIGIN).with_columns(origin=_is_origin()), LONGEST_WINDOW
    )
    aligned = _align_to_grid(dict.fromkeys((record.source, record.table) for record in records), grid, snapshot)
    facts = pl.concat([grid, *(measures for _, measures in aligned.values())], how="horizontal").with_columns(
        expr for record in records for expr in record.combined
    )
    derived = {measure: exprs for record in records for measure, exprs in record.derived.items()}
    availability = {
        measure: _find_availability(aligned[record.source, record.table][0], profile)
        for record in records
        for measure in record.derived
    }
    known = _select_known_values(facts, derived, availability)
    known = known.with_columns(expr for record in records for expr in record.shares)
    return known.select(column for record in records for column in record.columns)


def _find_availability(table: CardTable, profile: Profile) -> _Availability:
    return _Availability(compute_table_lag(table) if profile == "snapshot" else 0, table.max_age)


def derive_as_known(facts: TableFacts, derived: DerivedColumns, profile: Profile) -> pl.DataFrame:
    """Measures and derived columns as known at each origin: iso3, origin, columns, `<measure>_age` in years.

    A derived column has the value of the year in which its measure was last known; a value older than allowed is
    missing. One row per partner and year of the facts from the first origin on, in the order of the facts.
    """
    padded = pad_states(facts.frame.with_columns(origin=_is_origin()), LONGEST_WINDOW)
    availability = _Availability(facts.lag if profile == "snapshot" else 0, facts.max_age)
    keys = facts.frame.filter(_is_origin()).select("iso3", origin="year")
    return keys.hstack(_select_known_values(padded, derived, dict.fromkeys(derived, availability)))


def _is_origin() -> pl.Expr:
    return (pl.col("year") >= FIRST_ORIGIN) & (pl.col("iso3") != SUPPLIER_CODE)


def _select_known_values(
    padded: pl.DataFrame, derived: DerivedColumns, availability: Mapping[str, _Availability]
) -> pl.DataFrame:
    """The columns of `derive_as_known` at the rows marked `origin`, from facts padded between states."""
    columns = padded.with_columns(expr for exprs in derived.values() for expr in exprs)
    at = columns.select(pl.arg_where(pl.col("origin"))).to_series()
    last = columns.select(
        _find_last_known(measure, availability[measure]).gather(at).alias(measure) for measure in derived
    )
    carried = [pl.col(_list_derived_names(measure, derived)).gather(last[measure]) for measure in derived]
    # Each row is a year, so an age is the number of rows between.
    ages = last.select((-pl.all().cast(pl.Float64) + at).name.suffix("_age"))
    return columns.select(carried).hstack(ages)


def _find_last_known(measure: str, availability: _Availability) -> pl.Expr:
    """The row in which the measure was last known, as of each row."""
    delay, carry_years = availability
    known = pl.when(pl.col(measure).is_not_null()).then("row")
    last = (known.forward_fill(carry_years) if carry_years else known).shift(delay)
    return last if delay + carry_years <= LONGEST_WINDOW else last.over("state")


def _list_derived_names(measure: str, derived: DerivedColumns) -> list[str]:
    """The names of the measure and of its derived columns."""
    return [measure, *(expr.meta.output_name() for expr in derived[measure])]
