"""The latest years that each series covers without a large data gap."""

from collections.abc import Sequence

import polars as pl

from risk.portfolio.breakdowns import GROUP_KINDS, build_flow_table
from risk.portfolio.flows import ACCOUNT_LABELS, MoneyFlows
from risk.portfolio.series import ASSISTANCE


def sum_recent_windows(money: MoneyFlows) -> pl.DataFrame:
    """Sum each partner's values in each window: the partner's columns, measure, value."""
    whole = build_flow_table(money)
    parts = [
        whole.filter(pl.col("measure") == window.series, pl.col("year").is_between(window.first, window.last))
        for window in money.policy.windows
    ]
    keys = ["iso3", "partner", "region", "tier", "posture", "measure"]
    return pl.concat(parts).group_by(keys).agg(pl.col("value").sum()).sort(keys)


def build_recent_groups(windows: pl.DataFrame) -> pl.DataFrame:
    """Sum each group in each window: group, name, measure, value, share, partners with a nonzero value."""
    value = pl.col("value")
    parts = [
        windows.group_by(pl.col(kind).alias("name"), "measure")
        .agg(value.sum(), partners=(value != 0).sum())
        .with_columns(share=value / value.sum().over("measure"), group=pl.lit(kind))
        .select("group", "name", "measure", "value", "share", "partners")
        for kind in GROUP_KINDS
    ]
    return pl.concat(parts).sort("group", "name", "measure")


def build_recent_partners(windows: pl.DataFrame, series: Sequence[str]) -> pl.DataFrame:
    """Return a row per partner and a column per series; null where the source lists nothing (not zero, for sales)."""
    index = ["iso3", "partner", "region", "tier", "posture"]
    wide = windows.pivot("measure", index=index, values="value").select(*index, *series)
    return wide.sort(ASSISTANCE, "iso3", descending=[True, False], nulls_last=True)


def build_account_periods(money: MoneyFlows) -> pl.DataFrame:
    """Sum each account in each period: account, label, first, last, value, share."""
    value = pl.col("usd")
    parts = [
        money.accounts.filter(pl.col("year").is_between(first, last))
        .group_by("account")
        .agg(value=value.sum())
        .with_columns(first=pl.lit(first), last=pl.lit(last), share=pl.col("value") / pl.col("value").sum())
        for first, last in money.policy.list_periods("accounts")
    ]
    label = pl.col("account").replace_strict(ACCOUNT_LABELS, return_dtype=pl.String).alias("label")
    order = pl.col("account").replace_strict({name: n for n, name in enumerate(ACCOUNT_LABELS)}, return_dtype=pl.Int64)
    rows = pl.concat(parts).sort("first", "last", order)
    return rows.select("account", label, "first", "last", "value", "share")
