"""Standings that Hypothesis invents: any mix of tiers, lists, values around every threshold, and facts not known."""

from typing import Any

from hypothesis import strategies as st

from risk.atoms import atom_columns, atom_numbers
from risk.entries import TIERS
from tests.risk.standing_example import KINDS, ORDINARY, SCHEMA, rulebook

BOOK = rulebook()
ATOMS = [atom for rule in BOOK.rules for atom in rule.applies_when]
READ = sorted({name for atom in ATOMS for name in atom_columns(atom, SCHEMA)} | {"strategic_value"})
SCORED = [name for name in READ if name == "tier" or name.endswith("_tier")]


def values(column: str) -> st.SearchStrategy[Any]:
    """Values of a column on both sides of every number the rulebook compares it with, and not known."""
    if column in SCORED:
        return st.sampled_from([*TIERS, "referred"])
    if column.endswith("_status"):
        return st.sampled_from(["ongoing", "clear", "unknown"])
    if column == "iso3":
        return st.sampled_from(["XXA", "EGY", "VEN"])
    kind = type(ORDINARY[column])
    if kind is bool:
        return st.sampled_from([True, False, None])
    assert KINDS[kind].is_numeric()
    named = {number for atom in ATOMS if column in atom_columns(atom, SCHEMA) for number in atom_numbers(atom)}
    near = sorted({kind(number + shift) for number in named | {0} for shift in (-1, 0, 1)})
    return st.sampled_from([*near, None])


facts = st.fixed_dictionaries({column: values(column) for column in READ})
