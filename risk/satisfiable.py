"""Whether the conditions of a rule can all hold at once, tried on values around every number they name."""

import re
from collections.abc import Sequence
from itertools import pairwise, product
from math import prod

import polars as pl

from risk.atoms import all_hold, atom_columns, atom_numbers, atom_texts
from risk.entries import Rulebook

# A fraction far finer than any threshold in the rulebook, to stand just above and just below it.
STEP = 0.001
# Beyond so many combinations of values no proof is tried: a rule is refused only where none can hold.
MOST_TRIED = 2_000_000
# Every two of them are brought together, so that many would take hours before a combination was tried.
MOST_NUMBERS = 100


def can_apply(atoms: Sequence[str], book: Rulebook) -> bool:
    """True if some partner could meet all conditions, given what each column can hold."""
    return all(_can_hold(group, book) for group in _linked(atoms, book.schema))


def _linked(atoms: Sequence[str], schema: pl.Schema) -> list[list[str]]:
    """Conditions in groups that share no column, so that each group can be tried alone."""
    groups: list[tuple[set[str], list[str]]] = []
    for atom in atoms:
        columns, members = set(atom_columns(atom, schema)), [atom]
        for other in [group for group in groups if group[0] & columns]:
            groups.remove(other)
            columns, members = columns | other[0], other[1] + members
        groups.append((columns, members))
    return [members for _, members in groups]


def _can_hold(atoms: Sequence[str], book: Rulebook) -> bool:
    if sum(len(atom_numbers(atom)) for atom in atoms) > MOST_NUMBERS:
        return True
    columns = sorted({name for atom in atoms for name in atom_columns(atom, book.schema)})
    values = [
        _values(name, [atom for atom in atoms if name in atom_columns(atom, book.schema)], book) for name in columns
    ]
    if prod(map(len, values)) > MOST_TRIED:
        return True
    tried = pl.DataFrame({"_": [0]})
    for column in values:
        tried = tried.join(column.to_frame(), how="cross")
    return bool(tried.select(all_hold([pl.sql_expr(atom) for atom in atoms]).any()).item())


def _values(column: str, atoms: Sequence[str], book: Rulebook) -> pl.Series:
    kind, measure = book.schema[column], book.measure(column)
    if kind == pl.Boolean:
        return pl.Series(column, [True, False])
    if kind == pl.String:
        words = measure.words if measure else []
        return pl.Series(column, words or sorted({"", *(text for atom in atoms for text in atom_texts(atom))}))
    calculated = any(re.search("[*/+-]|ABS|ROUND", atom) for atom in atoms)
    near = _near(atoms, 1 if kind.is_integer() else STEP, calculated)
    if measure and measure.low is not None and measure.high is not None:
        low, width = measure.low, measure.high - measure.low
        near |= {low + width * part / 100 for part in (range(101) if calculated else (0, 100))}
        near = {value for value in near if measure.low <= value <= measure.high}
    if not kind.is_integer():
        near |= {(low + high) / 2 for low, high in pairwise(sorted(near))}
    return pl.Series(column, sorted(near)).cast(kind, strict=False)


def _near(atoms: Sequence[str], step: float, calculated: bool) -> set[float]:
    """Values on, just below and just above every number named, and what arithmetic makes of two of them."""
    named = {sign * number for atom in atoms for number in atom_numbers(atom) for sign in (1, -1)}
    if calculated:
        pairs = list(product(named, repeat=2))
        named |= {made for a, b in pairs for made in (a + b, a * b)} | {a / b for a, b in pairs if b}
    return {value + shift for value in {0.0, 1.0, *named} for shift in (-step, 0, step)}
