"""US assistance by fiscal year, from the Greenbook and, after 2020, ForeignAssistance.gov."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

GREENBOOK_FILE = "us_assistance/military_country_fy_account_1946_2020.csv"
RECENT_FILE = "us_assistance/us_military_assistance_FY2021_2025.csv"
ALL_AID_FILE = "us_assistance/us_foreign_aid_country_2025-12.csv.gz"
FINANCING_ACCOUNTS = ["Foreign Military Financing Program", "Foreign Military Financing, Direct Loan Program Account"]
TRAINING_ACCOUNTS = ["International Military Education and Training"]
# Components of `usmil_other_usd` since 2001; small and lapsed accounts are only part of the total.
PROGRAM_ACCOUNTS = {
    "usmil_loans_usd": ["Foreign Military Financing, Direct Loan Program Account"],
    "usmil_forces_funds_usd": [
        "Afghanistan Security Forces Fund",
        "Iraq Security Forces Fund",
        "Iraq Train and Equip Fund, Army",
        "Counter - ISIS Train and Equip Fund, Army",
        "Iraq Relief and Reconstruction Fund, Executive Office of the President",
        "Pakistan Counterinsurgency Fund",
    ],
    "usmil_drugs_usd": ["Drug Interdiction and Counter-Drug Activities, Defense"],
    "usmil_peacekeeping_usd": ["Peace Keeping Operations"],
    "usmil_threat_reduction_usd": ["Cooperative Threat Reduction Account, Defense"],
    "usmil_excess_usd": ["Excess Defense Articles"],
    "usmil_operations_usd": [
        "Operation and Maintenance, Defense-Wide",
        "Operations and Maintenance, Army",
        "Operation and Maintenance, Navy",
        "Operation and Maintenance, Air Force",
        "Overseas Contingency Operations Transfer Fund, Defense",
    ],
}
FIRST_PROGRAM_YEAR = 2001


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `military`, `accounts`, `programmes` and `aid`, one row per state and fiscal year, in current US dollars.

    `elsewhere` is assistance to regions rather than partners, one row per fiscal year.
    """
    published, newer = _read_greenbook_rows(folder), _read_recent_rows(folder)
    greenbook = map_to_partners(published, "country", "name", "us_assistance")
    recent = map_to_partners(newer, "iso3", "iso3", "us_assistance")
    amounts = pl.concat([greenbook.select("iso3", "year", "current_usd"), recent])
    account, dollars = pl.col("account"), pl.col("current_usd")
    return {
        "military": amounts.group_by("iso3", "year").agg(usmil_assistance_usd=dollars.sum()),
        "accounts": greenbook.group_by("iso3", "year").agg(
            usmil_fmf_usd=dollars.filter(account.is_in(FINANCING_ACCOUNTS)).sum(),
            usmil_imet_usd=dollars.filter(account.is_in(TRAINING_ACCOUNTS)).sum(),
            usmil_other_usd=dollars.filter(~account.is_in(FINANCING_ACCOUNTS + TRAINING_ACCOUNTS)).sum(),
        ),
        "programmes": _compile_programs(greenbook),
        "elsewhere": _compile_elsewhere(
            pl.concat([rows.select("year", "current_usd") for rows in (published, newer)]), amounts
        ),
        "aid": _compile_aid(folder),
    }


def _compile_programs(greenbook: pl.DataFrame) -> pl.DataFrame:
    """Spending by program, state and fiscal year, without rows in which no program spent."""
    account, dollars = pl.col("account"), pl.col("current_usd")
    listed = [name for names in PROGRAM_ACCOUNTS.values() for name in names]
    rows = greenbook.filter(pl.col("year") >= FIRST_PROGRAM_YEAR, account.is_in(listed))
    return rows.group_by("iso3", "year").agg(
        dollars.filter(account.is_in(names)).sum().alias(column) for column, names in PROGRAM_ACCOUNTS.items()
    )


def _compile_elsewhere(everything: pl.DataFrame, amounts: pl.DataFrame) -> pl.DataFrame:
    total, partners = (
        rows.filter(pl.col("year") >= FIRST_PROGRAM_YEAR).group_by("year").agg(pl.col("current_usd").sum())
        for rows in (everything, amounts)
    )
    both = total.join(partners, on="year", suffix="_partners")
    return both.select("year", usmil_elsewhere_usd=pl.col("current_usd") - pl.col("current_usd_partners"))


def _read_greenbook_rows(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {
        "country": pl.String,
        "fiscal_year": pl.Int64,
        "account": pl.String,
        "current_usd": pl.Float64,
    }
    return read_published(folder, GREENBOOK_FILE, types).rename({"fiscal_year": "year"})


def _read_recent_rows(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {
        "fiscal_year": pl.Int64,
        "iso3": pl.String,
        "obligations_usd": pl.Float64,
    }
    return read_published(folder, RECENT_FILE, types).rename({"fiscal_year": "year", "obligations_usd": "current_usd"})


def _compile_aid(folder: Path) -> pl.DataFrame:
    columns = ["Country Code", "Country Name", "Transaction Type Name", "Fiscal Year"]
    types: dict[str, type[pl.DataType]] = dict.fromkeys(columns, pl.String)
    rows = read_published(folder, ALL_AID_FILE, types | {"current_amount": pl.Float64})
    code = pl.col("Country Code")
    obligations = rows.filter(pl.col("Transaction Type Name") == "Obligations").select(
        # Former states share the code NULL and can only be distinguished by name.
        code=pl.when(code == "NULL").then("Country Name").otherwise(code),
        # The transition quarter of 1976, written 1976tq, counts with its year.
        year=pl.col("Fiscal Year").str.slice(0, 4).cast(pl.Int64),
        amount="current_amount",
    )
    tidy = map_to_partners(obligations, "code", "iso3", "us_assistance")
    return tidy.group_by("iso3", "year").agg(usaid_total_usd=pl.col("amount").sum())
