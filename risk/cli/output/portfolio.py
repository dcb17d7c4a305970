"""Console output of `risk portfolio`: a summary of the tables or of a what-if request."""

from pathlib import Path

from risk.cli.output.table import print_table
from risk.portfolio.what_if.output import format_change, list_request_lines
from risk.portfolio.what_if.solve import WhatIfResult
from risk.report.contracts.portfolio import PortfolioPage
from risk.report.formatting import format_money

SHOWN_CHANGES = 12


def show_portfolio(summary: PortfolioPage, out: Path) -> None:
    """Print where the money goes, then common claims and what the data show."""
    for line in summary["lead"]:
        print(line)
    window = summary["windows"][0]
    for group in summary["groups"]:
        print(f"\n{window['label']} by {group['kind'].lower()}, {window['years']}\n")
        rows = [
            (row["name"], row["partners"], row["cells"][0]["value"], row["cells"][0]["share"]) for row in group["rows"]
        ]
        print_table((group["kind"].lower(), "partners", "dollars", "share"), rows)
    print("\nCommon claims, and what the data show\n")
    for claim in summary["claims"]:
        print(f"- {claim['said']}.\n  {claim['verdict']}")
    print(f"\nPage    {out / 'reports' / 'portfolio.html'}\nTables  {out / 'portfolio'}")


def show_what_if(result: WhatIfResult, out: Path) -> None:
    """Print the request, the largest changes, and what each limit costs."""
    print(f"{result.request.title}\n")
    print_table(("", ""), list_request_lines(result))
    print("\nThe largest changes\n")
    moved = sorted(result.rows.iter_rows(named=True), key=lambda row: (-abs(row["change_usd"]), row["iso3"]))[
        :SHOWN_CHANGES
    ]
    rows = [
        (
            row["partner"],
            row["posture"],
            f"{row['points']:g}",
            format_money(row["before_usd"]),
            format_money(row["after_usd"]),
            format_change(row["change_usd"]),
            row["limit"],
        )
        for row in moved
    ]
    print_table(("partner", "posture", "points", "before", "after", "change", "limit"), rows)
    print()
    for line in (*(price.words for price in result.prices if price.words), *result.notes):
        print(f"- {line}")
    print(f"\nPage    {out / 'portfolio' / 'what_if.html'}")
