"""The content of the portfolio page as texts and numbers."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from risk.outputs.table_rows import type_rows
from risk.portfolio.breakdowns import ASIA_REGION, EUROPE_REGION
from risk.portfolio.flows import NOT_REVIEWED
from risk.portfolio.policy import PortfolioPolicy
from risk.portfolio.policy_types import NamedPartner, Window
from risk.portfolio.portfolio_rows import AccountSum, ClaimRow, GroupSum, LargestShares, PoolSum, YearSum
from risk.portfolio.series import ASSISTANCE, FIRST_YEAR, LABELS
from risk.report.contracts.chart import Flow, Flows
from risk.report.contracts.portfolio import (
    AccountLine,
    Accounts,
    Cell,
    ClaimFigure,
    ClaimLine,
    Concentration,
    GroupLine,
    Pool,
    PortfolioPage,
    Recipient,
    TensionRow,
)
from risk.report.formatting import format_count, format_money, format_name, format_percent
from risk.report.inputs import ReportInputs
from risk.report.labels import SHOWN_TIERS
from risk.report.partner.summary import read_footer

POSTURE_ORDER = ("invest", "condition", "limit", "be_wary", "referred", NOT_REVIEWED)
GROUP_ORDERS = {"tier": (*SHOWN_TIERS, NOT_REVIEWED), "posture": POSTURE_ORDER, "region": ()}
LAST_CHART_YEAR = 2025
TOP_PARTNERS, TOP_WARY = 25, 10
BLANK_CELL = "–"


def summarize_portfolio(
    given: ReportInputs, tables: Mapping[str, pl.DataFrame], policy: PortfolioPolicy, verdicts: Mapping[str, str]
) -> PortfolioPage:
    """Build the page's content; verdicts: the data's verdict on each claim, by claim ID."""
    groups, series = tables["recent_groups"], [window.series for window in policy.windows]
    return {
        **read_footer(given),
        "lead": list(_format_lead_sentences(groups, tables["concentration"], tables["recent_partners"], policy)),
        "windows": [
            {"label": LABELS[window.series], "years": format_window_years(window)} for window in policy.windows
        ],
        "groups": [{"kind": format_name(kind), "rows": _build_group(groups, kind, series)} for kind in GROUP_ORDERS],
        "years": _build_year_chart(tables["by_year"]),
        "pools": _build_pool_rows(tables["pools"]),
        "accounts": _build_account_table(tables["account_periods"]),
        "concentration": [_build_concentration(row) for row in type_rows(tables["concentration"], LargestShares)],
        "wary": _build_partner_rows(tables["recent_partners"].filter(posture="be_wary"), TOP_WARY, series),
        "top": _build_partner_rows(tables["recent_partners"], TOP_PARTNERS, series),
        "said_by": "; ".join(dict.fromkeys(claim.reference.cite for claim in policy.claims)),
        "claims": [
            _build_public_claim(claim.id, claim.said, verdicts[claim.id], tables["claims"]) for claim in policy.claims
        ],
        "tensions": type_rows(tables["objectives"], TensionRow),
        "holes": [f"{LABELS[gap.series]}: {gap.told}" for gap in policy.data_gaps],
        "notes": [source.note for source in policy.source_notes],
    }


def format_window_years(window: Window) -> str:
    """Format the years of a window: fiscal years for assistance."""
    return f"{'FY' if window.series == ASSISTANCE else ''}{window.first}–{window.last}"


def format_measure_value(measure: str, value: float | None) -> str:
    """Format a sum in dollars, or a number of notifications; a dash if missing."""
    if value is None:
        return BLANK_CELL
    return f"{value:,.0f}" if measure == "dsca_notifications" else format_money(value)


def format_share(share: float | None) -> str:
    """Format a share in percent; an exact zero as 0%."""
    return BLANK_CELL if share is None else "0%" if share == 0 else str(format_percent(share))


def _find_group(groups: pl.DataFrame, group: str, name: str, measure: str = ASSISTANCE) -> GroupSum:
    rows = type_rows(groups.filter(group=group, name=name, measure=measure), GroupSum)
    return rows[0] if rows else {"value": 0.0, "share": 0.0, "partners": 0}


def _format_lead_sentences(
    groups: pl.DataFrame, shares: pl.DataFrame, partners: pl.DataFrame, policy: PortfolioPolicy
) -> Iterator[str]:
    window = policy.find_window(ASSISTANCE)
    first, last = window.first, window.last
    years = f"FY{first} to FY{last}"
    whole = float(groups.filter(group="region", measure=ASSISTANCE)["value"].sum())
    tops = shares.filter(measure=ASSISTANCE, first=first, last=last).to_dicts()
    if tops:
        yield (
            f"Of {format_money(whole)} of military assistance listed in {years}, the five largest recipients took "
            f"{format_share(tops[0]['top5'])} and {tops[0]['largest']} alone {format_share(tops[0]['top1'])}; "
            f"{format_count(max(tops[0]['partners'] - 5, 0), 'partner')} share the rest."
        )
    wary = _find_group(groups, "posture", "be_wary")
    named = _name_partner(policy.find_named("be_wary"), partners.filter(posture="be_wary"))
    yield (
        f"{format_money(wary['value'])} ({format_share(wary['share'])}) went to "
        f"{format_count(wary['partners'], 'partner')} whose "
        f"strategic value is low and whose record is poor as they stand today (be wary); "
        f"{named}."
    )
    europe, asia = (_find_group(groups, "region", name) for name in (EUROPE_REGION, ASIA_REGION))
    named = _name_partner(policy.find_named("europe"), partners.filter(region=EUROPE_REGION))
    yield (
        f"Europe and Central Asia took {format_share(europe['share'])}, {named}; East Asia and "
        f"the Pacific {format_share(asia['share'])}."
    )


def _name_partner(named: NamedPartner, partners: pl.DataFrame) -> str:
    """Format a partner and its sum of assistance in the rulebook's wording."""
    return named.words.format(usd=format_money(float(partners.filter(iso3=named.partner)[ASSISTANCE].sum())))


def _build_group(groups: pl.DataFrame, kind: str, series: Sequence[str]) -> list[GroupLine]:
    rows = groups.filter(group=kind)
    names = sorted(rows["name"].unique())
    order = GROUP_ORDERS[kind]
    ranked = sorted(names, key=lambda name: order.index(name) if name in order else len(order))
    if not order:
        ranked = sorted(names, key=lambda name: -_find_group(groups, kind, name)["value"])
    return [_build_group_row(groups, kind, name, series) for name in ranked]


def _build_group_row(groups: pl.DataFrame, kind: str, name: str, series: Sequence[str]) -> GroupLine:
    sums = {measure: _find_group(groups, kind, name, measure) for measure in series}
    cells: list[Cell] = [
        {"value": format_measure_value(measure, row["value"]), "share": format_share(row["share"])}
        for measure, row in sums.items()
    ]
    return {
        "name": name if kind == "region" else format_name(name),
        "partners": sums[ASSISTANCE]["partners"],
        "cells": cells,
        "share": sums[ASSISTANCE]["share"],
        "said": f"{cells[0]['value']}, {cells[0]['share']}",
    }


def _build_year_chart(by_year: pl.DataFrame) -> Flows:
    """Build the series for charts.money; a year outside a source's coverage has no value."""
    years = list(range(FIRST_YEAR, LAST_CHART_YEAR + 1))
    series = [_build_year_series(by_year, measure, label, years) for measure, label in LABELS.items()]
    return {"years": years, "series": series}


def _build_year_series(by_year: pl.DataFrame, measure: str, label: str, years: Sequence[int]) -> Flow:
    rows = {row["year"]: row for row in type_rows(by_year.filter(measure=measure), YearSum)}
    values = [rows[year]["value"] if year in rows else None for year in years]
    words = [_format_year_cell(measure, rows.get(year)) for year in years]
    known = [value for value in values if value is not None]
    text = ", ".join(f"{year} {word}" for year, word in zip(years, words, strict=True))
    return {
        "label": label,
        "values": values,
        "words": words,
        "told": text,
        "top": format_measure_value(measure, max(known)) if known else None,
    }


def _format_year_cell(measure: str, row: YearSum | None) -> str:
    if row is None:
        return BLANK_CELL
    return f"{'at least ' if row['at_least'] else ''}{format_measure_value(measure, row['value'])}"


def _build_pool_rows(pools: pl.DataFrame) -> list[Pool]:
    """Build yearly rows of assistance to be wary, Europe and East Asia, with shares."""
    rows = pools.filter(pl.col("measure") == ASSISTANCE, pl.col("year") <= LAST_CHART_YEAR).sort(
        "year", descending=True
    )
    return [
        {
            "year": f"FY{row['year']}",
            "total": format_money(row["total"]),
            "wary": f"{format_money(row['wary'])} ({format_share(row['wary_share'])})",
            "europe": f"{format_money(row['europe'])} ({format_share(row['europe_share'])})",
            "asia": f"{format_money(row['asia'])} ({format_share(row['asia_share'])})",
            "both": format_share(row["europe_share"] + row["asia_share"]),
        }
        for row in type_rows(rows, PoolSum)
    ]


def _build_account_table(periods: pl.DataFrame) -> Accounts:
    spans = periods.select("first", "last").unique(maintain_order=True).rows()
    labels = periods["label"].unique(maintain_order=True).to_list()
    cells = {(row["label"], row["first"], row["last"]): row for row in type_rows(periods, AccountSum)}
    rows: list[AccountLine] = [
        {"label": label, "cells": [_build_account_cell(cells.get((label, first, last))) for first, last in spans]}
        for label in labels
    ]
    return {"periods": [f"FY{first}–{last}" for first, last in spans], "rows": rows}


def _build_account_cell(row: AccountSum | None) -> Cell:
    return (
        {"value": format_money(row["value"]), "share": format_share(row["share"])}
        if row
        else {"value": "0", "share": "0%"}
    )


def _build_concentration(row: LargestShares) -> Concentration:
    return {
        "label": LABELS[row["measure"]],
        "years": f"{row['first']}–{row['last']}",
        "partners": row["partners"],
        "largest": row["largest"],
        "top1": format_share(row["top1"]),
        "top5": format_share(row["top5"]),
        "top10": format_share(row["top10"]),
        "herfindahl": f"{row['herfindahl']:.2f}",
    }


def _build_partner_rows(rows: pl.DataFrame, count: int, series: Sequence[str]) -> list[Recipient]:
    return [
        {
            "iso3": row["iso3"],
            "partner": row["partner"],
            "region": row["region"],
            "tier": row["tier"],
            "posture": format_name(row["posture"]),
            "linked": row["posture"] != NOT_REVIEWED,
            "cells": [format_measure_value(measure, row[measure]) for measure in series],
        }
        for row in rows.head(count).iter_rows(named=True)
    ]


def _build_public_claim(id_: str, text: str, verdict: str, figures: pl.DataFrame) -> ClaimLine:
    rows: list[ClaimFigure] = [
        {
            "definition": row["definition"],
            "years": row["years"],
            "figure": format_money(row["figure"]) if row["unit"] == "dollars" else f"{row['figure']:.1%}",
            "source": row["source"],
        }
        for row in type_rows(figures.filter(claim=id_), ClaimRow)
    ]
    return {"said": text, "verdict": verdict, "figures": rows}
