"""Whether the conditions of a rule can all hold at once, tried on values around every number they name."""

from collections.abc import Sequence
from functools import lru_cache, reduce
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

import polars as pl

from risk.rules.condition_parser import KEPT, Arithmetic, parse_condition, walk_tree
from risk.rules.conditions import all_true, list_condition_columns, list_condition_numbers, list_condition_texts
from risk.rules.rulebook import Rulebook

# A fraction far finer than any threshold in the rulebook, to stand just above and just below it.
NEAR_STEP = 0.001
# Beyond so many combinations of values no proof is tried: a rule is refused only where none can hold.
MOST_COMBINATIONS = 2_000_000
# Every two of them are brought together, so that many would take hours before a combination was tried.
MOST_NUMBERS = 100


class ColumnDomain(NamedTuple):
    """What a column can hold: a type, and words or a range where the rulebook gives them."""

    column: str
    kind: pl.DataType
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


def can_all_apply(atoms: Sequence[str], book: Rulebook) -> bool:
    """True if some partner could meet all conditions, given what each column can hold."""
    return all(
        _can_hold_together(tuple(group), _list_column_domains(group, book)) for group in _group_conditions(atoms)
    )


def _list_column_domains(atoms: Sequence[str], book: Rulebook) -> tuple[ColumnDomain, ...]:
    """What each column of the conditions can hold, by name."""
    columns = sorted({name for atom in atoms for name in list_condition_columns(atom)})
    known = [(name, book.schema[name], book.find_measure(name)) for name in columns]
    return tuple(
        ColumnDomain(name, kind, tuple(measure.words), measure.low, measure.high)
        if measure
        else ColumnDomain(name, kind)
        for name, kind, measure in known
    )


def _group_conditions(atoms: Sequence[str]) -> list[list[str]]:
    """Conditions in groups that share no column, so that each group can be tried alone."""
    groups: list[tuple[set[str], list[str]]] = []
    for atom in atoms:
        columns, members = set(list_condition_columns(atom)), [atom]
        for other in [group for group in groups if group[0] & columns]:
            groups.remove(other)
            columns, members = columns | other[0], other[1] + members
        groups.append((columns, members))
    return [members for _, members in groups]


@lru_cache(KEPT)
def _can_hold_together(atoms: tuple[str, ...], columns: tuple[ColumnDomain, ...]) -> bool:
    if sum(len(list_condition_numbers(atom)) for atom in atoms) > MOST_NUMBERS:
        return True
    values = [
        _list_test_values(held, [atom for atom in atoms if held.column in list_condition_columns(atom)])
        for held in columns
    ]
    if prod(map(len, values)) > MOST_COMBINATIONS:
        return True
    # A first row, for conditions that name no column.
    frames = (column.to_frame() for column in values)
    tried = reduce(lambda left, right: left.join(right, how="cross"), frames, pl.DataFrame({"_": [0]}))
    return bool(tried.select(all_true([pl.sql_expr(atom) for atom in atoms]).any()).item())


def _list_test_values(held: ColumnDomain, atoms: Sequence[str]) -> pl.Series:
    column, kind = held.column, held.kind
    if kind == pl.Boolean:
        return pl.Series(column, [True, False])
    if kind == pl.String:
        return pl.Series(
            column, held.words or sorted({"", *(text for atom in atoms for text in list_condition_texts(atom))})
        )
    calculated = any(isinstance(node, Arithmetic) for atom in atoms for node in walk_tree(parse_condition(atom)))
    near = _list_near_values(atoms, 1 if kind.is_integer() else NEAR_STEP, calculated)
    if held.low is not None and held.high is not None:
        low, width = held.low, held.high - held.low
        near |= {low + width * part / 100 for part in (range(101) if calculated else (0, 100))}
        near = {value for value in near if held.low <= value <= held.high}
    if not kind.is_integer():
        near |= {(low + high) / 2 for low, high in pairwise(sorted(near))}
    return pl.Series(column, sorted(near)).cast(kind, strict=False)


def _list_near_values(atoms: Sequence[str], step: float, calculated: bool) -> set[float]:
    """Values on, just below and just above every number named, and what arithmetic makes of two of them."""
    named = {sign * number for atom in atoms for number in list_condition_numbers(atom) for sign in (1, -1)}
    if calculated:
        pairs = list(product(named, repeat=2))
        named |= {made for a, b in pairs for made in (a + b, a * b)} | {a / b for a, b in pairs if b}
    return {value + shift for value in {0.0, 1.0, *named} for shift in (-step, 0, step)}
