"""Everything a page says, as a plain dict of words and rounded numbers; nothing here draws."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from features.bad_input import BadInput
from features.vocabulary import OUTCOME_LABELS, OUTCOMES, THEME_LABELS
from risk.report.words import (
    HOLDS,
    INDICES,
    POSTURES,
    REFERENCES,
    STATUS_FROM,
    STATUSES,
    TIERS,
    amount,
    chance,
    percent,
    phrase,
    spread,
)

Row = dict[str, Any]

THEMES: Mapping[str, str] = dict(THEME_LABELS.items())
KINDS = ("trigger", "check", "positive_condition", "redline", "offramp", "message")
STEPPED = ("redline", "offramp", "message")
# On the log-odds: 0.5 multiplies the odds by 1.6, 0.15 by 1.2, and 0.02 by next to nothing.
STRONG, CLEAR, NONE = 0.5, 0.15, 0.02
SHOWN_REASONS = 12
OLD_YEARS = 3
SOURCE = ("title", "publisher", "release", "citation", "licence", "address", "accessed")
STEP = re.compile(r"(?:\d{1,2}\.|[-•])\s+")
BEFORE_STEP = re.compile(r"\n+|(?<=[.?!])\s+(?=\d{1,2}\.\s)")


def partner_summary(
    iso3: str,
    scores: pl.DataFrame,
    reasons: pl.DataFrame,
    decisions: pl.DataFrame,
    partners: pl.DataFrame,
    panel_row: Mapping[str, Any],
    sources: Sequence[Mapping[str, Any]],
    base_rates: Mapping[str, float],
    past: Sequence[Row] = (),
) -> Row:
    """All that one partner's page says.

    scores, reasons, decisions, partners: the output tables; panel_row: this partner's facts at the origin,
    parts of the indices among them; sources: a card each, with the keys of SOURCE; base_rates: how often
    each outcome followed on record, 0 to 1; past: what the back-test said of this partner's misuse, by origin.
    Raises BadInput when the partner has no row in scores or in partners.
    """
    its_scores, its_reasons, its_decisions = (_rows(frame, iso3) for frame in (scores, reasons, decisions))
    partner = next(iter(_rows(partners, iso3)), None)
    if partner is None or not its_scores:
        missing = "partners" if partner is None else "scores"
        raise BadInput(f"report: {iso3} has no row in {missing}, expected one")
    labels = {reason["feature"]: reason["label"] for reason in its_reasons}
    ranked = dict(scores.group_by("outcome").agg(pl.col("rank").count()).iter_rows())
    by_outcome = {row["outcome"]: row for row in its_scores}
    risks = [_risk(by_outcome[name], base_rates, ranked, panel_row) for name in OUTCOMES]
    package = {kind: [_decision(row, labels) for row in its_decisions if row["kind"] == kind] for kind in KINDS}
    return {
        **_identity(its_scores[0]),
        **{key: partner[key] for key in ("tier", "headline")},
        "posture": POSTURES[partner["posture"]],
        "bottom_line": _bottom_line(risks[0], partner["tier"]),
        "risks": risks,
        **package,
        "reasons": [_why(name, [row for row in its_reasons if row["outcome"] == name]) for name in OUTCOMES],
        "indices": [_index(name, partner[name], panel_row) for name in INDICES],
        "past": [_past(row) for row in past],
        "unknown": _unknown(its_scores, its_reasons, its_decisions, panel_row),
        "sources": [{key: card[key] for key in SOURCE} for card in sources],
    }


def _rows(frame: pl.DataFrame, iso3: str) -> list[Row]:
    return frame.filter(pl.col("iso3") == iso3).to_dicts()


def _identity(score: Row) -> Row:
    kept = {name: score[name] for name in ("iso3", "partner", "region", "origin")}
    return {**kept, "horizon": f"{score['origin'] + 1}–{score['horizon_end']}"}


def _bottom_line(risk: Row, tier: str) -> str:
    if tier == "referred" or not risk["probability"]:
        return "Too little recent data to rely on a probability of misuse: a person must assess this partner."
    spread = f", interval {risk['interval']}" if risk["interval"] else ""
    said = f"The chance of misuse is {risk['chance']} ({risk['probability']}{spread})."
    return f"{said} Across all partners and years on record: {risk['base_rate']}." if risk["base_rate"] else said


def _risk(score: Row, base_rates: Mapping[str, float], ranked: Mapping[str, int], panel_row: Mapping[str, Any]) -> Row:
    return {
        "outcome": score["outcome"],
        "name": phrase(score["outcome"]),
        "label": OUTCOME_LABELS[score["outcome"]],
        "probability": percent(score["probability"]),
        "chance": chance(score["probability"]),
        "interval": spread(score["low"], score["high"]),
        "onset": percent(score["onset_probability"]),
        "base_rate": percent(base_rates.get(score["outcome"])),
        "status": STATUSES[score["status"]] + _status_years(score, panel_row),
        "tier": score["tier"],
        "rank": f"{score['rank']} of {ranked[score['outcome']]}" if score["rank"] else None,
    }


def _status_years(score: Row, panel_row: Mapping[str, Any]) -> str:
    """The years of the facts that a status rests on, which lie behind the origin by their publishers' lag."""
    ages = [panel_row.get(f"{measure}_age") for measure in STATUS_FROM[score["outcome"]]]
    years = sorted({int(score["origin"] - age) for age in ages if age is not None})
    return f", by facts up to {' and '.join(map(str, years))}" if years else ""


def _decision(row: Row, labels: Mapping[str, str]) -> Row:
    stepped = row["kind"] in STEPPED
    lines = _lines(row["because"]) + (_lines(row["unlocks"]) if stepped else [])
    return {
        **{key: row[key] for key in ("title", "reference", "as_of")},
        "rule": phrase(row["rule"]),
        "refer": row["result"] == "refer",
        "paragraphs": [line for line in lines if not STEP.match(line)],
        "steps": [STEP.sub("", line, count=1) for line in lines if STEP.match(line)],
        "benchmark": _benchmark(row, labels) if row["benchmark_measure"] else None,
        "way_out": row["unlocks"] if row["kind"] == "trigger" else None,
        "unlocks": row["unlocks"] if row["kind"] == "positive_condition" else None,
        "reference_status": REFERENCES.get(row["reference_status"], row["reference_status"]),
        "facts": [_fact(fact) for fact in json.loads(row["evidence"] or "[]")],
    }


def _lines(text: str | None) -> list[str]:
    """A text as paragraphs and steps: parted at line breaks and before a number that follows a sentence."""
    return [line.strip() for line in BEFORE_STEP.split(text or "") if line.strip()]


def _benchmark(row: Row, labels: Mapping[str, str]) -> Row:
    measure = row["benchmark_measure"]
    values = {key: amount(row[f"benchmark_{key}"], None) for key in ("now", "asked")}
    return {"measure": labels.get(measure, phrase(measure)), **values, "by": row["benchmark_by"]}


def _fact(fact: Row) -> Row:
    years = fact.get("years") or {}
    dated = {name: f"{_value(value)} ({years.get(name) or 'undated'})" for name, value in fact["values"].items()}
    return {"fact": fact["fact"], "values": dated, "holds": HOLDS[fact["holds"]]}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else amount(value, None)


def _why(outcome: str, reasons: Sequence[Row]) -> Row:
    """The strongest reasons by theme, the weightiest theme first; a theme's effect counts all its reasons."""
    totals: dict[str, float] = {}
    for reason in reasons:
        totals[reason["theme"]] = totals.get(reason["theme"], 0.0) + reason["contribution_logodds"]
    themes = sorted(totals, key=lambda theme: (-abs(totals[theme]), theme))
    shown = sorted(reasons, key=lambda reason: reason["position"])[:SHOWN_REASONS]
    rows = {theme: [_reason(reason) for reason in shown if reason["theme"] == theme] for theme in themes}
    listed = [{"theme": THEMES[name], "effect": _effect(totals[name]), "rows": rows[name]} for name in themes]
    return {"name": phrase(outcome), "label": OUTCOME_LABELS[outcome], "themes": listed}


def _reason(reason: Row) -> Row:
    value = amount(reason["value"], reason["unit"])
    effect = _effect(reason["contribution_logodds"])
    return {"label": reason["label"], "value": value, "year": reason["value_year"], "effect": effect}


def _effect(logodds: float) -> Row:
    """How a fact goes with the risk, never that it causes it: direction, strength, factor on the odds."""
    size = abs(logodds)
    strength = "strongly" if size >= STRONG else "clearly" if size >= CLEAR else "slightly"
    direction = "none" if size < NONE else "up" if logodds > 0 else "down"
    words = {
        "none": "no clear difference",
        "up": f"higher risk, {strength}",
        "down": f"lower risk, {strength}",
    }
    return {"direction": direction, "words": words[direction], "odds": f"{math.exp(logodds):.2g}"}


def _index(name: str, value: float | None, panel_row: Mapping[str, Any]) -> Row:
    parts = [{"label": said, "value": _whole(panel_row.get(part))} for part, said in INDICES[name].items()]
    return {"name": name, "label": phrase(name), "value": _whole(value), "parts": parts}


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _past(row: Row) -> Row:
    happened = {True: "yes", False: "no", None: "not yet known"}[row["observed"]]
    told = {"probability": percent(row["probability"]), "interval": spread(row["low"], row["high"])}
    return {"origin": row["origin"], "status": STATUSES[row["status"]], **told, "happened": happened}


def _raters(panel_row: Mapping[str, Any]) -> Row | None:
    """The two codings of state terror where both exist, and whether they lie a point or more apart."""
    state, amnesty, age = (panel_row.get(name) for name in ("pts_state", "pts_amnesty", "pts_gap_age"))
    if state is None or amnesty is None or age is None:
        return None
    told = {"state": round(state), "amnesty": round(amnesty), "year": int(panel_row["origin"] - age)}
    return told | {"apart": abs(round(state) - round(amnesty))}


def _unknown(
    scores: Sequence[Row], reasons: Sequence[Row], decisions: Sequence[Row], panel_row: Mapping[str, Any]
) -> Row:
    origin = scores[0]["origin"]
    # What is only derived from a measure has no age of its own: a gap in it is a gap in the measure.
    measured = [reason for reason in reasons if f"{reason['feature']}_age" in panel_row]
    years = {reason["label"]: reason["value_year"] for reason in measured if reason["value_year"]}
    return {
        "raters": _raters(panel_row),
        "coverage": percent(scores[0]["coverage"]),
        "no_status": [phrase(row["outcome"]) for row in scores if row["status"] == "unknown"],
        "missing": sorted({reason["label"] for reason in measured if reason["value"] is None}),
        "old": [{"label": key, "year": years[key]} for key in sorted(years) if years[key] <= origin - OLD_YEARS],
        "referred": [row["title"] for row in decisions if row["result"] == "refer"],
    }


def index_summary(
    scores: pl.DataFrame, decisions: pl.DataFrame, partners: pl.DataFrame, links: Sequence[Mapping[str, str]]
) -> Row:
    """All that the index says: partners, riskiest first; counts by tier; links, each a label and an href."""
    triggers = decisions.filter(pl.col("kind") == "trigger")
    bound = dict(triggers.filter(result="applies").group_by("iso3").agg(pl.col("rule")).iter_rows())
    asked = dict(triggers.filter(result="refer").group_by("iso3").agg(pl.len()).iter_rows())
    misuse = scores.filter(pl.col("outcome") == "misuse").drop("partner", "region", "tier")
    ranked = partners.join(misuse, on="iso3", how="left").sort("rank", "partner", nulls_last=True).to_dicts()
    rows = [_index_row(row, sorted(bound.get(row["iso3"], [])), asked.get(row["iso3"], 0)) for row in ranked]
    counts = [{"tier": tier, "count": sum(row["tier"] == tier for row in rows)} for tier in TIERS]
    when = _identity(scores.row(0, named=True))
    return {
        "origin": when["origin"],
        "horizon": when["horizon"],
        "misuse": OUTCOME_LABELS["misuse"],
        "rows": rows,
        "tiers": counts,
        "links": list(links),
    }


def _index_row(row: Row, triggers: Sequence[str], asked: int) -> Row:
    return {
        **{key: row[key] for key in ("iso3", "partner", "region", "tier", "rank")},
        "probability": percent(row["probability"]),
        "interval": spread(row["low"], row["high"]),
        "posture": phrase(row["posture"]),
        "leverage": _whole(row["leverage"]),
        "strategic_value": _whole(row["strategic_value"]),
        "triggers": [phrase(rule) for rule in triggers] + ([f"{asked} to look up"] if asked else []),
    }
