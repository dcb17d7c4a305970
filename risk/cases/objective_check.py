"""Checks objective and gap: a case where one is missing or vague is sent back with what to write instead."""

import polars as pl

from risk.cases.tables.entry_types import GapRequirement
from risk.cases.tables.loading import TransferTables

WORD_PATTERN = r"\pL{3,}|\d+"
OTHER_PREFIX = r"(?s)^other:\s*"


def check_stated_objectives(cases: pl.DataFrame, tables: TransferTables) -> pl.Series:
    """Say why each case is sent back and what to write instead; null if its objective and gap are sufficient."""
    codes = {objective.id: code for code, objective in enumerate(tables.objectives)}
    known = ", ".join(codes)
    gap, own = _count_own_words(cases["gap"], tables.gap), pl.repeat(0, cases.height, eager=True)
    other = pl.col("objective_code") == codes.get("other", -1)
    # Counting words is the most expensive step of a review, and few cases have an `other:` objective.
    if cases.select(other.any()).item():
        own = _count_own_words(cases["objective"].str.replace(OTHER_PREFIX, ""), tables.gap)
    asks = pl.col("objective_code").replace_strict(
        {codes[objective.id]: f"name {objective.asks}" for objective in tables.objectives},
        default="",
        return_dtype=pl.String,
    )
    written = pl.col("objective").str.starts_with("other:") & (
        pl.col("own") >= tables.gap.least_words_of_another_objective
    )
    return (
        cases.select("objective", "objective_code", gap=gap, own=own)
        .select(
            pl.when(pl.col("objective").is_null())
            .then(pl.lit(f"objective: is missing; write one of {known}"))
            .when(other & ~written)
            .then(pl.lit("objective: another objective needs words of its own; write other, a colon, and what it is"))
            .when(pl.col("gap").is_null())
            .then(pl.concat_str(pl.lit("gap: is missing; "), asks))
            .when(pl.col("gap") < tables.gap.least_words)
            .then(pl.concat_str(pl.lit("gap: too vague to check afterwards; "), asks))
            .alias("sent_back_because")
        )
        .to_series()
    )


def _count_own_words(texts: pl.Series, gap: GapRequirement) -> pl.Series:
    """Count the words of each text, without the empty ones."""
    empty = "|".join(sorted(gap.empty_words, key=lambda word: (-len(word), word)))
    return texts.str.count_matches(WORD_PATTERN) - texts.str.count_matches(rf"(?i)\b(?:{empty})\b")
