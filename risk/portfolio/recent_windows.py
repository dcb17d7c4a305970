"""The latest years that each series covers without a hole too large to read, side by side."""

import polars as pl

from risk.portfolio.breakdowns import ASSISTANCE, GROUPS, flows
from risk.portfolio.flows import ACCOUNTS, Money

# Five years each: assistance without FY2024, where Egypt is missing; notifications without 2026, only begun.
WINDOWS = {
    ASSISTANCE: (2019, 2023),
    "usarms_fms_agreements_usd": (2012, 2016),
    "usarms_fms_deliveries_usd": (2013, 2017),
    "usarms_dcs_licences_usd": (2014, 2018),
    "dsca_notifications": (2021, 2025),
}
ACCOUNT_PERIODS = ((2001, 2010), (2011, 2020), (2016, 2020))


def windowed(money: Money) -> pl.DataFrame:
    """What each partner had in each window: the partner's columns, measure, value."""
    whole = flows(money)
    parts = [
        whole.filter(pl.col("measure") == measure, pl.col("year").is_between(first, last))
        for measure, (first, last) in WINDOWS.items()
    ]
    keys = ["iso3", "partner", "region", "tier", "posture", "measure"]
    return pl.concat(parts).group_by(keys).agg(pl.col("value").sum()).sort(keys)


def recent_groups(windows: pl.DataFrame) -> pl.DataFrame:
    """Each group in each window: group, name, measure, value, share, partners with anything."""
    value = pl.col("value")
    parts = [
        windows.group_by(pl.col(kind).alias("name"), "measure")
        .agg(value.sum(), partners=(value != 0).sum())
        .with_columns(share=value / value.sum().over("measure"), group=pl.lit(kind))
        .select("group", "name", "measure", "value", "share", "partners")
        for kind in GROUPS
    ]
    return pl.concat(parts).sort("group", "name", "measure")


def recent_partners(windows: pl.DataFrame) -> pl.DataFrame:
    """One row a partner, a column a measure; no value where the source lists nothing, which is no zero for sales."""
    index = ["iso3", "partner", "region", "tier", "posture"]
    wide = windows.pivot("measure", index=index, values="value").select(*index, *WINDOWS)
    return wide.sort(ASSISTANCE, "iso3", descending=[True, False], nulls_last=True)


def account_periods(money: Money) -> pl.DataFrame:
    """Each account in each period: account, label, first, last, value, share."""
    value = pl.col("usd")
    parts = [
        money.accounts.filter(pl.col("year").is_between(first, last))
        .group_by("account")
        .agg(value=value.sum())
        .with_columns(first=pl.lit(first), last=pl.lit(last), share=pl.col("value") / pl.col("value").sum())
        for first, last in ACCOUNT_PERIODS
    ]
    label = pl.col("account").replace_strict(ACCOUNTS, return_dtype=pl.String).alias("label")
    order = pl.col("account").replace_strict({name: n for n, name in enumerate(ACCOUNTS)}, return_dtype=pl.Int64)
    rows = pl.concat(parts).sort("first", "last", order)
    return rows.select("account", label, "first", "last", "value", "share")
