"""The content of the index: every partner, the world by tier, regions, and changes since the last release."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from features.vocabulary import OUTCOME_LABELS
from risk.outputs.table_rows import Estimate, PartnerRow
from risk.report.contracts.index import (
    Change,
    Changes,
    FreshLine,
    Freshness,
    IndexPage,
    IndexRow,
    Link,
    Region,
    Regions,
    TierCount,
    Tile,
    Unplaced,
    World,
)
from risk.report.formatting import format_count, format_interval, format_money, format_name, format_percent, round_index
from risk.report.inputs import EarlierRelease, ReportInputs
from risk.report.labels import SHOWN_TIERS, TIER_LETTERS
from risk.report.partner.ledger_entries import mark_partner
from risk.report.partner.summary import read_footer

WORLD_LAYOUT = Path(__file__).parents[1] / "templates" / "world.txt"
MOVED_SHARE = 0.05
AID_SERIES = "usmil_assistance_usd"
NO_ESTIMATE: Estimate = {"probability": None, "low": None, "high": None, "rank": None}
PARTS: tuple[Literal["snapshot", "models", "rulebook"], ...] = ("snapshot", "models", "rulebook")


def summarize_index(inputs: ReportInputs, links: Sequence[Link]) -> IndexPage:
    """Summarize all partners for the index."""
    rows = [_build_partner_row(partner, inputs) for partner in inputs.partners.values()]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"], row["partner"]))
    return {
        **read_footer(inputs),
        "misuse": OUTCOME_LABELS["misuse"],
        "rows": rows,
        "tiers": [_count_tier_partners(tier, rows) for tier in SHOWN_TIERS],
        "world": build_world_map(rows),
        "regions": _summarize_all_regions(rows, inputs),
        "changes": describe_score_changes(inputs),
        "fresh": _describe_freshness(inputs),
        "links": list(links),
    }


def _describe_freshness(inputs: ReportInputs) -> Freshness:
    """Describe each source's last year and when its next issue is due, the longest overdue first."""
    rows: list[FreshLine] = [
        {
            "title": card["title"],
            "latest": card["latest"],
            "accessed": card["accessed"],
            "due": card["due"],
            "overdue": card["overdue"],
        }
        for card in inputs.sources
    ]
    rows.sort(key=lambda row: (not row["overdue"], row["overdue"], row["title"]))
    late = sum(bool(row["overdue"]) for row in rows)
    day = inputs.manifest.get("decided_as_of")
    text = f"Of {format_count(len(rows), 'source')}, {late} had a newer issue due by the publisher's own calendar"
    return {"told": text + (f" on {day}." if day else "."), "rows": rows}


def _count_tier_partners(tier: str, rows: Sequence[IndexRow]) -> TierCount:
    return {"tier": tier, "letter": TIER_LETTERS[tier], "count": sum(row["tier"] == tier for row in rows)}


def _build_partner_row(partner: PartnerRow, inputs: ReportInputs) -> IndexRow:
    iso3 = partner["iso3"]
    misuse: Estimate = next((row for row in inputs.scores.get(iso3, []) if row["outcome"] == "misuse"), NO_ESTIMATE)
    triggers = [row for row in inputs.decisions.get(iso3, []) if row["kind"] == "trigger"]
    bound = sorted(format_name(row["rule"]) for row in triggers if row["result"] == "applies")
    referred = len(triggers) - len(bound)
    return {
        "iso3": iso3,
        "partner": partner["partner"],
        "region": partner["region"],
        "tier": partner["tier"],
        "rank": misuse["rank"],
        "share": misuse["probability"],
        "probability": format_percent(misuse["probability"]),
        "interval": format_interval(misuse["low"], misuse["high"]),
        "posture": format_name(partner["posture"]),
        "leverage": round_index(partner["leverage"]),
        "strategic_value": round_index(partner["strategic_value"]),
        "triggers": bound + ([f"{referred} to look up"] if referred else []),
        "mark": mark_partner(iso3, inputs),
    }


def build_world_map(rows: Sequence[IndexRow]) -> World:
    """Build one square per partner in the layout; partners missing from the layout are listed."""
    partners = {row["iso3"]: row for row in rows}
    squares = parse_map_layout(WORLD_LAYOUT.read_text(encoding="utf-8"))
    tiles = [_build_map_tile(partners[iso3], row, column) for iso3, row, column in squares if iso3 in partners]
    on_map = {tile["iso3"] for tile in tiles}
    missing: list[Unplaced] = [
        {"iso3": row["iso3"], "partner": row["partner"], "tier": row["tier"]}
        for row in rows
        if row["iso3"] not in on_map
    ]
    return {"columns": max(column for _, _, column in squares), "tiles": tiles, "missing": missing}


def parse_map_layout(text: str) -> list[tuple[str, int, int]]:
    """Parse code, row and column (from 1) of each square of a text map: four characters per square, dots if empty."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    cells = [
        (line[4 * at : 4 * at + 3], row, at + 1)
        for row, line in enumerate(lines, 1)
        for at in range(len(line) // 4 + 1)
    ]
    return [cell for cell in cells if cell[0].strip(". ")]


def _build_map_tile(row: IndexRow, at_row: int, column: int) -> Tile:
    text = f"{row['partner']}: {row['tier']}" + (f", {row['probability']}" if row["probability"] else "")
    return {
        "iso3": row["iso3"],
        "partner": row["partner"],
        "region": row["region"],
        "tier": row["tier"],
        "letter": TIER_LETTERS[row["tier"]],
        "row": at_row,
        "column": column,
        "told": text,
    }


def _summarize_all_regions(rows: Sequence[IndexRow], inputs: ReportInputs) -> Regions:
    """Summarize partners by tier and US military assistance over the last five fiscal years on record, by region."""
    series = inputs.history.series.get(AID_SERIES)
    years = range(series.last - 4, series.last + 1) if series else range(0)
    names = sorted({row["region"] for row in rows})
    assistance = (
        {row["iso3"]: sum(series.values.get(row["iso3"], {}).get(year, 0.0) for year in years) for row in rows}
        if series
        else {}
    )
    period = f"FY{years[0]} to FY{years[-1]}" if series else None
    return {
        "years": period,
        "rows": [_summarize_region(name, [row for row in rows if row["region"] == name], assistance) for name in names],
    }


def _summarize_region(name: str, rows: Sequence[IndexRow], assistance: Mapping[str, float]) -> Region:
    risky = [row for row in rows if row["tier"] in ("severe", "high")]
    return {
        "region": name,
        "partners": len(rows),
        "tiers": [sum(row["tier"] == tier for row in rows) for tier in SHOWN_TIERS],
        "assistance": format_money(sum(assistance[row["iso3"]] for row in rows)) if assistance else None,
        "to_risky": format_money(sum(assistance[row["iso3"]] for row in risky)) if assistance else None,
    }


def describe_score_changes(inputs: ReportInputs) -> Changes:
    """Describe the tiers, triggers and probabilities that changed since the last release of scores, if one is known."""
    earlier = inputs.earlier_release
    if earlier is None:
        return {"told": "No earlier issue of scores is on record here, so what changed is not known.", "rows": []}
    rows = [_describe_change(iso3, inputs, earlier) for iso3 in sorted(inputs.partners) if iso3 in earlier.partners]
    moved = [row for row in rows if row["told"]]
    before = f"the issue decided as of {earlier.manifest.get('decided_as_of')}"
    parts = [name for name in PARTS if earlier.manifest.get(name) != inputs.manifest.get(name)]
    changed = f" What differs: {', '.join(parts)}." if parts else ""
    text = (
        f"Compared with {before}, {format_count(len(moved), 'partner')} changed in tier, in triggers or by five points "
    )
    text += "or more."
    return {"told": text + changed, "rows": sorted(moved, key=lambda row: (-row["size"], row["partner"]))}


def _describe_change(iso3: str, inputs: ReportInputs, earlier: EarlierRelease) -> Change:
    now, then = inputs.partners[iso3], earlier.partners[iso3]
    share = next((row["probability"] for row in inputs.scores[iso3] if row["outcome"] == "misuse"), None)
    before = earlier.scores.get(iso3)
    was = before["probability"] if before else None
    size = abs(share - was) if share is not None and was is not None else 0.0
    parts = [f"tier {then['tier']} to {now['tier']}"] if then["tier"] != now["tier"] else []
    parts += _compare_triggers(now["triggers"] or "", then["triggers"] or "")
    changed = parts or size >= MOVED_SHARE
    shares = f"{format_percent(was) or 'no figure'} to {format_percent(share) or 'no figure'}"
    return {
        "iso3": iso3,
        "partner": now["partner"],
        "told": "; ".join([*parts, shares]) if changed else "",
        "size": size,
    }


def _compare_triggers(now: str, then: str) -> list[str]:
    new, old = (set(filter(None, text.split(";"))) for text in (now, then))
    begun = [f"trigger now binds: {format_name(rule)}" for rule in sorted(new - old)]
    return begun + [f"trigger no longer binds: {format_name(rule)}" for rule in sorted(old - new)]
