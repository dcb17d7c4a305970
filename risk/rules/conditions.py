"""The conditions of a rule: one SQL expression each, over the columns of one partner's standing."""

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


def build_condition(atom: str, schema: pl.Schema) -> pl.Expr:
    """The expression of one condition; ValueError says in one line why it cannot be used.

    Only columns of the schema, comparisons, AND, OR, NOT, IN, BETWEEN, arithmetic and the functions of the grammar,
    so nothing can turn a missing value into an answer, and no query hides inside.
    """
    if len(atom) > LONGEST_CONDITION:
        raise ValueError(f"{atom[:40] + '...'!r} is longer than {LONGEST_CONDITION} characters")
    try:
        _check_words(atom, schema)
        expression = _try_without_values(atom, tuple((name, schema[name]) for name in list_condition_columns(atom)))
        check_kinds(parse_condition(atom), schema)
    except ValueError as error:
        raise ValueError(f"{atom!r} {error}") from None
    return expression


def _check_words(atom: str, schema: pl.Schema) -> None:
    for word in split_tokens(atom):
        if word.isidentifier() and word not in schema and word not in KEYWORDS:
            raise ValueError(f"uses {word!r}, which is neither a column of the standing nor an allowed function")
    if not list_condition_columns(atom):
        raise ValueError("reads no column of the standing")


@lru_cache(KEPT)
def _try_without_values(atom: str, columns: tuple[tuple[str, pl.DataType], ...]) -> pl.Expr:
    """The expression, tried on a row that lacks every value."""
    try:
        expression = pl.sql_expr(atom)
        answer = pl.DataFrame([pl.Series(name, [None], kind) for name, kind in columns]).select(answer=expression)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ValueError(f"cannot be evaluated: {str(error).splitlines()[0]}") from None
    if answer.schema["answer"] != pl.Boolean:
        raise ValueError(f"gives {answer.schema['answer']}, expected true or false")
    if answer.height != 1 or answer.item() is not None:
        raise ValueError("has an answer where every value is missing, expected none")
    return expression


@lru_cache(KEPT)
def list_condition_columns(atom: str) -> tuple[str, ...]:
    """The columns one condition reads, in alphabetical order."""
    return tuple(list_columns(parse_condition(atom)))


def list_condition_texts(atom: str) -> list[str]:
    """The words in quotes, as in tier IN ('high', 'severe')."""
    return [value for value in _list_values(atom) if isinstance(value, str)]


def list_condition_numbers(atom: str) -> list[float]:
    """The numbers a condition compares with."""
    return [float(value) for value in _list_values(atom) if not isinstance(value, str)]


def _list_values(atom: str) -> list[float | str]:
    return [node.value for node in walk_tree(parse_condition(atom)) if isinstance(node, Value)]


def all_true(atoms: Sequence[pl.Expr]) -> pl.Expr:
    """True where every condition holds, false where any does not, null where that is not known."""
    return pl.all_horizontal(atoms)
