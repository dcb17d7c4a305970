"""Every table of the portfolio, made together from one run's outputs and the snapshot, and written."""

from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile

import polars as pl

from features.snapshot.cards import RAW, read_table
from risk.outputs.writing import staged_outputs, write_csv, write_parquet
from risk.portfolio.breakdowns import by_account, by_group, by_partner, by_year, concentration, pools
from risk.portfolio.competing_objectives import competing
from risk.portfolio.flows import Money, load_money
from risk.portfolio.public_claims import figures
from risk.portfolio.recent_windows import account_periods, recent_groups, recent_partners, windowed
from risk.portfolio.summary import portfolio_summary
from risk.report.html import portfolio_page
from risk.report.inputs import Given, Row

Tables = Mapping[str, pl.DataFrame]
FOLDER, PAGE = "portfolio", "portfolio.html"
# Small views of the others: on the page, in no file of their own.
UNWRITTEN = ("recent_groups", "recent_partners", "account_periods")


def given_money(given: Given, raw: Path = RAW) -> Money:
    """The money of the snapshot beside the partners of a run."""
    return load_money(pl.DataFrame(list(given.partners.values()), infer_schema_length=None), raw)


def portfolio_tables(given: Given, money: Money, raw: Path = RAW) -> Tables:
    """All tables by name; those of UNWRITTEN are for the page alone."""
    total = read_table("us_assistance", "aid", raw).rename({"usaid_total_usd": "usd"})
    windows = windowed(money)
    return {
        "by_partner": by_partner(money),
        "by_group": by_group(money),
        "by_year": by_year(money),
        "by_account": by_account(money),
        "concentration": concentration(money),
        "pools": pools(money),
        "claims": figures(money, total),
        "objectives": competing(given.partners, given.standing, given.decisions),
        "recent_groups": recent_groups(windows),
        "recent_partners": recent_partners(windows),
        "account_periods": account_periods(money),
    }


def write_tables(folder: Path, tables: Tables) -> None:
    """Write each table as Parquet and CSV; the same tables give the same bytes."""
    folder.mkdir(exist_ok=True)
    for name, frame in tables.items():
        if name not in UNWRITTEN:
            write_parquet(frame, folder / f"{name}.parquet")
            write_csv(frame, folder / f"{name}.csv")


def write_portfolio(reports: Path, given: Given, out: Path) -> None:
    """Write the page beside the other pages, and the tables beside them; an earlier what-if in `out` stays."""
    tables = portfolio_tables(given, given_money(given))
    (reports / PAGE).write_bytes(portfolio_page(portfolio_summary(given, tables)).encode())
    folder = reports.parent / FOLDER
    write_tables(folder, tables)
    for earlier in sorted((out / FOLDER).glob("what_if*")):
        copyfile(earlier, folder / earlier.name)


def renew(given: Given, out: Path) -> Row:
    """Write the tables of the last run again, and return what the page says of them."""
    tables = portfolio_tables(given, given_money(given))
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    with staged_outputs(out / FOLDER) as staging:
        write_tables(staging, tables)
    return portfolio_summary(given, tables)
