"""Money by partner, region, tier, posture, account and year, and its concentration."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import polars as pl

from risk.portfolio.data_gaps import describe_data_gap
from risk.portfolio.flows import ACCOUNT_LABELS, MoneyFlows
from risk.portfolio.series import ASSISTANCE, LABELS

GROUP_KINDS = ("region", "tier", "posture")
TOP_COUNTS = (1, 5, 10)
EUROPE_REGION, ASIA_REGION = "Europe & Central Asia", "East Asia & Pacific"


@lru_cache(maxsize=1)
def build_flow_table(money: MoneyFlows) -> pl.DataFrame:
    """Stack assistance and sales: iso3, year, measure, value (null in a data gap), at_least, partner's columns."""
    aid = money.aid.select("iso3", "year", measure=pl.lit(ASSISTANCE), value="usd", at_least="at_least")
    sales = money.sales.with_columns(at_least=pl.lit(False)).select(aid.columns)
    return pl.concat([aid, sales]).join(money.partners, on="iso3").sort("measure", "iso3", "year")


def select_by_partner(money: MoneyFlows) -> pl.DataFrame:
    """Return one row per partner, year and measure with its data gap note; values in dollars, or a count."""
    columns = ["iso3", "partner", "region", "tier", "posture", "year", "measure", "value", "at_least"]
    return build_flow_table(money).select(*columns, hole=describe_data_gap(money.policy.data_gaps))


def sum_by_group(money: MoneyFlows) -> pl.DataFrame:
    """Sum by year, measure and kind of group: group, name, year, measure, value, share, partners, at_least."""
    whole = build_flow_table(money)
    parts = [_sum_group(whole, kind) for kind in GROUP_KINDS]
    return pl.concat(parts).sort("group", "name", "measure", "year")


def _sum_group(whole: pl.DataFrame, kind: str) -> pl.DataFrame:
    value = pl.col("value")
    rows = whole.group_by(pl.col(kind).alias("name"), "year", "measure").agg(
        value=value.sum(),
        partners=(value.fill_null(0) != 0).sum(),
        at_least=(pl.col("at_least") | value.is_null()).any(),
    )
    share = (pl.col("value") / pl.col("value").sum().over("year", "measure")).alias("share")
    return rows.select(pl.lit(kind).alias("group"), "name", "year", "measure", "value", share, "partners", "at_least")


def sum_by_year(money: MoneyFlows) -> pl.DataFrame:
    """Sum by year and measure, with money that went to no partner; a year outside a source's coverage has no row."""
    totals = (
        build_flow_table(money)
        .group_by("year", "measure")
        .agg(
            value=pl.col("value").sum(),
            partners=(pl.col("value").fill_null(0) != 0).sum(),
            at_least=(pl.col("at_least") | pl.col("value").is_null()).any(),
        )
    )
    elsewhere = money.elsewhere.select("year", measure=pl.lit(ASSISTANCE), elsewhere="usd")
    return totals.join(elsewhere, on=["year", "measure"], how="left").sort("measure", "year")


def sum_by_account(money: MoneyFlows) -> pl.DataFrame:
    """Sum dollars by account and year (to 2020), with direct loans, a part of financing, in rows of their own."""
    names = pl.col("account").replace_strict(ACCOUNT_LABELS, return_dtype=pl.String)
    rows = money.accounts.group_by("account", "year").agg(value=pl.col("usd").sum()).with_columns(label=names)
    loans = money.loans.group_by("year").agg(value=pl.col("usd").sum())
    loans = loans.select(account=pl.lit("of_which_loans"), year="year", value="value", label=pl.lit("of which loans"))
    return pl.concat([rows.select(loans.columns), loans]).sort("account", "year")


def compute_concentration(money: MoneyFlows) -> pl.DataFrame:
    """Compute the shares of the top 1, 5 and 10 partners and the Herfindahl index (0 to 1), by measure and period."""
    return pl.DataFrame(
        list(_list_concentrations(build_flow_table(money), money.policy.list_periods("concentration")))
    ).sort("measure", "first", "last")


def _list_concentrations(whole: pl.DataFrame, periods: Sequence[tuple[int, int]]) -> Iterator[dict[str, object]]:
    for measure in LABELS:
        rows = whole.filter(pl.col("measure") == measure)
        covered = rows["year"].unique()
        for first, last in periods:
            years = [year for year in covered if first <= year <= last]
            totals = rows.filter(pl.col("year").is_in(years)).group_by("partner").agg(pl.col("value").sum())
            # A partner with a net return over the whole period has no share of what was paid.
            positive = totals.filter(pl.col("value") > 0).sort("value", "partner", descending=[True, False])
            if years and not positive.is_empty():
                shares = positive["value"] / positive["value"].sum()
                yield {
                    "measure": measure, "first": min(years), "last": max(years), "partners": positive.height,
                    "largest": positive["partner"][0], **{f"top{top}": shares.head(top).sum() for top in TOP_COUNTS},
                    "herfindahl": (shares**2).sum(),
                }  # fmt: skip


def compute_pools(money: MoneyFlows) -> pl.DataFrame:
    """Compute by year and measure the dollars and shares of be wary, Europe and East Asia."""
    value = pl.col("value")
    pools = {
        "wary": pl.col("posture") == "be_wary",
        "europe": pl.col("region") == EUROPE_REGION,
        "asia": pl.col("region") == ASIA_REGION,
    }
    sums = [value.filter(holds).sum().alias(name) for name, holds in pools.items()]
    rows = (
        build_flow_table(money)
        .group_by("year", "measure")
        .agg(value.sum().alias("total"), *sums)
        .sort("measure", "year")
    )
    return rows.with_columns((pl.col(name) / pl.col("total")).alias(f"{name}_share") for name in pools)
