"""US military presence abroad: active-duty personnel by year and bases around 2018."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

TROOPS_FILE = "us_presence/troopdata-rebuild-country-year.csv"
BASES_FILE = "us_presence/basedata.csv"
BASES_YEAR = 2018


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `troops`, one row per state and year, and `bases`, one row per state that hosts any."""
    return {"troops": _compile_troops(folder), "bases": _compile_bases(folder)}


def _compile_troops(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {"ccode": pl.Int64, "year": pl.Int64, "troops_ad": pl.Float64}
    # Place names are in latin-1; the columns read here are plain ASCII, also in the file of bases.
    rows = read_published(folder, TROOPS_FILE, types, encoding="utf8-lossy")
    tidy = map_to_partners(rows, "ccode", "cow", "us_presence")
    # A state listed under two names in a year has its count under one name and zero under the other.
    return tidy.group_by("iso3", "year").agg(ustroops_total=pl.col("troops_ad").max())


def _compile_bases(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {"iso3c": pl.String, "base": pl.Int64, "lilypad": pl.Int64}
    sites = read_published(folder, BASES_FILE, types, encoding="utf8-lossy").with_columns(year=pl.lit(BASES_YEAR))
    tidy = map_to_partners(sites, "iso3c", "iso3", "us_presence")
    counts = tidy.group_by("iso3", "year").agg(
        usbases_count=pl.sum("base") + pl.sum("lilypad"), usbases_large=pl.sum("base")
    )
    return counts.filter(pl.col("usbases_count") > 0)
