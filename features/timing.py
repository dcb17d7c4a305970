"""What was known at an origin: each source's lag, how long a value may be carried, and the age it then has."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from features.cards import RAW, read_card, read_table
from features.partners import SUPPLIER, partner_years
from features.snapshot import lag
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, Profile

# Expressions by the measure that they derive from.
Derived = Mapping[str, Sequence[pl.Expr]]


class Facts(NamedTuple):
    """One table on the full grid of states and years; `lag` is how many years it stands behind the latest origin."""

    frame: pl.LazyFrame
    lag: int
    max_age: int


def load_facts(source: str, name: str, raw: Path = RAW) -> Facts:
    """Lay a compiled table on the grid of states and years; gaps stay null or, where its card says so, mean zero."""
    table = read_card(source, raw).tables[name]
    first, latest = table.first_year or FIRST_ORIGIN, table.latest_year or LATEST_ORIGIN
    frame = partner_years(first, LATEST_ORIGIN).join(
        read_table(source, name, raw).lazy(), on=["iso3", "year"], how="left"
    )
    if table.absent == "zero":
        covered = pl.col("year") <= latest
        frame = frame.with_columns(pl.when(covered).then(pl.col(*table.columns).fill_null(0.0)))
    return Facts(frame.sort("iso3", "year"), lag(table), table.max_age)


def origins() -> pl.LazyFrame:
    """The panel's spine: iso3 and origin for each partner that existed in that year."""
    years = partner_years(FIRST_ORIGIN, LATEST_ORIGIN).rename({"year": "origin"})
    return years.filter(pl.col("iso3") != SUPPLIER)


def as_known(facts: Facts, derived: Derived, profile: Profile) -> pl.LazyFrame:
    """Measures and what is derived from them, as known at each origin: iso3, origin, columns, `<measure>_age` in years.

    A derived column is taken from the year of its measure's last known value; a value older than allowed is missing.
    """
    shift = facts.lag if profile == "snapshot" else 0
    known = facts.frame.with_columns(expr for exprs in derived.values() for expr in exprs)
    carried = [
        _carry(measure, name, facts.max_age)
        for measure, exprs in derived.items()
        for name in [measure, *(expr.meta.output_name() for expr in exprs)]
    ]
    ages = [
        (pl.col("year") + shift - _carry(measure, "year", facts.max_age)).alias(f"{measure}_age") for measure in derived
    ]
    return known.select("iso3", (pl.col("year") + shift).alias("origin"), *carried, *ages)


def _carry(measure: str, name: str, limit: int) -> pl.Expr:
    """Carry a column forward from the measure's last known year, its own gaps kept as gaps."""
    known = pl.when(pl.col(measure).is_not_null()).then(pl.col(name).cast(pl.Float64).fill_null(float("nan")))
    carried = known.forward_fill(limit).over("iso3") if limit else known
    return carried.fill_nan(None).alias(name)
