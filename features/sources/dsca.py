"""Defense Security Cooperation Agency: arms sales notified to Congress, by the year in their numbers."""

from pathlib import Path

import polars as pl

from features.partners import to_partner
from features.sources.published import read_published

NOTIFICATIONS = "us_arms_sales/dsca_notifications_2004_2026.csv"


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `notifications`, one row a state and year with a notification; values in current US dollars."""
    value = pl.col("value_usd")
    notifications = (
        to_partner(_sales(folder), "iso", "name", "dsca")
        .group_by("iso3", "year")
        .agg(
            dsca_notifications=pl.len(),
            dsca_value_usd=pl.when(value.count() > 0).then(value.sum().round()),
            dsca_values_known=value.count(),
        )
    )
    return {"notifications": notifications}


def _sales(folder: Path) -> pl.DataFrame:
    """iso, year, value_usd: one line a numbered sale, its value null where the file does not tell it."""
    types: dict[str, type[pl.DataType]] = {
        "iso": pl.String,
        "cn_number": pl.String,
        "cn_year": pl.Int64,
        "value_usd": pl.Float64,
        "page_url": pl.String,
    }
    numbered = read_published(folder, NOTIFICATIONS, types).rename({"cn_year": "year"}).drop_nulls("year")
    # Up to 73 sales to one country point to the same page and so carry the value of another sale.
    own_value = pl.when(pl.col("page_url").is_unique()).then("value_usd")
    listed_twice = pl.col("value_usd").is_null() & pl.struct("iso", "cn_number").is_duplicated()
    valued = numbered.with_columns(value_usd=own_value)
    return valued.filter(~listed_twice).select("iso", "year", "value_usd")
