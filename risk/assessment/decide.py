"""Turns each partner's rule inputs into decisions by the rulebook, each with its evidence."""

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
    rule_inputs: pl.DataFrame, rulebook: Rulebook, on: date, most: int | None = MOST_LINES
) -> pl.DataFrame:
    """Build one row per partner and rule that applies or is referred that day, ordered by iso3, kind and rule.

    `unlocks` is what follows: a positive condition's reward, a trigger's way out, the steps of the others.
    `most`: lines of a kind per partner above which checks of one answerer are merged; None merges nothing.
    """
    rules = rulebook.list_rules_in_force(on)
    facts = unknown_as_null(rule_inputs.sort("iso3"))
    answers = evaluate_conditions(facts, rules)
    results = combine_conditions(answers, rules)
    fact_rows = facts.to_dicts()
    rows = [row for rule in rules for row in _build_rule_rows(rule, fact_rows, answers, results[rule.id], rulebook, on)]
    rows.sort(key=lambda row: (row["iso3"], RULE_KINDS.index(row["kind"]), row["rule"]))
    lines = resolve_conflicts(rows, [conflict for conflict in rulebook.conflicts if conflict.is_in_force(on)])
    if most is not None:
        lines = group_checks(lines, [entry for entry in rulebook.joined if entry.is_in_force(on)], most)
    return pl.DataFrame(lines, schema=DECISION_SCHEMA)


def _build_rule_rows(
    rule: Rule,
    fact_rows: Sequence[dict[str, Any]],
    answers: pl.DataFrame,
    result: pl.Series,
    rulebook: Rulebook,
    on: date,
) -> list[DecisionRow]:
    condition_answers = answers.select(rule.applies_when).rows()
    return [
        _build_decision(rule, fact_rows[position], condition_answers[position], holds is True, rulebook, on)
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
        # Cautions are not decisions, so they are never among the rules in force.
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
    """Give the rule's reason; for a trigger, also what each list it reads says about the partner."""
    if not isinstance(rule, Trigger):
        return rule.because
    columns = {name for condition in rule.applies_when for name in list_condition_columns(condition)}
    lists = [name.removeprefix("listed_") for name in sorted(columns) if name.startswith("listed_")]
    listings = [
        rulebook.designations[name].describe_listing(iso3, on) for name in lists if name in rulebook.designations
    ]
    return " ".join([rule.because, *listings])


class _BenchmarkColumns(TypedDict):
    """The benchmark columns of decisions."""

    benchmark_measure: str | None
    benchmark_now: float | None
    benchmark_asked: float | None
    benchmark_by: str | None


def _build_benchmark(rule: Rule, facts: dict[str, Any], rulebook: Rulebook, on: date) -> _BenchmarkColumns:
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
    """Compute the value asked: now plus the step, within the measure's range, or `reach` if that is better than now."""
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
    target = now + (step or 0.0) * (1 if higher else -1)
    return round(min(max(target, measure.low), measure.high), 6)
