"""The conditions of a rule: one SQL expression each, over the columns of the rule inputs."""

from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from risk.rules.condition_parser import (
    KEPT,
    KEYWORDS,
    Value,
    check_kinds,
    list_columns,
    parse_condition,
    split_tokens,
    walk_tree,
)

LONGEST_CONDITION = 300


def build_condition(condition: str, schema: pl.Schema) -> pl.Expr:
    """Build the expression of one condition; ValueError says in one line why it cannot be used.

    It may use only columns of the schema, comparisons, AND, OR, NOT, IN, BETWEEN, arithmetic and the functions of the
    grammar, so that it cannot turn a missing value into an answer or contain a subquery.
    """
    if len(condition) > LONGEST_CONDITION:
        raise ValueError(f"{condition[:40] + '...'!r} is longer than {LONGEST_CONDITION} characters")
    try:
        _check_words(condition, schema)
        expression = _try_without_values(
            condition, tuple((name, schema[name]) for name in list_condition_columns(condition))
        )
        check_kinds(parse_condition(condition), schema)
    except ValueError as error:
        raise ValueError(f"{condition!r} {error}") from None
    return expression


def _check_words(condition: str, schema: pl.Schema) -> None:
    for word in split_tokens(condition):
        if word.isidentifier() and word not in schema and word not in KEYWORDS:
            raise ValueError(f"uses {word!r}, which is neither a column of the rule inputs nor an allowed function")
    if not list_condition_columns(condition):
        raise ValueError("reads no column of the rule inputs")


@lru_cache(KEPT)
def _try_without_values(condition: str, columns: tuple[tuple[str, pl.DataType], ...]) -> pl.Expr:
    """Build the expression and evaluate it on a row of nulls, which must give null."""
    try:
        expression = pl.sql_expr(condition)
        answer = pl.DataFrame([pl.Series(name, [None], kind) for name, kind in columns]).select(answer=expression)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ValueError(f"cannot be evaluated: {str(error).splitlines()[0]}") from None
    if answer.schema["answer"] != pl.Boolean:
        raise ValueError(f"gives {answer.schema['answer']}, expected true or false")
    if answer.height != 1 or answer.item() is not None:
        raise ValueError("gives an answer when every value is missing, expected null")
    return expression


@lru_cache(KEPT)
def list_condition_columns(condition: str) -> tuple[str, ...]:
    """List the columns one condition reads, in alphabetical order."""
    return tuple(list_columns(parse_condition(condition)))


def list_condition_texts(condition: str) -> list[str]:
    """List the quoted words, as in tier IN ('high', 'severe')."""
    return [value for value in _list_values(condition) if isinstance(value, str)]


def list_condition_numbers(condition: str) -> list[float]:
    """List the numbers in a condition."""
    return [float(value) for value in _list_values(condition) if not isinstance(value, str)]


def _list_values(condition: str) -> list[float | str]:
    return [node.value for node in walk_tree(parse_condition(condition)) if isinstance(node, Value)]


def all_true(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """Combine conditions: true if all hold, false if any does not, otherwise null."""
    return pl.all_horizontal(conditions)
