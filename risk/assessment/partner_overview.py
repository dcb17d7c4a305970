"""One row per partner: tier, posture, indices, triggers and headline."""

from datetime import date
from typing import Any

import polars as pl

from risk.assessment.tiers import build_posture_expr
from risk.rules.rulebook import Rulebook
from risk.vocabulary import REFERRED

POSTURE_WORDS = {
    "invest": "Invest in",
    "condition": "Condition help to",
    "limit": "Limit help to",
    "be_wary": "Be wary of",
    "referred": "Refer",
}


def summarize_partners(
    rule_inputs: pl.DataFrame, decisions: pl.DataFrame, rulebook: Rulebook, on: date | None = None
) -> pl.DataFrame:
    """Build one row per partner: tier, posture, indices, triggers that apply (ids joined by ;) and a headline."""
    trigger_rows = decisions.filter(kind="trigger").with_columns(applies=pl.col("result") == "applies")
    triggers = trigger_rows.group_by("iso3").agg(
        triggers=pl.col("rule").filter("applies").sort().str.join(";"),
        bound=pl.col("applies").sum(),
        asked=(~pl.col("applies")).sum(),
    )
    frame = (
        rule_inputs.sort("iso3")
        .with_columns(posture=build_posture_expr(rulebook, on))
        .join(triggers, on="iso3", how="left", maintain_order="left")
        .with_columns(pl.col("triggers").fill_null(""), pl.col("bound", "asked").fill_null(0))
    )
    headlines = [_format_headline(row) for row in frame.iter_rows(named=True)]
    return frame.with_columns(headline=pl.Series(headlines, dtype=pl.String)).select(
        "iso3",
        "partner",
        "region",
        "tier",
        "posture",
        "strategic_value",
        "leverage",
        "dependence",
        "hedging",
        "triggers",
        "headline",
    )


def _format_headline(row: dict[str, Any]) -> str:
    headline = f"{POSTURE_WORDS[row['posture']]} {row['partner']}: "
    if row["tier"] == REFERRED:
        headline += "too little is known to say how likely misuse is"
    else:
        headline += f"the risk of misuse is {row['tier']} ({row['misuse_probability']:.0%})"
    value = row["strategic_value"]
    headline += ", strategic value not known" if value is None else f", strategic value {value:.0f} of 100"
    if row["bound"]:
        headline += f"; {_format_count(row['bound'], 'legal trigger binds', 'legal triggers bind')}"
    if row["asked"]:
        headline += f"; {_format_count(row['asked'], 'legal list must be looked up', 'legal lists must be looked up')}"
    return headline + "."


def _format_count(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"
