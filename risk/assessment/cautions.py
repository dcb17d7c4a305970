"""The cautions shown beside each partner's package, with the facts they rest on."""

from datetime import date

import polars as pl

from risk.assessment.evaluate import atom_answers, hold_together, known
from risk.assessment.evidence import evidence
from risk.rules.rulebook import Rulebook

CAUTIONS = pl.Schema(dict.fromkeys(("iso3", "caution", "title", "because", "evidence"), pl.String))


def cautions(standing: pl.DataFrame, book: Rulebook, on: date) -> pl.DataFrame:
    """One row a partner and caution that applies that day, ordered by iso3 and caution; evidence as in decisions.

    A caution binds nobody, so nobody need settle it: with a missing fact it is not shown.
    """
    entries = book.cautions_in_force(on)
    facts = known(standing)
    answers = atom_answers(facts, entries)
    shown, partners = hold_together(answers, entries), facts.to_dicts()
    rows = [
        (row["iso3"], entry.id, entry.title, entry.because, evidence(entry.applies_when, row, asked, book))
        for entry in entries
        for row, asked, holds in zip(
            partners, answers.select(entry.applies_when).iter_rows(), shown[entry.id], strict=True
        )
        if holds
    ]
    return pl.DataFrame(rows, schema=CAUTIONS, orient="row").sort("iso3", "caution")
