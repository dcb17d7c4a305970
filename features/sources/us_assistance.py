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
# What `usmil_other_usd` is made of since 2001; small and lapsed accounts are left to the difference.
PROGRAMMES = {
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
FIRST_PROGRAMME_YEAR = 2001


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `military`, `accounts`, `programmes` and `aid`, one row a state and fiscal year, in current US dollars.

    `elsewhere` is what went to regions and to no partner, one row a fiscal year.
    """
    published, newer = _published_greenbook(folder), _published_recent(folder)
    greenbook = to_partner(published, "country", "name", "us_assistance")
    recent = to_partner(newer, "iso3", "iso3", "us_assistance")
    amounts = pl.concat([greenbook.select("iso3", "year", "current_usd"), recent])
    account, dollars = pl.col("account"), pl.col("current_usd")
    return {
        "military": amounts.group_by("iso3", "year").agg(usmil_assistance_usd=dollars.sum()),
        "accounts": greenbook.group_by("iso3", "year").agg(
            usmil_fmf_usd=dollars.filter(account.is_in(FINANCING)).sum(),
            usmil_imet_usd=dollars.filter(account.is_in(TRAINING)).sum(),
            usmil_other_usd=dollars.filter(~account.is_in(FINANCING + TRAINING)).sum(),
        ),
        "programmes": _programmes(greenbook),
        "elsewhere": _elsewhere(
            pl.concat([rows.select("year", "current_usd") for rows in (published, newer)]), amounts
        ),
        "aid": _aid(folder),
    }


def _programmes(greenbook: pl.DataFrame) -> pl.DataFrame:
    """What each programme spent where, without the states in which none of them did."""
    account, dollars = pl.col("account"), pl.col("current_usd")
    listed = [name for names in PROGRAMMES.values() for name in names]
    rows = greenbook.filter(pl.col("year") >= FIRST_PROGRAMME_YEAR, account.is_in(listed))
    return rows.group_by("iso3", "year").agg(
        dollars.filter(account.is_in(names)).sum().alias(column) for column, names in PROGRAMMES.items()
    )


def _elsewhere(everything: pl.DataFrame, amounts: pl.DataFrame) -> pl.DataFrame:
    whole, partners = (
        rows.filter(pl.col("year") >= FIRST_PROGRAMME_YEAR).group_by("year").agg(pl.col("current_usd").sum())
        for rows in (everything, amounts)
    )
    both = whole.join(partners, on="year", suffix="_partners")
    return both.select("year", usmil_elsewhere_usd=pl.col("current_usd") - pl.col("current_usd_partners"))


def _published_greenbook(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {
        "country": pl.String,
        "fiscal_year": pl.Int64,
        "account": pl.String,
        "current_usd": pl.Float64,
    }
    return read_published(folder, GREENBOOK, types).rename({"fiscal_year": "year"})


def _published_recent(folder: Path) -> pl.DataFrame:
    types: dict[str, type[pl.DataType]] = {
        "fiscal_year": pl.Int64,
        "iso3": pl.String,
        "obligations_usd": pl.Float64,
    }
    return read_published(folder, RECENT, types).rename({"fiscal_year": "year", "obligations_usd": "current_usd"})


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
