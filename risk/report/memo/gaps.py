"""The unknowns of a memo, a sentence each."""

from collections.abc import Mapping
from typing import cast

from risk.outputs.table_rows import ScoreRow
from risk.report.contracts.memo import CaseRisk, CaseRow, MemoFacts, Risk, RiskScores
from risk.report.formatting import format_percent

# Not public for any case.
ALWAYS_UNKNOWN = (
    "The receiving unit, its commander and their record: no public source gives them, so vetting is not done here."
)


def read_scores(row: CaseRow, risk: Risk) -> RiskScores:
    """Read the score columns of one risk, named <risk>_<score>."""
    scores = cast(Mapping[str, int | None], row)
    shares = cast(Mapping[str, float | None], row)
    return {
        "item": scores[f"{risk}_item"],
        "user": scores[f"{risk}_user"],
        "pair": scores[f"{risk}_pair"],
        "pressure": shares[f"{risk}_pressure"],
        "exposure": shares[f"{risk}_exposure"],
    }


def list_case_gaps(row: CaseRow, memo: MemoFacts, score: ScoreRow) -> list[str]:
    """List what is unknown about a case, its partner and the law on it."""
    gaps = [_describe_risk_gap(risk, row) for risk in memo["risks"]]
    gaps += [f"{label} of the partner." for label, value in memo["standing"] if value == "not known"]
    gaps += [f"{item['title']}: whether it holds." for item in memo["trigger"] if item["refer"]]
    if row["partner_probability"] is None:
        gaps.append("The partner's probability of misuse: too little recent data.")
    if memo["notification"]["clause"] == "ask":
        gaps.append("Whether Congress must be notified.")
        if row.get("major_defense_equipment") is None:
            gaps.append("Whether the item is major defense equipment, which is notified from lower amounts.")
    share = format_percent(score["coverage"])
    gaps.append(f"The engine had {share} of the facts on the partner." if share else None)
    return [line for line in (*gaps, ALWAYS_UNKNOWN) if line]


def _describe_risk_gap(risk: CaseRisk, row: CaseRow) -> str | None:
    if risk["question"]:
        return f"{risk['name']}: this item is not expected with this user, so no score says what they do together."
    if read_scores(row, risk["risk"])["pressure"] is None:
        return f"{risk['name']}: how much presses towards it."
    return None
