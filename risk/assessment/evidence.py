"""The evidence for a decision: facts, values and years behind each condition."""

import json
from collections.abc import Sequence
from typing import Any

from risk.outputs.table_rows import Evidence
from risk.rules.conditions import list_condition_columns
from risk.rules.rulebook import Rulebook


def format_evidence(
    conditions: Sequence[str], facts: dict[str, Any], answers: Sequence[bool | None], rulebook: Rulebook
) -> str:
    """Format as JSON each condition of one rule as written, its values, their years, and whether it held."""
    lines: list[Evidence] = []
    for condition, holds in zip(conditions, answers, strict=True):
        names = list_condition_columns(condition)
        years = {name: _find_value_year(name, facts, rulebook) for name in names}
        lines.append(
            {"fact": condition, "values": {name: facts[name] for name in names}, "years": years, "holds": holds}
        )
    return json.dumps(lines, ensure_ascii=False, default=str)


def _find_value_year(column: str, facts: dict[str, Any], rulebook: Rulebook) -> int | None:
    """Find the year of a value: that of the list's last reading, or the origin minus the age of its measure."""
    designation = rulebook.designations.get(column.removeprefix("listed_").removeprefix("waived_"))
    if designation is not None:
        return designation.as_of.year
    measure = column
    while f"{measure}_age" not in facts and "_" in measure:
        measure = measure.rpartition("_")[0]
    age = facts.get(f"{measure}_age", 0)
    return None if age is None else int(facts["origin"] - age)
