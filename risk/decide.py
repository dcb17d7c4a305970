"""From the standing of each partner and the rulebook to decisions, each with the evidence it rests on."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import polars as pl

from risk.atoms import atom_columns
from risk.conflicts import settle
from risk.dated import years_later
from risk.entries import Kind, PositiveCondition, Rule, Rulebook, Trigger
from risk.evaluate import atom_answers, hold_together, known
from risk.joined import MOST, join
from risk.tiers import REFERRED, posture_expr

KINDS: tuple[str, ...] = get_args(Kind)
DECISIONS = pl.Schema(
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
POSTURE_WORDS = {
    "invest": "Invest in",
    "condition": "Condition help to",
    "limit": "Limit help to",
    "be_wary": "Be wary of",
    "referred": "Refer",
}


def decide(standing: pl.DataFrame, rulebook: Rulebook, on: date, most: int | None = MOST) -> pl.DataFrame:
    """One row for each partner and rule that applies or is referred that day, ordered by iso3, kind and rule.

    `unlocks` tells what follows: a positive condition's reward, a trigger's way out, the steps of the others.
    `most`: lines of a kind a partner, beyond which checks with one answerer are joined; none joins nothing.
    """
    rules = rulebook.rules_in_force(on)
    facts = known(standing.sort("iso3"))
    answers = atom_answers(facts, rules)
    results = hold_together(answers, rules)
    seen = facts.to_dicts()
    rows = [row for rule in rules for row in _rule_rows(rule, seen, answers, results[rule.id], rulebook, on)]
    rows.sort(key=lambda row: (row["iso3"], KINDS.index(row["kind"]), row["rule"]))
    lines = settle(rows, [conflict for conflict in rulebook.conflicts if conflict.holds(on)])
    if most is not None:
        lines = join(lines, [entry for entry in rulebook.joined if entry.holds(on)], most)
    return pl.DataFrame(lines, schema=DECISIONS)


def partners(
    standing: pl.DataFrame, decisions: pl.DataFrame, rulebook: Rulebook, on: date | None = None
) -> pl.DataFrame:
    """One row a partner: tier, posture, indices, the triggers that apply (ids joined by ;) and a headline."""
    held = decisions.filter(kind="trigger").with_columns(applies=pl.col("result") == "applies")
    triggers = held.group_by("iso3").agg(
        triggers=pl.col("rule").filter("applies").sort().str.join(";"),
        bound=pl.col("applies").sum(),
        asked=(~pl.col("applies")).sum(),
    )
    frame = (
        standing.sort("iso3")
        .with_columns(posture=posture_expr(rulebook, on))
        .join(triggers, on="iso3", how="left", maintain_order="left")
        .with_columns(pl.col("triggers").fill_null(""), pl.col("bound", "asked").fill_null(0))
    )
    headlines = [_headline(row) for row in frame.iter_rows(named=True)]
    return frame.with_columns(headline=pl.Series(headlines, dtype=pl.String)).select(
        "iso3",
        "partner",
        "region",
        "tier",
        "posture",
        "strategic_value",
        "leverage",
        "dependence",
        "hedging",
        "triggers",
        "headline",
    )


def _rule_rows(
    rule: Rule,
    seen: Sequence[dict[str, Any]],
    answers: pl.DataFrame,
    result: pl.Series,
    rulebook: Rulebook,
    on: date,
) -> list[dict[str, Any]]:
    asked = answers.select(rule.applies_when).rows()
    return [
        _decision(rule, seen[position], asked[position], holds is True, rulebook, on)
        for position, holds in enumerate(result)
        if holds is not False
    ]


def _decision(
    rule: Rule,
    facts: dict[str, Any],
    answers: Sequence[bool | None],
    holds: bool,
    rulebook: Rulebook,
    on: date,
) -> dict[str, Any]:
    return {
        "iso3": facts["iso3"],
        "partner": facts["partner"],
        "rule": rule.id,
        "kind": rule.kind,
        "result": "applies" if holds else "refer",
        "title": rule.title,
        "because": _because(rule, facts["iso3"], rulebook, on),
        "evidence": evidence(rule.applies_when, facts, answers, rulebook),
        **_benchmark(rule, facts, rulebook, on),
        "unlocks": rule.told(),
        "reference": rule.reference.cite,
        "as_of": rule.reference.as_of.isoformat(),
        "reference_status": rule.reference.status,
    }


def _because(rule: Rule, iso3: str, rulebook: Rulebook, on: date) -> str:
    """The rule's reason; for a trigger, also what each list it reads says of the partner, and its source."""
    if not isinstance(rule, Trigger):
        return rule.because
    read = {name for atom in rule.applies_when for name in atom_columns(atom, rulebook.schema)}
    lists = [name.removeprefix("listed_") for name in sorted(read) if name.startswith("listed_")]
    told = [rulebook.designations[name].told(iso3, on) for name in lists if name in rulebook.designations]
    return " ".join([rule.because, *told])


def evidence(atoms: Sequence[str], facts: dict[str, Any], answers: Sequence[bool | None], rulebook: Rulebook) -> str:
    """JSON: each condition of one rule as written, the values it saw, the years they are of, and whether it held."""
    lines = []
    for atom, holds in zip(atoms, answers, strict=True):
        names = atom_columns(atom, rulebook.schema)
        years = {name: _year(name, facts, rulebook) for name in names}
        lines.append({"fact": atom, "values": {name: facts[name] for name in names}, "years": years, "holds": holds})
    return json.dumps(lines, ensure_ascii=False, default=str)


def _year(column: str, facts: dict[str, Any], rulebook: Rulebook) -> int | None:
    """The year a value is of: that of the list's last reading, or the origin less the age of its measure."""
    designation = rulebook.designations.get(column.removeprefix("listed_").removeprefix("waived_"))
    if designation is not None:
        return designation.as_of.year
    measure = column
    while f"{measure}_age" not in facts and "_" in measure:
        measure = measure.rpartition("_")[0]
    age = facts.get(f"{measure}_age", 0)
    return None if age is None else int(facts["origin"] - age)


def _benchmark(rule: Rule, facts: dict[str, Any], rulebook: Rulebook, on: date) -> dict[str, Any]:
    if not isinstance(rule, PositiveCondition):
        return dict.fromkeys(("benchmark_measure", "benchmark_now", "benchmark_asked", "benchmark_by"))
    benchmark = rule.benchmark
    return {
        "benchmark_measure": benchmark.measure,
        "benchmark_now": facts[benchmark.measure],
        "benchmark_asked": _asked(rule, facts[benchmark.measure], rulebook),
        "benchmark_by": years_later(on, benchmark.within_years).isoformat(),
    }


def _asked(rule: PositiveCondition, now: float | None, rulebook: Rulebook) -> float | None:
    """The value asked: now and the step, within the measure's range, or the level to reach if better."""
    measure, reach, step = (
        rulebook.measure(rule.benchmark.measure),
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


def _headline(row: dict[str, Any]) -> str:
    words = f"{POSTURE_WORDS[row['posture']]} {row['partner']}: "
    if row["tier"] == REFERRED:
        words += "too little is known to say how likely misuse is"
    else:
        words += f"the risk of misuse is {row['tier']} ({row['misuse_probability']:.0%})"
    value = row["strategic_value"]
    words += ", strategic value not known" if value is None else f", strategic value {value:.0f} of 100"
    if row["bound"]:
        words += f"; {_counted(row['bound'], 'legal trigger binds', 'legal triggers bind')}"
    if row["asked"]:
        words += f"; {_counted(row['asked'], 'legal list must be looked up', 'legal lists must be looked up')}"
    return words + "."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
