"""United States assistance by fiscal year, from the Greenbook and, after 2020, ForeignAssistance.gov."""

from pathlib import Path

import polars as pl

from features.partners import to_partner
from features.sources.published import read_published

GREENBOOK = "us_assistance/military_country_fy_account_1946_2020.csv"
RECENT = "us_assistance/us_military_assistance_FY2021_2025.csv"
ALL_AID = "us_assistance/us_foreign_aid_country_2025-12.csv.gz"
FINANCING = ["Foreign Military Financing Program", "Foreign Military Financing, Direct Loan Program Account"]
TRAINING = ["International Military Education and Training"]


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `military`, `accounts` and `aid`, one row a state and fiscal year, in current US dollars."""
    greenbook = _greenbook(folder)
    amounts = pl.concat([greenbook.select("iso3", "year", "current_usd"), _recent(folder)])
    account, dollars = pl.col("account"), pl.col("current_usd")
    return {
        "military": amounts.group_by("iso3", "year").agg(usmil_assistance_usd=dollars.sum()),
        "accounts": greenbook.group_by("iso3", "year").agg(
            usmil_fmf_usd=dollars.filter(account.is_in(FINANCING)).sum(),
            usmil_imet_usd=dollars.filter(account.is_in(TRAINING)).sum(),
            usmil_other_usd=dollars.filter(~account.is_in(FINANCING + TRAINING)).sum(),
        ),
        "aid": _aid(folder),
    }


def _greenbook(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {
        "country": pl.String,
        "fiscal_year": pl.Int64,
        "account": pl.String,
        "current_usd": pl.Float64,
    }
    rows = read_published(folder, GREENBOOK, types).rename({"fiscal_year": "year"})
    return to_partner(rows, "country", "name", "us_assistance")


def _recent(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {
        "fiscal_year": pl.Int64,
        "iso3": pl.String,
        "obligations_usd": pl.Float64,
    }
    rows = read_published(folder, RECENT, types).rename({"fiscal_year": "year", "obligations_usd": "current_usd"})
    return to_partner(rows, "iso3", "iso3", "us_assistance")


def _aid(folder: Path) -> pl.DataFrame:
    columns = ["Country Code", "Country Name", "Transaction Type Name", "Fiscal Year"]
    types: dict[str, type[pl.DataType]] = dict.fromkeys(columns, pl.String)
    rows = read_published(folder, ALL_AID, types | {"current_amount": pl.Float64})
    code = pl.col("Country Code")
    obligations = rows.filter(pl.col("Transaction Type Name") == "Obligations").select(
        # Former states share the code NULL and are told apart by name only.
        code=pl.when(code == "NULL").then("Country Name").otherwise(code),
        # The transition quarter of 1976, written 1976tq, counts with its year.
        year=pl.col("Fiscal Year").str.slice(0, 4).cast(pl.Int64),
        amount="current_amount",
    )
    tidy = to_partner(obligations, "code", "iso3", "us_assistance")
    return tidy.group_by("iso3", "year").agg(usaid_total_usd=pl.col("amount").sum())
