"""The evidence of a decision: facts, values and years behind each condition."""

import json
from collections.abc import Sequence
from typing import Any

from risk.outputs.table_rows import Evidence
from risk.rules.conditions import list_condition_columns
from risk.rules.rulebook import Rulebook


def format_evidence(
    atoms: Sequence[str], facts: dict[str, Any], answers: Sequence[bool | None], rulebook: Rulebook
) -> str:
    """JSON: each condition of one rule as written, the values it saw, the years they are of, and whether it held."""
    lines: list[Evidence] = []
    for atom, holds in zip(atoms, answers, strict=True):
        names = list_condition_columns(atom)
        years = {name: _find_value_year(name, facts, rulebook) for name in names}
        lines.append({"fact": atom, "values": {name: facts[name] for name in names}, "years": years, "holds": holds})
    return json.dumps(lines, ensure_ascii=False, default=str)


def _find_value_year(column: str, facts: dict[str, Any], rulebook: Rulebook) -> int | None:
    """The year a value is of: that of the list's last reading, or the origin less the age of its measure."""
    designation = rulebook.designations.get(column.removeprefix("listed_").removeprefix("waived_"))
    if designation is not None:
        return designation.as_of.year
    measure = column
    while f"{measure}_age" not in facts and "_" in measure:
        measure = measure.rpartition("_")[0]
    age = facts.get(f"{measure}_age", 0)
    return None if age is None else int(facts["origin"] - age)
