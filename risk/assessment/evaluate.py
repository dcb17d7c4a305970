"""Every rule of a day over any number of partners at once; only the columns the rules read are touched.

A condition that is not met settles a rule; one whose facts are missing sends it to a reviewer.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from risk.rules.conditions import all_true, list_condition_columns
from risk.rules.rule_types import Rule
from risk.rules.rulebook import Rulebook
from risk.vocabulary import REFERRED

# Rows taken at a time: enough to keep every core busy, few enough that memory does not grow with the frame.
SLICE_ROWS = 65_536


def evaluate_rules(standing: pl.DataFrame, rulebook: Rulebook, on: date) -> pl.DataFrame:
    """One Boolean column a rule in force that day, rows as given: true applies, null refers, false is no line."""
    rules = rulebook.list_rules_in_force(on)
    read = standing.select(list_read_columns(rules))
    parts = [
        combine_conditions(evaluate_conditions(unknown_as_null(part), rules), rules)
        for part in read.iter_slices(SLICE_ROWS)
        if not part.is_empty()
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema={rule.id: pl.Boolean for rule in rules})


def list_read_columns(rules: Sequence[Rule]) -> list[str]:
    """The columns the conditions of these rules read, in alphabetical order."""
    return sorted({name for atom in _list_conditions(rules) for name in list_condition_columns(atom)})


def unknown_as_null(standing: pl.DataFrame) -> pl.DataFrame:
    """The standing with null for a referred tier, an unknown status and NaN: no condition may find an answer there."""
    words = [
        pl.when(~pl.col(name).is_in([REFERRED, "unknown"])).then(pl.col(name)).alias(name)
        for name, kind in standing.schema.items()
        if kind == pl.String and (name == "tier" or name.endswith(("_tier", "_status")))
    ]
    return standing.with_columns(*words, pl.selectors.float().fill_nan(None))


def evaluate_conditions(facts: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """One Boolean column a condition, named as it is written; one that several rules share is evaluated once."""
    return facts.select(pl.sql_expr(atom).alias(atom) for atom in _list_conditions(rules))


def combine_conditions(answers: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """One Boolean column a rule, from the answers to all conditions."""
    return answers.select(all_true([pl.col(atom) for atom in rule.applies_when]).alias(rule.id) for rule in rules)


def _list_conditions(rules: Sequence[Rule]) -> list[str]:
    return list(dict.fromkeys(atom for rule in rules for atom in rule.applies_when))
