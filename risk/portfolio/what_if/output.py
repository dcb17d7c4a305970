"""Writes a what-if result as a page and tables, staged and then moved into place."""

from pathlib import Path

import polars as pl

from features.snapshot.snapshot import Snapshot
from risk.outputs.table_rows import type_rows
from risk.outputs.writing import stage_outputs, write_csv
from risk.portfolio.policy import read_portfolio_policy
from risk.portfolio.portfolio_rows import PlannedGroup, PlannedRow, Sums
from risk.portfolio.tables import PORTFOLIO_FOLDER, load_run_flows
from risk.portfolio.what_if.plan import ONE_MILLION
from risk.portfolio.what_if.solve import WhatIfResult, solve_what_if
from risk.report.contracts.chart import Bar
from risk.report.contracts.portfolio import BarGroup, PlannedLine, WhatIfPage
from risk.report.formatting import format_money, format_name
from risk.report.html import render_what_if_page
from risk.report.inputs import ReportInputs
from risk.report.partner.summary import read_footer
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook

CHARTED_PARTNERS = 20


def write_what_if(path: Path, inputs: ReportInputs, out: Path, snapshot: Snapshot) -> WhatIfResult:
    """Answer a request file and write out/portfolio/what_if.html, what_if.csv and what_if_prices.csv.

    Raises BadInput for an unreadable or infeasible request; an earlier result then stays unchanged.
    """
    result = solve_what_if(
        path, load_run_flows(inputs, read_portfolio_policy(read_rulebook(RULEBOOK_FOLDER)), snapshot)
    )
    (out / PORTFOLIO_FOLDER).mkdir(parents=True, exist_ok=True)
    with stage_outputs(out / PORTFOLIO_FOLDER) as staging:
        write_csv(result.rows, staging / "what_if.csv")
        write_csv(build_price_table(result), staging / "what_if_prices.csv")
        (staging / "what_if.html").write_bytes(render_what_if_page(summarize_what_if(result, inputs)).encode())
    return result


def build_price_table(result: WhatIfResult) -> pl.DataFrame:
    """Return every binding limit: asked, kind, about, end, points per million (empty if it cannot move), words."""
    rows = [
        {key: getattr(price, key) for key in ("asked", "kind", "about", "end", "points", "words")}
        for price in result.prices
    ]
    schema = dict.fromkeys(("asked", "kind", "about", "end"), pl.String) | {"points": pl.Float64, "words": pl.String}
    return pl.DataFrame(rows, schema=schema)


def summarize_what_if(result: WhatIfResult, inputs: ReportInputs) -> WhatIfPage:
    """Build the page's content."""
    rows = type_rows(result.rows, PlannedRow)
    sentences = [price.words for price in result.prices if price.words]
    return {
        **read_footer(inputs),
        "title": result.request.title,
        "asked": list_request_lines(result),
        "objective": result.objective,
        "notes": result.notes,
        "prices": sentences,
        "more": len(result.prices) - len(sentences),
        "largest": [_build_chart_bar(row["partner"], row) for row in rows[:CHARTED_PARTNERS]],
        "groups": [_bars(result, kind) for kind in ("region", "posture")],
        "moved": sum(abs(row["change_usd"]) > ONE_MILLION / 100 for row in rows),
        "rows": [_build_partner_row(row) for row in rows],
    }


def list_request_lines(result: WhatIfResult) -> list[tuple[str, str]]:
    """Summarize the request: base, budget, money moved, points."""
    base = result.request.base
    years = f"FY{base.first}" if base.first == base.last else f"average of FY{base.first} to FY{base.last}"
    before, after = (float(result.rows[column].sum()) for column in ("before_usd", "after_usd"))
    added = float(result.rows.filter(pl.col("change_usd") > 0)["change_usd"].sum())
    accounts = ", ".join(result.request.accounts)
    return [
        ("Base", f"{years}{f', accounts {accounts}' if accounts else ''}: {format_money(before)}"),
        ("Budget", format_money(after)),
        ("Partners", str(result.rows.height)),
        ("Added to some partners", format_money(added)),
        ("Points before", f"{result.points_before:,.0f}"),
        ("Points after", f"{result.points_after:,.0f}"),
    ]


def format_change(value: float) -> str:
    """Format a signed change; below ten thousand dollars it is 0."""
    if abs(value) < ONE_MILLION / 100:
        return "0"
    return f"+{format_money(value)}" if value > 0 else format_money(value)


def _bars(result: WhatIfResult, kind: str) -> BarGroup:
    groups = result.groups.filter(group=kind).sort("after_usd", "name", descending=[True, False])
    return {
        "kind": format_name(kind),
        "rows": [_build_chart_bar(_name_group(row), row) for row in type_rows(groups, PlannedGroup)],
    }


def _name_group(row: PlannedGroup) -> str:
    return row["name"] if row["group"] == "region" else format_name(row["name"])


def _build_chart_bar(name: str, row: Sums) -> Bar:
    return {
        "name": name,
        "said": f"{format_money(row['after_usd'])} ({format_change(row['change_usd'])})",
        "value": row["after_usd"],
        "before": row["before_usd"],
    }


def _build_partner_row(row: PlannedRow) -> PlannedLine:
    return {
        "iso3": row["iso3"],
        "partner": row["partner"],
        "region": row["region"],
        "tier": row["tier"],
        "limit": row["limit"],
        "posture": format_name(row["posture"]),
        "points": f"{row['points']:g}",
        "before": format_money(row["before_usd"]),
        "after": format_money(row["after_usd"]),
        "change": format_change(row["change_usd"]),
        "triggers": ", ".join(format_name(name) for name in row["triggers"].split(";") if name),
    }
