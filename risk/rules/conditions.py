"""The conditions of a rule: one SQL expression each, over the columns of one partner's standing."""

import re
from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from risk.rules.condition_parser import FUNCTIONS, parse

JOINING = ("AND", "OR", "NOT", "IN", "BETWEEN")
TEXT = r"'[^']*'"
NUMBER = r"(?<![\w.])\d+(?:\.\d+)?"
LONGEST = 300
# Conditions that are remembered: rules share many, and each is asked for once a line of evidence.
KEPT = 4096
ALLOWED = re.compile(r"[\w\s.,()<>=!+\-*/']*")


def parse_atom(atom: str, schema: pl.Schema) -> pl.Expr:
    """The expression of one condition; ValueError says in one line why it cannot be used.

    Only columns of the schema, comparisons, AND, OR, NOT, IN, BETWEEN, arithmetic and the functions above,
    so nothing can turn a missing value into an answer, and no query hides inside.
    """
    _only_known_words(atom, schema)
    return _answering(atom, tuple((name, schema[name]) for name in atom_columns(atom, schema)))


@lru_cache(KEPT)
def _answering(atom: str, columns: tuple[tuple[str, pl.DataType], ...]) -> pl.Expr:
    """The expression, tried on a row that lacks every value."""
    try:
        expression = pl.sql_expr(atom)
        answer = pl.DataFrame([pl.Series(name, [None], kind) for name, kind in columns]).select(answer=expression)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ValueError(f"{atom!r} cannot be evaluated: {str(error).splitlines()[0]}") from None
    if answer.schema["answer"] != pl.Boolean:
        raise ValueError(f"{atom!r} gives {answer.schema['answer']}, expected true or false")
    if answer.height != 1 or answer.item() is not None:
        raise ValueError(f"{atom!r} has an answer where every value is missing, expected none")
    try:
        parse(atom, pl.Schema(columns))
    except ValueError as error:
        raise ValueError(f"{atom!r} {error}") from None
    return expression


def atom_columns(atom: str, schema: pl.Schema) -> list[str]:
    """The columns one condition reads, in alphabetical order."""
    return [word for word in _words(atom) if word in schema]


@lru_cache(KEPT)
def _words(atom: str) -> list[str]:
    """The words of a condition outside quotes, each once, in alphabetical order."""
    return sorted(set(re.findall(r"[A-Za-z_]\w*", re.sub(TEXT, "", atom))))


def atom_texts(atom: str) -> list[str]:
    """The words in quotes, as in tier IN ('high', 'severe')."""
    return [word[1:-1] for word in re.findall(TEXT, atom)]


def atom_numbers(atom: str) -> list[float]:
    """The numbers a condition compares with."""
    return [float(number) for number in re.findall(NUMBER, re.sub(TEXT, "", atom))]


def all_hold(atoms: Sequence[pl.Expr]) -> pl.Expr:
    """True where every condition holds, false where any does not, null where that is not known."""
    return pl.all_horizontal(atoms)


def _only_known_words(atom: str, schema: pl.Schema) -> None:
    if len(atom) > LONGEST:
        raise ValueError(f"{atom[:40] + '...'!r} is longer than {LONGEST} characters")
    if not ALLOWED.fullmatch(atom):
        raise ValueError(f"{atom!r} holds a character that a condition may not use")
    plain = re.sub(TEXT, "", atom)
    for word in re.findall(r"[A-Za-z_]\w*", plain):
        if word not in schema and word not in (*JOINING, *FUNCTIONS):
            raise ValueError(
                f"{atom!r} uses {word!r}, which is neither a column of the standing nor an allowed function"
            )
    columns = atom_columns(atom, schema)
    if not columns:
        raise ValueError(f"{atom!r} reads no column of the standing")
    for column in columns:
        compared = re.search(rf"\b{column}\b\s*[<>=!+*/-]|[<>=+*/-]\s*{column}\b", plain)
        if schema[column] == pl.Boolean and compared:
            raise ValueError(f"{atom!r} compares {column!r}, which is true or false: write it alone or after NOT")
