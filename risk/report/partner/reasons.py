"""The reasons for an estimate: facts associated with a higher or a lower risk, by theme; never causes."""

import math
from collections.abc import Mapping

from features.vocabulary import OUTCOME_LABELS, THEME_LABELS
from risk.outputs.table_rows import ReasonRow
from risk.report.contracts.partner import Effect, Reason, Theme, Why
from risk.report.formatting import format_amount, format_name
from risk.report.inputs import ReportInputs
from risk.report.labels import SOURCE_LABELS

THEME_TITLES: Mapping[str, str] = dict(THEME_LABELS.items())
# On the log-odds: 0.5 multiplies the odds by 1.6, 0.15 by 1.2, and 0.02 by next to nothing.
STRONG_EFFECT, CLEAR_EFFECT, NO_EFFECT = 0.5, 0.15, 0.02
SHOWN_STRONGEST = 5


def explain_outcome(iso3: str, outcome: str, inputs: ReportInputs) -> Why:
    """List the strongest reasons by theme, the strongest theme first; a theme's effect sums all its reasons."""
    totals = inputs.effects.get((iso3, outcome), {})
    themes = sorted(totals, key=lambda theme: (-abs(totals[theme]), theme))
    shown = inputs.reasons.get((iso3, outcome), [])
    rows = {theme: [describe_fact_reason(row, inputs) for row in shown if row["theme"] == theme] for theme in themes}
    themes_shown: list[Theme] = [
        {"theme": THEME_TITLES[name], "effect": describe_odds_effect(totals[name]), "rows": rows[name]}
        for name in themes
    ]
    return {"name": format_name(outcome), "label": OUTCOME_LABELS[outcome], "themes": themes_shown}


def list_strongest_reasons(iso3: str, inputs: ReportInputs) -> tuple[list[Reason], list[Reason]]:
    """List the strongest facts associated with a higher and with a lower risk of misuse."""
    reasons = [describe_fact_reason(row, inputs) for row in inputs.reasons.get((iso3, "misuse"), [])]
    up, down = ([row for row in reasons if row["effect"]["direction"] == way] for way in ("up", "down"))
    return up[:SHOWN_STRONGEST], down[:SHOWN_STRONGEST]


def describe_fact_reason(row: ReasonRow, inputs: ReportInputs) -> Reason:
    """Describe one fact with its value, year, source and effect."""
    source = inputs.labels[row["feature"]].get("source", "")
    return {
        "label": row["label"],
        "value": format_amount(row["value"], row["unit"]),
        "year": row["value_year"],
        "source": {"id": source, "name": SOURCE_LABELS.get(source, format_name(source))} if source else None,
        "effect": describe_odds_effect(row["contribution_logodds"]),
    }


def describe_odds_effect(logodds: float) -> Effect:
    """Describe a fact's association with the risk, never a cause: direction, strength, factor on the odds."""
    size = abs(logodds)
    strength = "strongly" if size >= STRONG_EFFECT else "clearly" if size >= CLEAR_EFFECT else "slightly"
    direction = "none" if size < NO_EFFECT else "up" if logodds > 0 else "down"
    words = {
        "none": "no clear difference",
        "up": f"higher risk, {strength}",
        "down": f"lower risk, {strength}",
    }
    return {
        "direction": direction,
        "words": words[direction],
        "odds": f"{math.exp(logodds):.2g}",
        "logodds": round(logodds, 3),
    }
