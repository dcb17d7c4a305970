"""Dollars and notifications by partner and year from the snapshot; unknown values stay null."""

from dataclasses import dataclass

import polars as pl

from features.partners import load_partners
from features.snapshot.snapshot import Snapshot
from risk.portfolio.data_gaps import is_lower_bound, is_unreadable
from risk.portfolio.policy import PortfolioPolicy
from risk.portfolio.series import ASSISTANCE, FIRST_YEAR

ACCOUNT_LABELS = {
    "usmil_fmf_usd": "Foreign Military Financing",
    "usmil_imet_usd": "Military education and training (IMET)",
    "usmil_forces_funds_usd": "Afghan, Iraqi and Pakistani forces; against ISIS",
    "usmil_drugs_usd": "Counter-drug, Defense",
    "usmil_peacekeeping_usd": "Peacekeeping operations",
    "usmil_threat_reduction_usd": "Cooperative threat reduction",
    "usmil_excess_usd": "Excess defense articles",
    "usmil_operations_usd": "Operations funds, Defense",
    "usmil_rest_usd": "Rest",
}
NOT_REVIEWED = "not reviewed"


# Compared by identity, so that results computed from one can be cached.
@dataclass(frozen=True, eq=False)
class MoneyFlows:
    """Assistance and arms sales since FIRST_YEAR.

    aid: iso3, year, usd (null in a data gap), at_least; accounts: iso3, year, account, usd (to 2020); loans: iso3,
    year, usd; sales: iso3, year, measure, value; elsewhere: year, usd; partners: iso3, partner, region, tier,
    posture, triggers; policy: the rulebook's windows, gaps and periods.
    """

    aid: pl.DataFrame
    accounts: pl.DataFrame
    loans: pl.DataFrame
    sales: pl.DataFrame
    elsewhere: pl.DataFrame
    partners: pl.DataFrame
    policy: PortfolioPolicy


def load_money_flows(decided: pl.DataFrame, policy: PortfolioPolicy, snapshot: Snapshot) -> MoneyFlows:
    """Read the snapshot, beside the partners as the last run decided on them (iso3, tier, posture, triggers)."""
    aid = _select_years(snapshot.read_table("us_assistance", "military")).rename({ASSISTANCE: "usd"})
    split = _select_years(snapshot.read_table("us_assistance", "programmes"))
    empty, part = (known(policy.data_gaps, ASSISTANCE) for known in (is_unreadable, is_lower_bound))
    return MoneyFlows(
        aid=aid.select("iso3", "year", usd=pl.when(~empty).then("usd"), at_least=part & ~empty),
        accounts=_build_account_rows(_select_years(snapshot.read_table("us_assistance", "accounts")), split),
        loans=split.select("iso3", "year", usd="usmil_loans_usd").filter(pl.col("usd") != 0),
        sales=_read_arms_sales(snapshot),
        elsewhere=snapshot.read_table("us_assistance", "elsewhere").rename({"usmil_elsewhere_usd": "usd"}),
        partners=_build_partner_rows(decided),
        policy=policy,
    )


def _select_years(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("year") >= FIRST_YEAR)


def _build_account_rows(accounts: pl.DataFrame, split: pl.DataFrame) -> pl.DataFrame:
    """Split the third of the three accounts by program; the remainder is the rest."""
    parts = [name for name in ACCOUNT_LABELS if name in split.columns]
    both = accounts.join(split, on=["iso3", "year"], how="left").with_columns(pl.col(parts).fill_null(0))
    whole = both.with_columns(usmil_rest_usd=pl.col("usmil_other_usd") - pl.sum_horizontal(parts))
    long = whole.unpivot(list(ACCOUNT_LABELS), index=["iso3", "year"], variable_name="account", value_name="usd")
    return long.filter(pl.col("usd") != 0).sort("iso3", "year", "account")


def _read_arms_sales(snapshot: Snapshot) -> pl.DataFrame:
    """Every sale known; a measure holds no row where its source says nothing."""
    index = ["iso3", "year"]
    totals = _select_years(snapshot.read_table("us_arms_sales", "totals"))
    notified = _select_years(snapshot.read_table("dsca", "notifications")).select(*index, "dsca_notifications")
    long = [frame.unpivot(index=index, variable_name="measure", value_name="value") for frame in (totals, notified)]
    return pl.concat(long).drop_nulls("value").sort("measure", "iso3", "year")


def _build_partner_rows(decided: pl.DataFrame) -> pl.DataFrame:
    """Every state in the partner table, with the tier and posture of the last run."""
    listed = load_partners().select("iso3", pl.col("name").alias("partner"), "region")
    both = listed.join(decided.select("iso3", "tier", "posture", "triggers"), on="iso3", how="left")
    return both.with_columns(pl.col("tier", "posture").fill_null(NOT_REVIEWED), pl.col("triggers").fill_null(""))
