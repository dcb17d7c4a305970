"""The cautions shown beside each partner's package, with the facts they rest on."""

from datetime import date

import polars as pl

from risk.assessment.evaluate import combine_conditions, evaluate_conditions, unknown_as_null
from risk.assessment.evidence import format_evidence
from risk.rules.rulebook import Rulebook

CAUTION_SCHEMA = pl.Schema(dict.fromkeys(("iso3", "caution", "title", "because", "evidence"), pl.String))


def list_cautions(standing: pl.DataFrame, book: Rulebook, on: date) -> pl.DataFrame:
    """One row a partner and caution that applies that day, ordered by iso3 and caution; evidence as in decisions.

    A caution binds nobody, so nobody need settle it: with a missing fact it is not shown.
    """
    entries = book.list_cautions_in_force(on)
    facts = unknown_as_null(standing)
    answers = evaluate_conditions(facts, entries)
    shown, partners = combine_conditions(answers, entries), facts.to_dicts()
    rows = [
        (row["iso3"], entry.id, entry.title, entry.because, format_evidence(entry.applies_when, row, asked, book))
        for entry in entries
        for row, asked, holds in zip(
            partners, answers.select(entry.applies_when).iter_rows(), shown[entry.id], strict=True
        )
        if holds
    ]
    return pl.DataFrame(rows, schema=CAUTION_SCHEMA, orient="row").sort("iso3", "caution")
