"""Competing objectives for one partner, with the facts and rules on each side."""

import json
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from risk.outputs.table_rows import DecisionRow, PartnerRow, Standing
from risk.portfolio.policy_types import Fact, Tension
from risk.report.contracts.portfolio import TensionRow

SHOWN_RULES = 3
FOR_KINDS, AGAINST_KINDS = ("positive_condition", "message"), ("trigger", "redline", "offramp", "positive_condition")


def list_competing_objectives(
    partners: Mapping[str, PartnerRow],
    rule_inputs: Mapping[str, Standing],
    decisions: Mapping[str, Sequence[DecisionRow]],
    tensions: Sequence[Tension],
) -> pl.DataFrame:
    """List partner and tension pairs with facts on both sides, for posture condition (high value, poor record).

    Columns (texts): iso3, partner, posture, tier, tension, objective, for_facts, against, against_facts, for_rules,
    against_rules. The mappings are by ISO3.
    """
    chosen = sorted((row for row in partners.values() if row["posture"] == "condition"), key=lambda row: row["partner"])
    rows = [
        row
        for partner in chosen
        for row in _find_tensions(
            partner, rule_inputs.get(partner["iso3"], {}), decisions.get(partner["iso3"], ()), tensions
        )
    ]
    columns = (
        *SHOWN_COLUMNS,
        "tension",
        "objective",
        "for_facts",
        "against",
        "against_facts",
        "for_rules",
        "against_rules",
    )
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))


SHOWN_COLUMNS = ("iso3", "partner", "posture", "tier")


def _find_tensions(
    partner: PartnerRow, rule_inputs: Standing, rules: Sequence[DecisionRow], tensions: Sequence[Tension]
) -> Iterator[TensionRow]:
    applies = sorted((row for row in rules if row["result"] == "applies"), key=lambda row: str(row["rule"]))
    for tension in tensions:
        urgent = [fact for fact in tension.urgent if fact.speaks(rule_inputs)]
        record = [fact for fact in tension.record if fact.speaks(rule_inputs)]
        if urgent and record:
            yield {
                "iso3": partner["iso3"],
                "partner": partner["partner"],
                "posture": partner["posture"],
                "tier": partner["tier"],
                "tension": tension.id,
                "objective": tension.objective,
                "for_facts": _format_facts(urgent, rule_inputs),
                "against": tension.against,
                "against_facts": _format_facts(record, rule_inputs),
                "for_rules": _list_rule_titles(applies, tension.urgent_read_by, FOR_KINDS),
                "against_rules": _list_rule_titles(applies, tension.record_read_by, AGAINST_KINDS),
            }


def _format_facts(facts: Sequence[Fact], rule_inputs: Standing) -> str:
    return "; ".join(
        f"{fact.label} {_format_figure(value)}{_format_year(fact, rule_inputs)}"
        for fact in facts
        if (value := rule_inputs[fact.column]) is not None
    )


def _format_figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"


def _format_year(fact: Fact, rule_inputs: Standing) -> str:
    age = rule_inputs.get(f"{fact.column.removesuffix('_sum5')}_age")
    origin = rule_inputs.get("origin")
    return f" ({origin - age:.0f})" if age is not None and origin is not None else ""


def _list_rule_titles(rules: Sequence[DecisionRow], reads: Sequence[str], kinds: tuple[str, ...]) -> str:
    """Titles of rules of these kinds whose facts read the side's columns, in the order of kinds."""
    titles = [
        row["title"]
        for kind in kinds
        for row in rules
        if row["kind"] == kind and _reads_columns(row["evidence"], reads)
    ]
    names = list(dict.fromkeys(titles))
    more = f"; and {len(names) - SHOWN_RULES} more" if len(names) > SHOWN_RULES else ""
    return "; ".join(names[:SHOWN_RULES]) + more


def _reads_columns(evidence: str | None, reads: Sequence[str]) -> bool:
    columns = [column for fact in json.loads(evidence or "[]") for column in fact.get("values") or {}]
    starts, ends = (tuple(p for p in reads if (p[0] == "_") is ending) for ending in (False, True))
    return any(column.startswith(starts) or column.endswith(ends) for column in columns)
