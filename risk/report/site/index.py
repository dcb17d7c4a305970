"""All that the index says: every partner, the world by tier, regions, and what changed since the last issue."""

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


def summarize_index(given: ReportInputs, links: Sequence[Link]) -> IndexPage:
    """All that the index says."""
    rows = [_build_partner_row(partner, given) for partner in given.partners.values()]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"], row["partner"]))
    return {
        **read_footer(given),
        "misuse": OUTCOME_LABELS["misuse"],
        "rows": rows,
        "tiers": [_count_tier_partners(tier, rows) for tier in SHOWN_TIERS],
        "world": build_world_map(rows),
        "regions": _summarize_all_regions(rows, given),
        "changes": describe_score_changes(given),
        "fresh": _describe_freshness(given),
        "links": list(links),
    }


def _describe_freshness(given: ReportInputs) -> Freshness:
    """Each source's last year and the day its next issue is due, the overdue ones first and longest overdue on top."""
    rows: list[FreshLine] = [
        {
            "title": card["title"],
            "latest": card["latest"],
            "accessed": card["accessed"],
            "due": card["due"],
            "overdue": card["overdue"],
        }
        for card in given.sources
    ]
    rows.sort(key=lambda row: (not row["overdue"], row["overdue"], row["title"]))
    late = sum(bool(row["overdue"]) for row in rows)
    day = given.manifest.get("decided_as_of")
    told = f"Of {format_count(len(rows), 'source')}, {late} had a newer issue due by the publisher's own calendar"
    return {"told": told + (f" on {day}." if day else "."), "rows": rows}


def _count_tier_partners(tier: str, rows: Sequence[IndexRow]) -> TierCount:
    return {"tier": tier, "letter": TIER_LETTERS[tier], "count": sum(row["tier"] == tier for row in rows)}


def _build_partner_row(partner: PartnerRow, given: ReportInputs) -> IndexRow:
    iso3 = partner["iso3"]
    misuse: Estimate = next((row for row in given.scores.get(iso3, []) if row["outcome"] == "misuse"), NO_ESTIMATE)
    triggers = [row for row in given.decisions.get(iso3, []) if row["kind"] == "trigger"]
    bound = sorted(format_name(row["rule"]) for row in triggers if row["result"] == "applies")
    asked = len(triggers) - len(bound)
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
        "triggers": bound + ([f"{asked} to look up"] if asked else []),
        "mark": mark_partner(iso3, given),
    }


def build_world_map(rows: Sequence[IndexRow]) -> World:
    """One square a partner where the layout has it; a partner the layout lacks is named, never left out."""
    partners = {row["iso3"]: row for row in rows}
    squares = parse_map_layout(WORLD_LAYOUT.read_text(encoding="utf-8"))
    tiles = [_build_map_tile(partners[iso3], row, column) for iso3, row, column in squares if iso3 in partners]
    placed = {tile["iso3"] for tile in tiles}
    missing: list[Unplaced] = [
        {"iso3": row["iso3"], "partner": row["partner"], "tier": row["tier"]}
        for row in rows
        if row["iso3"] not in placed
    ]
    return {"columns": max(column for _, _, column in squares), "tiles": tiles, "missing": missing}


def parse_map_layout(text: str) -> list[tuple[str, int, int]]:
    """Code, row and column, from 1, of each square of a drawing in text: four characters a square, dots for none."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    cells = [
        (line[4 * at : 4 * at + 3], row, at + 1)
        for row, line in enumerate(lines, 1)
        for at in range(len(line) // 4 + 1)
    ]
    return [cell for cell in cells if cell[0].strip(". ")]


def _build_map_tile(row: IndexRow, at_row: int, column: int) -> Tile:
    told = f"{row['partner']}: {row['tier']}" + (f", {row['probability']}" if row["probability"] else "")
    return {
        "iso3": row["iso3"],
        "partner": row["partner"],
        "region": row["region"],
        "tier": row["tier"],
        "letter": TIER_LETTERS[row["tier"]],
        "row": at_row,
        "column": column,
        "told": told,
    }


def _summarize_all_regions(rows: Sequence[IndexRow], given: ReportInputs) -> Regions:
    """Partners by tier and US military assistance over the last five fiscal years on record, by region."""
    series = given.history.series.get(AID_SERIES)
    years = range(series.last - 4, series.last + 1) if series else range(0)
    names = sorted({row["region"] for row in rows})
    paid = (
        {row["iso3"]: sum(series.values.get(row["iso3"], {}).get(year, 0.0) for year in years) for row in rows}
        if series
        else {}
    )
    told = f"FY{years[0]} to FY{years[-1]}" if series else None
    return {
        "years": told,
        "rows": [_summarize_region(name, [row for row in rows if row["region"] == name], paid) for name in names],
    }


def _summarize_region(name: str, rows: Sequence[IndexRow], paid: Mapping[str, float]) -> Region:
    risky = [row for row in rows if row["tier"] in ("severe", "high")]
    return {
        "region": name,
        "partners": len(rows),
        "tiers": [sum(row["tier"] == tier for row in rows) for tier in SHOWN_TIERS],
        "assistance": format_money(sum(paid[row["iso3"]] for row in rows)) if paid else None,
        "to_risky": format_money(sum(paid[row["iso3"]] for row in risky)) if paid else None,
    }


def describe_score_changes(given: ReportInputs) -> Changes:
    """Tiers, triggers and probabilities that differ from the last issue of scores, or that none is known."""
    earlier = given.earlier_release
    if earlier is None:
        return {"told": "No earlier issue of scores is on record here, so what changed is not known.", "rows": []}
    rows = [_describe_change(iso3, given, earlier) for iso3 in sorted(given.partners) if iso3 in earlier.partners]
    moved = [row for row in rows if row["told"]]
    before = f"the issue decided as of {earlier.manifest.get('decided_as_of')}"
    parts = [name for name in PARTS if earlier.manifest.get(name) != given.manifest.get(name)]
    changed = f" What differs: {', '.join(parts)}." if parts else ""
    told = (
        f"Compared with {before}, {format_count(len(moved), 'partner')} changed in tier, in triggers or by five points "
    )
    told += "or more."
    return {"told": told + changed, "rows": sorted(moved, key=lambda row: (-row["size"], row["partner"]))}


def _describe_change(iso3: str, given: ReportInputs, earlier: EarlierRelease) -> Change:
    now, then = given.partners[iso3], earlier.partners[iso3]
    share = next((row["probability"] for row in given.scores[iso3] if row["outcome"] == "misuse"), None)
    before = earlier.scores.get(iso3)
    was = before["probability"] if before else None
    size = abs(share - was) if share is not None and was is not None else 0.0
    parts = [f"tier {then['tier']} to {now['tier']}"] if then["tier"] != now["tier"] else []
    parts += _compare_triggers(now["triggers"] or "", then["triggers"] or "")
    told = parts or size >= MOVED_SHARE
    shares = f"{format_percent(was) or 'no figure'} to {format_percent(share) or 'no figure'}"
    return {"iso3": iso3, "partner": now["partner"], "told": "; ".join([*parts, shares]) if told else "", "size": size}


def _compare_triggers(now: str, then: str) -> list[str]:
    new, old = (set(filter(None, text.split(";"))) for text in (now, then))
    begun = [f"trigger now binds: {format_name(rule)}" for rule in sorted(new - old)]
    return begun + [f"trigger no longer binds: {format_name(rule)}" for rule in sorted(old - new)]
