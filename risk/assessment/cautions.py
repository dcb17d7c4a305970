"""The cautions shown with each partner's package, and the facts they rest on."""

from datetime import date

import polars as pl

from risk.assessment.evaluate import combine_conditions, evaluate_conditions, unknown_as_null
from risk.assessment.evidence import format_evidence
from risk.rules.rulebook import Rulebook

CAUTION_SCHEMA = pl.Schema(dict.fromkeys(("iso3", "caution", "title", "because", "evidence"), pl.String))


def list_cautions(rule_inputs: pl.DataFrame, book: Rulebook, on: date) -> pl.DataFrame:
    """List one row per partner and caution that applies that day, by iso3 and caution; evidence as in decisions.

    A caution binds no one, so one with a missing fact is not referred to a person but left out.
    """
    entries = book.list_cautions_in_force(on)
    facts = unknown_as_null(rule_inputs)
    answers = evaluate_conditions(facts, entries)
    results, partners = combine_conditions(answers, entries), facts.to_dicts()
    rows = [
        (
            row["iso3"],
            entry.id,
            entry.title,
            entry.because,
            format_evidence(entry.applies_when, row, condition_answers, book),
        )
        for entry in entries
        for row, condition_answers, holds in zip(
            partners, answers.select(entry.applies_when).iter_rows(), results[entry.id], strict=True
        )
        if holds
    ]
    return pl.DataFrame(rows, schema=CAUTION_SCHEMA, orient="row").sort("iso3", "caution")
