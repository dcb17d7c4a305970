"""Evaluates all rules of a day for any number of partners at once, reading only the columns they need.

One false condition rules a rule out; otherwise one with missing facts refers it to a reviewer.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from risk.rules.conditions import all_true, list_condition_columns
from risk.rules.rule_types import Rule
from risk.rules.rulebook import Rulebook
from risk.vocabulary import REFERRED

# Rows per slice: enough to keep every core busy, few enough that memory does not grow with the frame.
SLICE_ROWS = 65_536


def evaluate_rules(rule_inputs: pl.DataFrame, rulebook: Rulebook, on: date) -> pl.DataFrame:
    """Evaluate each rule in force that day as a Boolean column, row order kept: true applies, null refers."""
    rules = rulebook.list_rules_in_force(on)
    read_columns = rule_inputs.select(list_read_columns(rules))
    parts = [
        combine_conditions(evaluate_conditions(unknown_as_null(part), rules), rules)
        for part in read_columns.iter_slices(SLICE_ROWS)
        if not part.is_empty()
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema={rule.id: pl.Boolean for rule in rules})


def list_read_columns(rules: Sequence[Rule]) -> list[str]:
    """List the columns that the conditions of these rules read, in alphabetical order."""
    return sorted({name for condition in _list_conditions(rules) for name in list_condition_columns(condition)})


def unknown_as_null(rule_inputs: pl.DataFrame) -> pl.DataFrame:
    """Replace a referred tier, an unknown status and NaN by null, so that no condition gets an answer from them."""
    words = [
        pl.when(~pl.col(name).is_in([REFERRED, "unknown"])).then(pl.col(name)).alias(name)
        for name, kind in rule_inputs.schema.items()
        if kind == pl.String and (name == "tier" or name.endswith(("_tier", "_status")))
    ]
    return rule_inputs.with_columns(*words, pl.selectors.float().fill_nan(None))


def evaluate_conditions(facts: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Evaluate each distinct condition once, as a Boolean column named by its text."""
    return facts.select(pl.sql_expr(condition).alias(condition) for condition in _list_conditions(rules))


def combine_conditions(answers: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Combine the answers to conditions into one Boolean column per rule."""
    return answers.select(
        all_true([pl.col(condition) for condition in rule.applies_when]).alias(rule.id) for rule in rules
    )


def _list_conditions(rules: Sequence[Rule]) -> list[str]:
    return list(dict.fromkeys(condition for rule in rules for condition in rule.applies_when))
