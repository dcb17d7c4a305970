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
from risk.portfolio.policy import PortfolioPolicy, read_portfolio_policy
from risk.portfolio.public_claims import define_figures, figures
from risk.portfolio.recent_windows import account_periods, recent_groups, recent_partners, windowed
from risk.portfolio.summary import portfolio_summary
from risk.portfolio.verdicts import check_bounds, check_definitions, write_verdict
from risk.report.contracts.portfolio import PortfolioPage
from risk.report.html import portfolio_page
from risk.report.inputs import Given
from risk.rules.files import RulebookFiles, read_rulebook
from risk.rules.loading import RULEBOOK

Tables = Mapping[str, pl.DataFrame]
FOLDER, PAGE = "portfolio", "portfolio.html"
# Small views of the others: on the page, in no file of their own.
UNWRITTEN = ("recent_groups", "recent_partners", "account_periods")


def given_money(given: Given, policy: PortfolioPolicy, raw: Path) -> Money:
    """The money of a snapshot beside the partners of a run, read by a rulebook's policy."""
    return load_money(pl.DataFrame(list(given.partners.values()), infer_schema_length=None), policy, raw)


def portfolio_tables(given: Given, money: Money, raw: Path) -> Tables:
    """All tables by name; those of UNWRITTEN are for the page alone."""
    windows, policy = windowed(money), money.policy
    return {
        "by_partner": by_partner(money),
        "by_group": by_group(money),
        "by_year": by_year(money),
        "by_account": by_account(money),
        "concentration": concentration(money),
        "pools": pools(money),
        "claims": figures(money, load_total_aid(raw)),
        "objectives": competing(given.partners, given.standing, given.decisions, policy.tensions),
        "recent_groups": recent_groups(windows),
        "recent_partners": recent_partners(windows, [one.series for one in policy.windows]),
        "account_periods": account_periods(money),
    }


def write_tables(folder: Path, tables: Tables) -> None:
    """Write each table as Parquet and CSV; the same tables give the same bytes."""
    folder.mkdir(exist_ok=True)
    for name, frame in tables.items():
        if name not in UNWRITTEN:
            write_parquet(frame, folder / f"{name}.parquet")
            write_csv(frame, folder / f"{name}.csv")


def write_portfolio(reports: Path, given: Given, out: Path, raw: Path, policy: PortfolioPolicy) -> None:
    """Write the page beside the other pages, and the tables beside them; an earlier what-if in `out` stays."""
    tables, summary = _summarize_portfolio(given, raw, policy)
    (reports / PAGE).write_bytes(portfolio_page(summary).encode())
    folder = reports.parent / FOLDER
    write_tables(folder, tables)
    for earlier in sorted((out / FOLDER).glob("what_if*")):
        copyfile(earlier, folder / earlier.name)


def renew(given: Given, out: Path, raw: Path = RAW, rulebook: Path = RULEBOOK) -> PortfolioPage:
    """Write the tables of the last run again, and return what the page says of them."""
    tables, summary = _summarize_portfolio(given, raw, read_portfolio_policy(read_rulebook(rulebook)))
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    with staged_outputs(out / FOLDER) as staging:
        write_tables(staging, tables)
    return summary


def check_portfolio(rulebook: RulebookFiles, schema: pl.Schema, raw: Path) -> PortfolioPolicy:
    """Read a rulebook's policy of the portfolio and hold it to a standing's columns and to the snapshot's figures."""
    policy = read_portfolio_policy(rulebook, schema)
    nobody = pl.DataFrame(schema=dict.fromkeys(("iso3", "tier", "posture", "triggers"), pl.String))
    defined = define_figures(load_money(nobody, policy, raw), load_total_aid(raw))
    check_definitions(policy, defined)
    check_bounds(policy, defined)
    return policy


def load_total_aid(raw: Path) -> pl.DataFrame:
    """All assistance, military or not: iso3, year, usd."""
    return read_table("us_assistance", "aid", raw).rename({"usaid_total_usd": "usd"})


def _summarize_portfolio(given: Given, raw: Path, policy: PortfolioPolicy) -> tuple[Tables, PortfolioPage]:
    money = given_money(given, policy, raw)
    tables, defined = portfolio_tables(given, money, raw), define_figures(money, load_total_aid(raw))
    check_definitions(policy, defined)
    verdicts = {claim.id: write_verdict(claim, defined) for claim in policy.claims}
    return tables, portfolio_summary(given, tables, policy, verdicts)
