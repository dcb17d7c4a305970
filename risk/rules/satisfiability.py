"""Whether the conditions of a rule can all hold at once, tested on values around every number in them."""

from collections.abc import Sequence
from functools import lru_cache, reduce
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

import polars as pl

from risk.rules.condition_parser import KEPT, Arithmetic, parse_condition, walk_tree
from risk.rules.conditions import all_true, list_condition_columns, list_condition_numbers, list_condition_texts
from risk.rules.rulebook import Rulebook

# Far finer than any threshold in the rulebook, to test just above and just below it.
NEAR_STEP = 0.001
# With more combinations of values than this, the rule is accepted untested.
MOST_COMBINATIONS = 2_000_000
# All pairs of numbers are combined, so more of them would take hours before a combination was tested.
MOST_NUMBERS = 100


class ColumnDomain(NamedTuple):
    """The values a column can have: its type, and words or a range if the rulebook gives them."""

    column: str
    kind: pl.DataType
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


def can_all_apply(conditions: Sequence[str], book: Rulebook) -> bool:
    """Return True if some partner could meet all conditions, given the domain of each column."""
    return all(
        _can_hold_together(tuple(group), _list_column_domains(group, book)) for group in _group_conditions(conditions)
    )


def _list_column_domains(conditions: Sequence[str], book: Rulebook) -> tuple[ColumnDomain, ...]:
    """List the domain of each column in the conditions, by name."""
    columns = sorted({name for condition in conditions for name in list_condition_columns(condition)})
    known = [(name, book.schema[name], book.find_measure(name)) for name in columns]
    return tuple(
        ColumnDomain(name, kind, tuple(measure.words), measure.low, measure.high)
        if measure
        else ColumnDomain(name, kind)
        for name, kind, measure in known
    )


def _group_conditions(conditions: Sequence[str]) -> list[list[str]]:
    """Group conditions so that no two groups share a column and each can be tested alone."""
    groups: list[tuple[set[str], list[str]]] = []
    for condition in conditions:
        columns, members = set(list_condition_columns(condition)), [condition]
        for other in [group for group in groups if group[0] & columns]:
            groups.remove(other)
            columns, members = columns | other[0], other[1] + members
        groups.append((columns, members))
    return [members for _, members in groups]


@lru_cache(KEPT)
def _can_hold_together(conditions: tuple[str, ...], columns: tuple[ColumnDomain, ...]) -> bool:
    if sum(len(list_condition_numbers(condition)) for condition in conditions) > MOST_NUMBERS:
        return True
    values = [
        _list_test_values(
            domain, [condition for condition in conditions if domain.column in list_condition_columns(condition)]
        )
        for domain in columns
    ]
    if prod(map(len, values)) > MOST_COMBINATIONS:
        return True
    # One starting row, for conditions that read no column.
    frames = (column.to_frame() for column in values)
    candidates = reduce(lambda left, right: left.join(right, how="cross"), frames, pl.DataFrame({"_": [0]}))
    return bool(candidates.select(all_true([pl.sql_expr(condition) for condition in conditions]).any()).item())


def _list_test_values(domain: ColumnDomain, conditions: Sequence[str]) -> pl.Series:
    column, kind = domain.column, domain.kind
    if kind == pl.Boolean:
        return pl.Series(column, [True, False])
    if kind == pl.String:
        return pl.Series(
            column,
            domain.words
            or sorted({"", *(text for condition in conditions for text in list_condition_texts(condition))}),
        )
    calculated = any(
        isinstance(node, Arithmetic) for condition in conditions for node in walk_tree(parse_condition(condition))
    )
    near = _list_near_values(conditions, 1 if kind.is_integer() else NEAR_STEP, calculated)
    if domain.low is not None and domain.high is not None:
        low, width = domain.low, domain.high - domain.low
        near |= {low + width * part / 100 for part in (range(101) if calculated else (0, 100))}
        near = {value for value in near if domain.low <= value <= domain.high}
    if not kind.is_integer():
        near |= {(low + high) / 2 for low, high in pairwise(sorted(near))}
    return pl.Series(column, sorted(near)).cast(kind, strict=False)


def _list_near_values(conditions: Sequence[str], step: float, calculated: bool) -> set[float]:
    """List values at, just below and just above every number, and the sums, products and ratios of each pair."""
    named = {
        sign * number for condition in conditions for number in list_condition_numbers(condition) for sign in (1, -1)
    }
    if calculated:
        pairs = list(product(named, repeat=2))
        named |= {result for a, b in pairs for result in (a + b, a * b)} | {a / b for a, b in pairs if b}
    return {value + shift for value in {0.0, 1.0, *named} for shift in (-step, 0, step)}
