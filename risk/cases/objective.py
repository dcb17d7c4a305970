"""Whether a case says what it is for: a missing or vague objective or gap is sent back with what to write instead."""

import re

import polars as pl

from risk.cases.entries import Gap
from risk.cases.tables import Tables

OWN_WORD = r"\b(?:\pL{3,}|\d+)"
WRITTEN_OUT = r"(?s)^other:\s*"


def sent_back(tables: Tables) -> pl.Expr:
    """Why a case is sent back and what to write instead, in one text; null where its objective and gap say enough."""
    objective, gap = pl.col("objective"), pl.col("gap")
    asks = pl.lit("")
    for code, one in enumerate(tables.objectives):
        told = f"name {one.asks}"
        asks = pl.when(pl.col("objective_code") == code).then(pl.lit(told)).otherwise(asks)
    known = ", ".join(one.id for one in tables.objectives)
    other = next((code for code, one in enumerate(tables.objectives) if one.id == "other"), -1)
    own = objective.str.replace(WRITTEN_OUT, "")
    unsaid = (pl.col("objective_code") == other) & (
        ~objective.str.contains(WRITTEN_OUT)
        | (_own_words(own, tables.gap) < tables.gap.least_words_of_another_objective)
    )
    return (
        pl.when(objective.is_null())
        .then(pl.lit(f"objective: is missing; write one of {known}"))
        .when(unsaid)
        .then(pl.lit("objective: another objective needs words of its own; write other, a colon, and what it is"))
        .when(gap.is_null())
        .then(pl.concat_str(pl.lit("gap: is missing; "), asks))
        .when(_own_words(gap, tables.gap) < tables.gap.least_words)
        .then(pl.concat_str(pl.lit("gap: too vague to check afterwards; "), asks))
    )


def _own_words(text: pl.Expr, gap: Gap) -> pl.Expr:
    """How many words are left once the empty ones are taken out."""
    empty = "|".join(sorted((re.escape(word) for word in gap.empty_words), key=lambda word: (-len(word), word)))
    return text.str.to_lowercase().str.replace_all(rf"\b(?:{empty})\b", " ").str.count_matches(OWN_WORD)
