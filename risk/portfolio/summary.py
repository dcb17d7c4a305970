"""All that the page of the portfolio says, as plain texts and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from risk.portfolio.breakdowns import ASIA, ASSISTANCE, EUROPE, LABELS
from risk.portfolio.data_gaps import HOLES, NOTES
from risk.portfolio.flows import NOT_REVIEWED
from risk.portfolio.public_claims import CLAIMS, SAID_BY
from risk.portfolio.recent_windows import WINDOWS
from risk.report.formatting import counted, money, percent, phrase
from risk.report.inputs import Given, Row
from risk.report.labels import TIERS

POSTURES = ("invest", "condition", "limit", "be_wary", "referred", NOT_REVIEWED)
ORDERS = {"tier": (*TIERS, NOT_REVIEWED), "posture": POSTURES, "region": ()}
FIRST, LAST = 2001, 2025
TOP, TOP_WARY = 25, 10
BLANK = "–"


def portfolio_summary(given: Given, tables: Mapping[str, pl.DataFrame]) -> Row:
    """All that the page says.

    origin, horizon, decided; lead (sentences); windows: label and years; groups: kind, rows (name, cells, partners);
    years: series for charts.money; accounts; concentration; wary; top; claims: said, verdict, figures; tensions;
    holes, notes (sentences).
    """
    score = next(iter(given.scores.values()))[0]
    groups = tables["recent_groups"]
    return {
        "origin": score["origin"],
        "horizon": f"{score['origin'] + 1}–{score['horizon_end']}",
        "decided": given.record.get("decided_as_of"),
        "lead": list(_lead(groups, tables["concentration"], tables["recent_partners"])),
        "windows": [{"label": LABELS[name], "years": years_told(name)} for name in WINDOWS],
        "groups": [{"kind": phrase(kind), "rows": _group(groups, kind)} for kind in ORDERS],
        "years": _years(tables["by_year"], tables["pools"]),
        "pools": _pools(tables["pools"]),
        "accounts": _accounts(tables["account_periods"]),
        "concentration": [_concentrated(row) for row in tables["concentration"].iter_rows(named=True)],
        "wary": _partners(tables["recent_partners"].filter(posture="be_wary"), TOP_WARY),
        "top": _partners(tables["recent_partners"], TOP),
        "said_by": SAID_BY,
        "claims": [_claim(claim.id, claim.said, claim.verdict, tables["claims"]) for claim in CLAIMS],
        "tensions": tables["objectives"].to_dicts(),
        "holes": [f"{LABELS[hole.series]}: {hole.told}" for hole in HOLES],
        "notes": list(NOTES),
    }


def years_told(measure: str) -> str:
    """The years of a measure's window: fiscal years for assistance."""
    first, last = WINDOWS[measure]
    return f"{'FY' if measure == ASSISTANCE else ''}{first}–{last}"


def value_told(measure: str, value: float | None) -> str:
    """A sum in dollars, or a number of notifications; a dash where nothing is listed."""
    if value is None:
        return BLANK
    return f"{value:,.0f}" if measure == "dsca_notifications" else money(value)


def share_told(share: float | None) -> str:
    """A share in percent; a true zero is said as one."""
    return BLANK if share is None else "0%" if share == 0 else str(percent(share))


def _of(groups: pl.DataFrame, group: str, name: str, measure: str = ASSISTANCE) -> Row:
    rows = groups.filter(group=group, name=name, measure=measure).to_dicts()
    return rows[0] if rows else {"value": 0.0, "share": 0.0, "partners": 0}


def _lead(groups: pl.DataFrame, shares: pl.DataFrame, partners: pl.DataFrame) -> Iterator[str]:
    first, last = WINDOWS[ASSISTANCE]
    years = f"FY{first} to FY{last}"
    whole = float(groups.filter(group="region", measure=ASSISTANCE)["value"].sum())
    tops = shares.filter(measure=ASSISTANCE, first=first, last=last).to_dicts()
    if tops:
        yield (
            f"Of {money(whole)} of military assistance listed in {years}, the five largest recipients took "
            f"{share_told(tops[0]['top5'])} and {tops[0]['largest']} alone {share_told(tops[0]['top1'])}; "
            f"{counted(max(tops[0]['partners'] - 5, 0), 'partner')} share the rest."
        )
    wary = _of(groups, "posture", "be_wary")
    afghan = float(partners.filter(iso3="AFG", posture="be_wary")[ASSISTANCE].sum())
    yield (
        f"{money(wary['value'])} ({share_told(wary['share'])}) went to {counted(wary['partners'], 'partner')} whose "
        f"strategic value is low and whose record is poor as they stand today (be wary); "
        f"{money(afghan)} of it to Afghanistan, before its government fell."
    )
    europe, asia = (_of(groups, "region", name) for name in (EUROPE, ASIA))
    ukraine = float(partners.filter(iso3="UKR")[ASSISTANCE].sum())
    yield (
        f"Europe and Central Asia took {share_told(europe['share'])}, of which Ukraine {money(ukraine)}; East Asia and "
        f"the Pacific {share_told(asia['share'])}."
    )


def _group(groups: pl.DataFrame, kind: str) -> list[Row]:
    here = groups.filter(group=kind)
    names = sorted(here["name"].unique())
    order = ORDERS[kind]
    ranked = sorted(names, key=lambda name: order.index(name) if name in order else len(order))
    if not order:
        ranked = sorted(names, key=lambda name: -_of(groups, kind, name)["value"])
    return [_group_row(groups, kind, name) for name in ranked]


def _group_row(groups: pl.DataFrame, kind: str, name: str) -> Row:
    found = {measure: _of(groups, kind, name, measure) for measure in WINDOWS}
    cells = [
        {"value": value_told(measure, row["value"]), "share": share_told(row["share"])}
        for measure, row in found.items()
    ]
    return {
        "name": name if kind == "region" else phrase(name),
        "partners": found[ASSISTANCE]["partners"],
        "cells": cells,
        "share": found[ASSISTANCE]["share"],
        "said": f"{cells[0]['value']}, {cells[0]['share']}",
    }


def _years(by_year: pl.DataFrame, pools: pl.DataFrame) -> Row:
    """Series as charts.money takes them; a year that a source does not cover has no value."""
    years = list(range(FIRST, LAST + 1))
    series = [_series(by_year, measure, label, years) for measure, label in LABELS.items()]
    return {"years": years, "series": series}


def _series(by_year: pl.DataFrame, measure: str, label: str, years: Sequence[int]) -> Row:
    rows = {row["year"]: row for row in by_year.filter(measure=measure).iter_rows(named=True)}
    values = [rows[year]["value"] if year in rows else None for year in years]
    words = [_cell(measure, rows.get(year)) for year in years]
    known = [value for value in values if value is not None]
    told = ", ".join(f"{year} {word}" for year, word in zip(years, words, strict=True))
    return {
        "label": label,
        "values": values,
        "words": words,
        "told": told,
        "top": value_told(measure, max(known)) if known else None,
    }


def _cell(measure: str, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return BLANK
    return f"{'at least ' if row['at_least'] else ''}{value_told(measure, row['value'])}"


def _pools(pools: pl.DataFrame) -> list[Row]:
    """Year by year, what went to be wary, to Europe and to East Asia, as shares of assistance."""
    rows = pools.filter(pl.col("measure") == ASSISTANCE, pl.col("year") <= LAST).sort("year", descending=True)
    return [
        {
            "year": f"FY{row['year']}",
            "total": money(row["total"]),
            **{name: f"{money(row[name])} ({share_told(row[f'{name}_share'])})" for name in ("wary", "europe", "asia")},
            "both": share_told(row["europe_share"] + row["asia_share"]),
        }
        for row in rows.iter_rows(named=True)
    ]


def _accounts(periods: pl.DataFrame) -> Row:
    spans = periods.select("first", "last").unique(maintain_order=True).rows()
    labels = periods["label"].unique(maintain_order=True).to_list()
    cells = {(r["label"], r["first"], r["last"]): r for r in periods.iter_rows(named=True)}
    rows = [{"label": label, "cells": [_account_cell(cells.get((label, *span))) for span in spans]} for label in labels]
    return {"periods": [f"FY{first}–{last}" for first, last in spans], "rows": rows}


def _account_cell(row: Mapping[str, Any] | None) -> Row:
    return {"value": money(row["value"]), "share": share_told(row["share"])} if row else {"value": "0", "share": "0%"}


def _concentrated(row: Mapping[str, Any]) -> Row:
    return {
        "label": LABELS[row["measure"]],
        "years": f"{row['first']}–{row['last']}",
        "partners": row["partners"],
        "largest": row["largest"],
        **{top: share_told(row[top]) for top in ("top1", "top5", "top10")},
        "herfindahl": f"{row['herfindahl']:.2f}",
    }


def _partners(rows: pl.DataFrame, count: int) -> list[Row]:
    return [
        {
            **{key: row[key] for key in ("iso3", "partner", "region", "tier")},
            "posture": phrase(row["posture"]),
            "linked": row["posture"] != NOT_REVIEWED,
            "cells": [value_told(measure, row[measure]) for measure in WINDOWS],
        }
        for row in rows.head(count).iter_rows(named=True)
    ]


def _claim(id_: str, said: str, verdict: str, figures: pl.DataFrame) -> Row:
    rows = [
        {
            "definition": row["definition"],
            "years": row["years"],
            "figure": money(row["figure"]) if row["unit"] == "dollars" else f"{row['figure']:.1%}",
            "source": row["source"],
        }
        for row in figures.filter(claim=id_).iter_rows(named=True)
    ]
    return {"said": said, "verdict": verdict, "figures": rows}
