"""Whether a case says what it is for: a missing or vague objective or gap is sent back with what to write instead."""

import polars as pl

from risk.cases.tables.loading import Tables
from risk.cases.tables.schema import Gap

WORD = r"\pL{3,}|\d+"
WRITTEN_OUT = r"(?s)^other:\s*"


def sent_back(cases: pl.DataFrame, tables: Tables) -> pl.Series:
    """Why a case is sent back and what to write instead, in one text; null where its objective and gap say enough."""
    codes = {one.id: code for code, one in enumerate(tables.objectives)}
    known = ", ".join(codes)
    gap, own = _own_words(cases["gap"], tables.gap), pl.repeat(0, cases.height, eager=True)
    other = pl.col("objective_code") == codes.get("other", -1)
    # Counting words is the dearest step of a review, and few cases have an objective of their own.
    if cases.select(other.any()).item():
        own = _own_words(cases["objective"].str.replace(WRITTEN_OUT, ""), tables.gap)
    asks = pl.col("objective_code").replace_strict(
        {codes[one.id]: f"name {one.asks}" for one in tables.objectives}, default="", return_dtype=pl.String
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


def _own_words(texts: pl.Series, gap: Gap) -> pl.Series:
    """How many words are left in each text once the empty ones are taken out."""
    empty = "|".join(sorted(gap.empty_words, key=lambda word: (-len(word), word)))
    return texts.str.count_matches(WORD) - texts.str.count_matches(rf"(?i)\b(?:{empty})\b")
