"""An answered request as a page and tables, written aside and moved into place."""

from pathlib import Path

import polars as pl

from features.snapshot.cards import RAW
from risk.outputs.table_rows import type_rows
from risk.outputs.writing import staged_outputs, write_csv
from risk.portfolio.policy import read_portfolio_policy
from risk.portfolio.table_rows import PlannedGroup, PlannedRow, Sums
from risk.portfolio.tables import FOLDER, given_money
from risk.portfolio.what_if.plan import MILLION
from risk.portfolio.what_if.solve import WhatIf, what_if
from risk.report.contracts.chart import Bar
from risk.report.contracts.portfolio import BarGroup, PlannedLine, WhatIfPage
from risk.report.formatting import money, phrase
from risk.report.html import what_if_page
from risk.report.inputs import Given
from risk.report.partner.summary import read_footer
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK

CHARTED = 20


def answer(path: Path, given: Given, out: Path) -> WhatIf:
    """Answer a request file and write out/portfolio/what_if.html, what_if.csv and what_if_prices.csv.

    Raises BadInput for a request that cannot be read or kept; an earlier answer then stays as it was.
    """
    result = what_if(path, given_money(given, read_portfolio_policy(read_rulebook(RULEBOOK)), RAW))
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    with staged_outputs(out / FOLDER) as staging:
        write_csv(result.rows, staging / "what_if.csv")
        write_csv(priced(result), staging / "what_if_prices.csv")
        (staging / "what_if.html").write_bytes(what_if_page(answer_summary(result, given)).encode())
    return result


def priced(result: WhatIf) -> pl.DataFrame:
    """Every binding limit: asked, kind, about, end, points a million (empty where it cannot move), words."""
    rows = [
        {key: getattr(price, key) for key in ("asked", "kind", "about", "end", "points", "words")}
        for price in result.prices
    ]
    schema = dict.fromkeys(("asked", "kind", "about", "end"), pl.String) | {"points": pl.Float64, "words": pl.String}
    return pl.DataFrame(rows, schema=schema)


def answer_summary(result: WhatIf, given: Given) -> WhatIfPage:
    """All that the page says."""
    rows = type_rows(result.rows, PlannedRow)
    told = [price.words for price in result.prices if price.words]
    return {
        **read_footer(given),
        "title": result.request.title,
        "asked": asked(result),
        "objective": result.objective,
        "notes": result.notes,
        "prices": told,
        "more": len(result.prices) - len(told),
        "largest": [_bar(row["partner"], row) for row in rows[:CHARTED]],
        "groups": [_bars(result, kind) for kind in ("region", "posture")],
        "moved": sum(abs(row["change_usd"]) > MILLION / 100 for row in rows),
        "rows": [_row(row) for row in rows],
    }


def asked(result: WhatIf) -> list[tuple[str, str]]:
    """The request in a few lines: base, budget, change in hands, points."""
    base = result.request.base
    years = f"FY{base.first}" if base.first == base.last else f"average of FY{base.first} to FY{base.last}"
    before, after = (float(result.rows[column].sum()) for column in ("before_usd", "after_usd"))
    hands = float(result.rows.filter(pl.col("change_usd") > 0)["change_usd"].sum())
    accounts = ", ".join(result.request.accounts)
    return [
        ("Base", f"{years}{f', accounts {accounts}' if accounts else ''}: {money(before)}"),
        ("Budget", money(after)),
        ("Partners", str(result.rows.height)),
        ("Added to some partners", money(hands)),
        ("Points before", f"{result.points_before:,.0f}"),
        ("Points after", f"{result.points_after:,.0f}"),
    ]


def signed(value: float) -> str:
    """A change with its sign; what is under ten thousand dollars is none."""
    if abs(value) < MILLION / 100:
        return "0"
    return f"+{money(value)}" if value > 0 else money(value)


def _bars(result: WhatIf, kind: str) -> BarGroup:
    groups = result.groups.filter(group=kind).sort("after_usd", "name", descending=[True, False])
    return {"kind": phrase(kind), "rows": [_bar(_name(row), row) for row in type_rows(groups, PlannedGroup)]}


def _name(row: PlannedGroup) -> str:
    return row["name"] if row["group"] == "region" else phrase(row["name"])


def _bar(name: str, row: Sums) -> Bar:
    return {
        "name": name,
        "said": f"{money(row['after_usd'])} ({signed(row['change_usd'])})",
        "value": row["after_usd"],
        "before": row["before_usd"],
    }


def _row(row: PlannedRow) -> PlannedLine:
    return {
        "iso3": row["iso3"],
        "partner": row["partner"],
        "region": row["region"],
        "tier": row["tier"],
        "limit": row["limit"],
        "posture": phrase(row["posture"]),
        "points": f"{row['points']:g}",
        "before": money(row["before_usd"]),
        "after": money(row["after_usd"]),
        "change": signed(row["change_usd"]),
        "triggers": ", ".join(phrase(name) for name in row["triggers"].split(";") if name),
    }
