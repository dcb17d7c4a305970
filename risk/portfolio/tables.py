"""Builds and writes the portfolio's tables from one run's outputs and the snapshot."""

from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile

import polars as pl

from features.snapshot.snapshot import Snapshot
from risk.outputs.writing import stage_outputs, write_csv, write_parquet
from risk.portfolio.breakdowns import (
    compute_concentration,
    compute_pools,
    select_by_partner,
    sum_by_account,
    sum_by_group,
    sum_by_year,
)
from risk.portfolio.competing_objectives import list_competing_objectives
from risk.portfolio.flows import MoneyFlows, load_money_flows
from risk.portfolio.policy import PortfolioPolicy, read_portfolio_policy
from risk.portfolio.public_claims import compute_claim_figures, define_figures
from risk.portfolio.recent_windows import (
    build_account_periods,
    build_recent_groups,
    build_recent_partners,
    sum_recent_windows,
)
from risk.portfolio.summary import summarize_portfolio
from risk.portfolio.verdicts import check_bounds, check_definitions, write_verdict
from risk.report.contracts.portfolio import PortfolioPage
from risk.report.html import render_portfolio_page
from risk.report.inputs import ReportInputs
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import RulebookFiles, read_rulebook

PortfolioTables = Mapping[str, pl.DataFrame]
PORTFOLIO_FOLDER, PORTFOLIO_PAGE = "portfolio", "portfolio.html"
# Small views of the other tables: shown on the page, not written to files.
PAGE_ONLY_TABLES = ("recent_groups", "recent_partners", "account_periods")


def load_run_flows(given: ReportInputs, policy: PortfolioPolicy, snapshot: Snapshot) -> MoneyFlows:
    """The money of a snapshot beside the partners of a run, read by a rulebook's policy."""
    return load_money_flows(pl.DataFrame(list(given.partners.values()), infer_schema_length=None), policy, snapshot)


def build_portfolio_tables(given: ReportInputs, money: MoneyFlows, snapshot: Snapshot) -> PortfolioTables:
    """All tables by name; those of UNWRITTEN are for the page alone."""
    windows, policy = sum_recent_windows(money), money.policy
    return {
        "by_partner": select_by_partner(money),
        "by_group": sum_by_group(money),
        "by_year": sum_by_year(money),
        "by_account": sum_by_account(money),
        "concentration": compute_concentration(money),
        "pools": compute_pools(money),
        "claims": compute_claim_figures(money, load_total_aid(snapshot)),
        "objectives": list_competing_objectives(given.partners, given.rule_inputs, given.decisions, policy.tensions),
        "recent_groups": build_recent_groups(windows),
        "recent_partners": build_recent_partners(windows, [window.series for window in policy.windows]),
        "account_periods": build_account_periods(money),
    }


def write_portfolio_tables(folder: Path, tables: PortfolioTables) -> None:
    """Write each table as Parquet and CSV; equal tables give identical bytes."""
    folder.mkdir(exist_ok=True)
    for name, frame in tables.items():
        if name not in PAGE_ONLY_TABLES:
            write_parquet(frame, folder / f"{name}.parquet")
            write_csv(frame, folder / f"{name}.csv")


def write_portfolio_outputs(
    reports: Path, given: ReportInputs, out: Path, snapshot: Snapshot, policy: PortfolioPolicy
) -> None:
    """Write the page beside the other pages, and the tables beside them; an earlier what-if in `out` stays."""
    tables, summary = _summarize_portfolio(given, snapshot, policy)
    (reports / PORTFOLIO_PAGE).write_bytes(render_portfolio_page(summary).encode())
    folder = reports.parent / PORTFOLIO_FOLDER
    write_portfolio_tables(folder, tables)
    for earlier in sorted((out / PORTFOLIO_FOLDER).glob("what_if*")):
        copyfile(earlier, folder / earlier.name)


def rewrite_portfolio_tables(
    given: ReportInputs, out: Path, snapshot: Snapshot, rulebook: Path = RULEBOOK_FOLDER
) -> PortfolioPage:
    """Write the tables of the last run again, and return what the page says of them."""
    tables, summary = _summarize_portfolio(given, snapshot, read_portfolio_policy(read_rulebook(rulebook)))
    (out / PORTFOLIO_FOLDER).mkdir(parents=True, exist_ok=True)
    with stage_outputs(out / PORTFOLIO_FOLDER) as staging:
        write_portfolio_tables(staging, tables)
    return summary


def check_portfolio(rulebook: RulebookFiles, schema: pl.Schema, snapshot: Snapshot) -> PortfolioPolicy:
    """Read a rulebook's policy of the portfolio and hold it to a standing's columns and to the snapshot's figures."""
    policy = read_portfolio_policy(rulebook, schema)
    nobody = pl.DataFrame(schema=dict.fromkeys(("iso3", "tier", "posture", "triggers"), pl.String))
    defined = define_figures(load_money_flows(nobody, policy, snapshot), load_total_aid(snapshot))
    check_definitions(policy, defined)
    check_bounds(policy, defined)
    return policy


def load_total_aid(snapshot: Snapshot) -> pl.DataFrame:
    """All assistance, military or not: iso3, year, usd."""
    return snapshot.read_table("us_assistance", "aid").rename({"usaid_total_usd": "usd"})


def _summarize_portfolio(
    given: ReportInputs, snapshot: Snapshot, policy: PortfolioPolicy
) -> tuple[PortfolioTables, PortfolioPage]:
    money = load_run_flows(given, policy, snapshot)
    tables, defined = build_portfolio_tables(given, money, snapshot), define_figures(money, load_total_aid(snapshot))
    check_definitions(policy, defined)
    verdicts = {claim.id: write_verdict(claim, defined) for claim in policy.claims}
    return tables, summarize_portfolio(given, tables, policy, verdicts)
