"""The pages of the portfolio, from plain summaries."""

from collections.abc import Mapping
from typing import Any

from risk.report import charts
from risk.report.page import PAGES


def portfolio_page(summary: Mapping[str, Any]) -> str:
    """Where the money goes, what is said of it, and what pulls two ways; every value is escaped."""
    drawn = {
        "years": charts.money(summary["years"]),
        "groups": [
            charts.bars(
                f"Military assistance by {group['kind'].lower()}, {summary['windows'][0]['years']}", _bars(group)
            )
            for group in summary["groups"]
        ],
    }
    return PAGES.get_template("portfolio.html").render(page=summary, charts=drawn, script_checksum=None)


def _bars(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": row["name"], "said": row["said"], "value": row["share"]} for row in group["rows"]]


def what_if_page(summary: Mapping[str, Any]) -> str:
    """Before and after, the prices of limits, and every partner planned for."""
    drawing = charts.bars("After (filled) and before (outline), by partner", summary["largest"])
    groups = [
        charts.bars(f"After (filled) and before (outline), by {g['kind'].lower()}", g["rows"])
        for g in summary["groups"]
    ]
    return PAGES.get_template("what_if.html").render(page=summary, drawing=drawing, groups=groups, script_checksum=None)
