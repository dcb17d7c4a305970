"""US arms sales by year: Foreign Military Sales and licenses for Direct Commercial Sales."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

TOTALS_FILE = "us_arms_sales/arms_sales_totals.csv.gz"
FOREIGN_MILITARY_PROGRAMS = ["Foreign Military Sales", "Foreign Military Construction Sales"]
COMMERCIAL_PROGRAMS = ["Direct Commercial Sales"]
# Outside these years a blank or a zero in the publisher's file means that nobody entered the figure.
SALES_MEASURES = {
    "usarms_fms_agreements_usd": (FOREIGN_MILITARY_PROGRAMS, "authorizations", 2001, 2016),
    "usarms_fms_deliveries_usd": (FOREIGN_MILITARY_PROGRAMS, "deliveries", 2001, 2017),
    "usarms_dcs_licences_usd": (COMMERCIAL_PROGRAMS, "authorizations", 2000, 2018),
}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `totals`, one row per state and year, in current US dollars."""
    types: dict[str, type[pl.DataType]] = {
        "country": pl.String,
        "year": pl.Int64,
        "program": pl.String,
        "authorizations": pl.Float64,
        "deliveries": pl.Float64,
    }
    rows = map_to_partners(read_published(folder, TOTALS_FILE, types), "country", "name", "us_arms_sales")
    # Some lines appear twice, and 2017 has each of its two amounts on a separate line: the larger is the amount.
    amounts = rows.group_by("iso3", "year", "program").agg(pl.col("authorizations", "deliveries").max())
    totals = amounts.group_by("iso3", "year").agg(
        _sum_program_sales(*measure).alias(name) for name, measure in SALES_MEASURES.items()
    )
    return {"totals": totals.filter(pl.any_horizontal(pl.col(*SALES_MEASURES).is_not_null()))}


def _sum_program_sales(programs: list[str], column: str, first: int, last: int) -> pl.Expr:
    """The sum over the listed programs, null if there is none or the year is not covered."""
    listed = pl.col("program").is_in(programs) & pl.col("year").is_between(first, last)
    return pl.when(listed.any()).then(pl.col(column).filter(listed).sum())
