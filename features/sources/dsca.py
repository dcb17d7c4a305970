"""Defense Security Cooperation Agency: arms sales notified to Congress, by year and one by one."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.dsca_items import find_item_category
from features.sources.published import read_published

NOTIFICATIONS_FILE = "us_arms_sales/dsca_notifications_2004_2026.csv"
COLUMN_TYPES: dict[str, type[pl.DataType]] = {
    "iso": pl.String,
    "cn_number": pl.String,
    "cn_year": pl.Int64,
    "signal_date": pl.String,
    "title": pl.String,
    "value_usd": pl.Float64,
    "page_url": pl.String,
}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `notifications`, one row per state and year with any, and `sales`, one row per number; current US dollars.

    The year is that of the notification number.
    """
    listed = map_to_partners(_read_sales(folder), "iso", "name", "dsca")
    return {"notifications": _sum_by_year(listed), "sales": _select_numbered_sales(listed)}


def _sum_by_year(listed: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value_usd")
    return listed.group_by("iso3", "year").agg(
        dsca_notifications=pl.len(),
        dsca_value_usd=pl.when(value.count() > 0).then(value.sum().round()),
        dsca_values_known=value.count(),
    )


def _select_numbered_sales(listed: pl.DataFrame) -> pl.DataFrame:
    """iso3, year, cn_number, item, announced, dsca_sale_usd; a number listed twice is one sale."""
    sales = listed.sort("announced", nulls_last=True).unique(["iso3", "cn_number"], keep="first", maintain_order=True)
    return sales.select("iso3", "year", "cn_number", "item", "announced", dsca_sale_usd=pl.col("value_usd").round())


def _read_sales(folder: Path) -> pl.DataFrame:
    """iso, year, cn_number, and from the sale's own page, if it has one: item, announced, value_usd.

    One line per numbered sale, but two for a number listed with two values.
    """
    numbered = read_published(folder, NOTIFICATIONS_FILE, COLUMN_TYPES).rename({"cn_year": "year"}).drop_nulls("year")
    # Up to 73 sales to one country link to the same page and so have the title, day and value of another sale.
    # Lines without a page have the day of a later upload, and only country and number as title.
    own_page = pl.col("page_url").is_unique() & pl.col("page_url").is_not_null()
    own_value = pl.when(pl.col("page_url").is_unique()).then("value_usd")
    listed_twice = pl.col("value_usd").is_null() & pl.struct("iso", "cn_number").is_duplicated()
    sales = numbered.with_columns(
        value_usd=own_value,
        item=pl.when(own_page).then(find_item_category(pl.col("title"))),
        announced=pl.when(own_page).then("signal_date"),
    )
    return sales.filter(~listed_twice).select("iso", "year", "cn_number", "item", "announced", "value_usd")
