"""Standings that Hypothesis invents: any mix of tiers, lists, values around every threshold, and facts not known."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from risk.rules.conditions import list_condition_columns, list_condition_numbers
from risk.vocabulary import TIERS
from tests.risk.rules.rulebook_example import COLUMN_TYPES, ORDINARY_PARTNER, load_project_rulebook

PROJECT_RULEBOOK = load_project_rulebook()
RULE_CONDITIONS = [atom for rule in PROJECT_RULEBOOK.rules for atom in rule.applies_when]
READ_COLUMNS = sorted({name for atom in RULE_CONDITIONS for name in list_condition_columns(atom)} | {"strategic_value"})
TIER_COLUMNS = [name for name in READ_COLUMNS if name == "tier" or name.endswith("_tier")]
PARTNER_COUNT, UNKNOWN_SHARE = 100, 0.1


def list_column_values(column: str) -> list[Any]:
    """Values of a column, on both sides of every number the rulebook compares it with."""
    if column in TIER_COLUMNS:
        return [*TIERS]
    if column.endswith("_status"):
        return ["ongoing", "clear"]
    kind = type(ORDINARY_PARTNER[column])
    if kind is bool:
        return [True, False]
    assert COLUMN_TYPES[kind].is_numeric(), f"say which values {column!r} may take"
    named = {
        number
        for atom in RULE_CONDITIONS
        if column in list_condition_columns(atom)
        for number in list_condition_numbers(atom)
    }
    return sorted({kind(number + shift) for number in named | {0} for shift in (0, 1)})


COLUMN_VALUES = {column: list_column_values(column) for column in READ_COLUMNS if column != "iso3"}
MISSING_VALUES = dict.fromkeys(TIER_COLUMNS, "referred") | {
    name: "unknown" for name in READ_COLUMNS if name.endswith("_status")
}


def invent_partner(mixed: Random, iso3: str) -> dict[str, Any]:
    """One partner, each of its facts unknown in one case of ten."""
    known = {column: mixed.choice(options) for column, options in COLUMN_VALUES.items()}
    unknown = {column: MISSING_VALUES.get(column) for column in known if mixed.random() < UNKNOWN_SHARE}
    return {"iso3": iso3, **known, **unknown}


def invent_partners(seed: int) -> list[dict[str, Any]]:
    """A hundred partners, two of them under rules on a single country."""
    mixed = Random(seed)
    names = ["EGY", "VEN", *(f"X{number:02}" for number in range(PARTNER_COUNT - 2))]
    return [invent_partner(mixed, iso3) for iso3 in names]


partner_lists = st.integers(0, 2**32 - 1).map(invent_partners)
