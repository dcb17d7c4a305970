"""Standings that Hypothesis invents: any mix of tiers, lists, values around every threshold, and facts not known."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from risk.rules.conditions import atom_columns, atom_numbers
from risk.vocabulary import TIERS
from tests.risk.rules.rulebook_example import KINDS, ORDINARY, rulebook

BOOK = rulebook()
ATOMS = [atom for rule in BOOK.rules for atom in rule.applies_when]
READ = sorted({name for atom in ATOMS for name in atom_columns(atom)} | {"strategic_value"})
SCORED = [name for name in READ if name == "tier" or name.endswith("_tier")]
CROWD, UNKNOWN = 100, 0.1


def values(column: str) -> list[Any]:
    """Values of a column, on both sides of every number the rulebook compares it with."""
    if column in SCORED:
        return [*TIERS]
    if column.endswith("_status"):
        return ["ongoing", "clear"]
    kind = type(ORDINARY[column])
    if kind is bool:
        return [True, False]
    assert KINDS[kind].is_numeric(), f"say which values {column!r} may take"
    named = {number for atom in ATOMS if column in atom_columns(atom) for number in atom_numbers(atom)}
    return sorted({kind(number + shift) for number in named | {0} for shift in (0, 1)})


VALUES = {column: values(column) for column in READ if column != "iso3"}
MISSING = dict.fromkeys(SCORED, "referred") | {name: "unknown" for name in READ if name.endswith("_status")}


def partner(mixed: Random, iso3: str) -> dict[str, Any]:
    """One partner, each of its facts unknown in one case of ten."""
    known = {column: mixed.choice(options) for column, options in VALUES.items()}
    unknown = {column: MISSING.get(column) for column in known if mixed.random() < UNKNOWN}
    return {"iso3": iso3, **known, **unknown}


def crowd(seed: int) -> list[dict[str, Any]]:
    """A hundred partners, two of them under rules on a single country."""
    mixed = Random(seed)
    names = ["EGY", "VEN", *(f"X{number:02}" for number in range(CROWD - 2))]
    return [partner(mixed, iso3) for iso3 in names]


crowds = st.integers(0, 2**32 - 1).map(crowd)
