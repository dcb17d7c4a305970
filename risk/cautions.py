"""Known ways for conditions to fail, for the partners whose facts point to them; and the cases behind each rule."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from features.partners import load_partners
from risk.decide import evidence
from risk.entries import Rulebook
from risk.evaluate import atom_answers, hold_together, known
from risk.grounds import Precedent, Precedents

# The kinds of rule that were tried before.
TRIED = ("positive_condition", "redline", "offramp")
# What became of a request, in words.
HAPPENED = {
    "complied": "the partner did it",
    "partly": "the partner did part of it",
    "hedged": "the partner turned to another supplier",
    "ignored": "the partner did nothing",
    "reversed": "it was undone later",
}
CAUTIONS = pl.Schema(dict.fromkeys(("iso3", "caution", "title", "because", "evidence"), pl.String))


def cautions(standing: pl.DataFrame, rulebook: Rulebook, on: date) -> pl.DataFrame:
    """One row for each partner and caution that applies that day, by iso3 and caution; `evidence` as in decisions.

    A caution is advice to ourselves, so one whose facts are missing is not shown.
    """
    asked = rulebook.cautions_in_force(on)
    facts = known(standing.sort("iso3"))
    answers = atom_answers(facts, asked)
    results = hold_together(answers, asked)
    rows = []
    for caution in asked:
        said = answers.select(caution.applies_when)
        for position, holds in enumerate(results[caution.id]):
            if holds:
                row = facts.row(position, named=True)
                seen = evidence(caution.applies_when, row, said.row(position), rulebook)
                rows.append((row["iso3"], caution.id, caution.title, caution.because, seen))
    return pl.DataFrame(sorted(rows), schema=CAUTIONS, orient="row")


def rule_details(rulebook: Rulebook, on: date) -> dict[str, dict[str, Any]]:
    """By the id of every condition, redline, offramp and caution in force that day: the precedents it follows and is
    warned by."""
    names = dict(load_partners().select("iso3", "name").iter_rows())
    tried = [rule for rule in rulebook.rules_in_force(on) if rule.kind in TRIED]
    entries = [*tried, *rulebook.cautions_in_force(on)]
    return {entry.id: {"precedents": _cases(entry.precedents, rulebook, names)} for entry in entries}


def _cases(named: Precedents, rulebook: Rulebook, names: Mapping[str, str]) -> list[dict[str, Any]]:
    uses = [("follows", name) for name in named.follows] + [("warned_by", name) for name in named.warned_by]
    return [{"use": use, **_case(rulebook.precedents[name], names)} for use, name in uses]


def _case(case: Precedent, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "partners": [names.get(iso3, iso3) for iso3 in case.partners],
        "years": case.years,
        "asked": case.asked,
        "happened": "; ".join(HAPPENED[result] for result in case.result),
        "lesson": case.lesson,
        "source": ", ".join(dict.fromkeys((case.source.author, case.source.publisher))),
    }
