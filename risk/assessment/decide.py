"""From the standing of each partner and the rulebook to decisions, each with the evidence it rests on."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict, cast, get_args

import polars as pl

from risk.assessment.check_groups import MOST_LINES, group_checks
from risk.assessment.conflict_resolution import resolve_conflicts
from risk.assessment.evaluate import combine_conditions, evaluate_conditions, unknown_as_null
from risk.assessment.evidence import format_evidence
from risk.outputs.table_rows import DecisionRow, Kind
from risk.rules.conditions import list_condition_columns
from risk.rules.rule_types import PositiveCondition, Rule, Trigger
from risk.rules.rulebook import Rulebook
from risk.rules.validity import add_years

RULE_KINDS: tuple[str, ...] = get_args(Kind)
DECISION_SCHEMA = pl.Schema(
    {
        "iso3": pl.String,
        "partner": pl.String,
        "rule": pl.String,
        "kind": pl.String,
        "result": pl.String,
        "title": pl.String,
        "because": pl.String,
        "evidence": pl.String,
        "benchmark_measure": pl.String,
        "benchmark_now": pl.Float64,
        "benchmark_asked": pl.Float64,
        "benchmark_by": pl.String,
        "unlocks": pl.String,
        "reference": pl.String,
        "as_of": pl.String,
        "reference_status": pl.String,
    }
)


def decide_by_rules(
    standing: pl.DataFrame, rulebook: Rulebook, on: date, most: int | None = MOST_LINES
) -> pl.DataFrame:
    """One row for each partner and rule that applies or is referred that day, ordered by iso3, kind and rule.

    `unlocks` tells what follows: a positive condition's reward, a trigger's way out, the steps of the others.
    `most`: lines of a kind a partner, beyond which checks with one answerer are joined; none joins nothing.
    """
    rules = rulebook.list_rules_in_force(on)
    facts = unknown_as_null(standing.sort("iso3"))
    answers = evaluate_conditions(facts, rules)
    results = combine_conditions(answers, rules)
    seen = facts.to_dicts()
    rows = [row for rule in rules for row in _build_rule_rows(rule, seen, answers, results[rule.id], rulebook, on)]
    rows.sort(key=lambda row: (row["iso3"], RULE_KINDS.index(row["kind"]), row["rule"]))
    lines = resolve_conflicts(rows, [conflict for conflict in rulebook.conflicts if conflict.is_in_force(on)])
    if most is not None:
        lines = group_checks(lines, [entry for entry in rulebook.joined if entry.is_in_force(on)], most)
    return pl.DataFrame(lines, schema=DECISION_SCHEMA)


def _build_rule_rows(
    rule: Rule,
    seen: Sequence[dict[str, Any]],
    answers: pl.DataFrame,
    result: pl.Series,
    rulebook: Rulebook,
    on: date,
) -> list[DecisionRow]:
    asked = answers.select(rule.applies_when).rows()
    return [
        _build_decision(rule, seen[position], asked[position], holds is True, rulebook, on)
        for position, holds in enumerate(result)
        if holds is not False
    ]


def _build_decision(
    rule: Rule,
    facts: dict[str, Any],
    answers: Sequence[bool | None],
    holds: bool,
    rulebook: Rulebook,
    on: date,
) -> DecisionRow:
    return {
        "iso3": facts["iso3"],
        "partner": facts["partner"],
        "rule": rule.id,
        # Cautions are no decisions: they are never among the rules in force.
        "kind": cast(Kind, rule.kind),
        "result": "applies" if holds else "refer",
        "title": rule.title,
        "because": _explain_rule(rule, facts["iso3"], rulebook, on),
        "evidence": format_evidence(rule.applies_when, facts, answers, rulebook),
        **_build_benchmark(rule, facts, rulebook, on),
        "unlocks": rule.describe_consequence(),
        "reference": rule.reference.cite,
        "as_of": rule.reference.as_of.isoformat(),
        "reference_status": rule.reference.status,
    }


def _explain_rule(rule: Rule, iso3: str, rulebook: Rulebook, on: date) -> str:
    """The rule's reason; for a trigger, also what each list it reads says of the partner, and its source."""
    if not isinstance(rule, Trigger):
        return rule.because
    read = {name for atom in rule.applies_when for name in list_condition_columns(atom)}
    lists = [name.removeprefix("listed_") for name in sorted(read) if name.startswith("listed_")]
    told = [rulebook.designations[name].describe_listing(iso3, on) for name in lists if name in rulebook.designations]
    return " ".join([rule.because, *told])


class _Asked(TypedDict):
    """The columns of decisions on what a positive condition asks."""

    benchmark_measure: str | None
    benchmark_now: float | None
    benchmark_asked: float | None
    benchmark_by: str | None


def _build_benchmark(rule: Rule, facts: dict[str, Any], rulebook: Rulebook, on: date) -> _Asked:
    if not isinstance(rule, PositiveCondition):
        return {"benchmark_measure": None, "benchmark_now": None, "benchmark_asked": None, "benchmark_by": None}
    benchmark = rule.benchmark
    return {
        "benchmark_measure": benchmark.measure,
        "benchmark_now": facts[benchmark.measure],
        "benchmark_asked": _compute_benchmark_target(rule, facts[benchmark.measure], rulebook),
        "benchmark_by": add_years(on, benchmark.within_years).isoformat(),
    }


def _compute_benchmark_target(rule: PositiveCondition, now: float | None, rulebook: Rulebook) -> float | None:
    """The value asked: now and the step, within the measure's range, or the level to reach if better."""
    measure, reach, step = (
        rulebook.find_measure(rule.benchmark.measure),
        rule.benchmark.reach,
        rule.benchmark.improve_by,
    )
    if now is None or measure is None or measure.low is None or measure.high is None:
        return reach
    higher = measure.better == "higher"
    if reach is not None:
        return max(now, reach) if higher else min(now, reach)
    asked = now + (step or 0.0) * (1 if higher else -1)
    return round(min(max(asked, measure.low), measure.high), 6)
