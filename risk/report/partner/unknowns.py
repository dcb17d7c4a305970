"""What is unknown about a partner: gaps, old values, disagreeing raters and rules the data cannot decide."""

from risk.outputs.table_rows import Standing
from risk.report.contracts.partner import Raters, Unknown
from risk.report.formatting import format_name, format_percent
from risk.report.inputs import ReportInputs

OLD_YEARS = 3


def list_partner_unknowns(iso3: str, inputs: ReportInputs) -> Unknown:
    """List coverage, the two raters, outcomes without a status, missing and old facts, and referred rules."""
    scores, measured = inputs.scores[iso3], inputs.fact_rows.get(iso3, [])
    origin = scores[0]["origin"]
    years = {row["label"]: row["value_year"] for row in measured if row["value_year"]}
    return {
        "raters": _compare_raters(inputs.rule_inputs[iso3], origin),
        "coverage": format_percent(scores[0]["coverage"]),
        "no_status": [format_name(row["outcome"]) for row in scores if row["status"] == "unknown"],
        "missing": sorted({row["label"] for row in measured if row["value"] is None}),
        "old": [{"label": key, "year": years[key]} for key in sorted(years) if years[key] <= origin - OLD_YEARS],
        "referred": [row["title"] for row in inputs.decisions.get(iso3, []) if row["result"] == "refer"],
    }


def _compare_raters(rule_inputs: Standing, origin: int) -> Raters | None:
    """Compare the two codings of state terror, or return None unless both exist."""
    state, amnesty, age = (rule_inputs.get(name) for name in ("pts_state", "pts_amnesty", "pts_gap_age"))
    if state is None or amnesty is None or age is None:
        return None
    return {
        "state": round(state),
        "amnesty": round(amnesty),
        "year": int(origin - age),
        "apart": abs(round(state) - round(amnesty)),
    }
