"""Checks on single entries beyond their types: nonempty texts, valid patterns and ranges, consistent conflicts."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from features.bad_input import quote_value
from features.files.yaml_with_lines import MarkedYaml, Place
from features.vocabulary import OUTCOMES
from risk.rules.interactions import RuleConflict
from risk.rules.rule_types import PositiveCondition, Rule
from risk.rules.rulebook import Measure, PostureMatrix, RepealedLaw, Rulebook, TierThresholds
from risk.rules.satisfiability import can_all_apply
from risk.rules.validity import DatedEntry
from risk.vocabulary import TIERS


def check_texts(file: MarkedYaml) -> None:
    """Refuse an empty text anywhere in a file."""
    for location, value in _walk_values(file.content, ()):
        if isinstance(value, str) and not value.strip():
            raise file.refusal(location, f"{location[-1]}: is empty; write a text or delete the key")


def check_measures(file: MarkedYaml, measures: tuple[Measure, ...]) -> None:
    """Refuse an invalid pattern and a range whose low is not below its high."""
    for position, measure in enumerate(measures):
        _check_pattern(file, (position, "columns"), measure.columns)
        if measure.low is not None and measure.high is not None and measure.low >= measure.high:
            raise file.refusal((position, "low"), f"low {measure.low} must be below high {measure.high}")


def check_repealed(file: MarkedYaml, repealed: tuple[RepealedLaw, ...]) -> None:
    """Refuse an invalid pattern."""
    for position, instrument in enumerate(repealed):
        _check_pattern(file, (position, "pattern"), instrument.pattern)


def check_outcomes(file: MarkedYaml, tiers: tuple[TierThresholds, ...]) -> None:
    """Refuse tiers of an unknown outcome, and an outcome without tiers."""
    for position, thresholds in enumerate(tiers):
        if thresholds.outcome not in OUTCOMES:
            what = f"unknown outcome {thresholds.outcome!r}, expected one of {', '.join(OUTCOMES)}"
            raise file.refusal((position, "outcome"), what)
    missing = [outcome for outcome in OUTCOMES if outcome not in {thresholds.outcome for thresholds in tiers}]
    if missing:
        raise file.refusal((), f"the outcome {missing[0]!r} has no tiers")


def check_benchmark(file: MarkedYaml, position: int, rule: PositiveCondition, book: Rulebook) -> None:
    """Refuse a benchmark on a column that is not a measure, or one outside its measure's range."""
    name = rule.benchmark.measure
    measure = book.find_measure(name)
    if name not in book.schema or measure is None or measure.better is None:
        raise file.refusal((position, "benchmark", "measure"), f"{name!r} is not a measure a benchmark can use")
    assert measure.low is not None and measure.high is not None
    reach, step = rule.benchmark.reach, rule.benchmark.improve_by
    span = f"its range is {measure.low} to {measure.high}"
    if reach is not None and not measure.low <= reach <= measure.high:
        raise file.refusal((position, "benchmark", "reach"), f"{name} cannot reach {reach}: {span}")
    if step is not None and step > measure.high - measure.low:
        raise file.refusal((position, "benchmark", "improve_by"), f"{name} cannot improve by {step}: {span}")


# These limits bound the work of one match: a repeated group or many alternatives can make backtracking take exponential
# time.
MOST_CHOICES, MOST_REPEATS, LONGEST_PATTERN = 12, 2, 300


def _check_pattern(file: MarkedYaml, location: Place, pattern: str) -> None:
    plain = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    repeats, choices = len(re.findall(r"[*+]", plain)), len(re.findall(r"[?|]", plain))
    if (
        len(pattern) > LONGEST_PATTERN
        or re.search(r"\)\s*[*+{]|\{|\(\?", plain)
        or repeats > MOST_REPEATS
        or choices > MOST_CHOICES
    ):
        what = f"at most {LONGEST_PATTERN} characters, {MOST_REPEATS} repeats (* or +) of single characters"
        raise file.refusal(
            location,
            f"the pattern {quote_value(pattern)} could take too long to match; use {what}, {MOST_CHOICES} choices",
        )
    try:
        re.compile(pattern)
    except re.error as error:
        raise file.refusal(location, f"the pattern {pattern!r} is not valid: {error}") from None


def _walk_values(content: Any, location: Place) -> Iterator[tuple[Place, Any]]:
    steps = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    if location:
        yield location, content
    for step, inner in steps:
        yield from _walk_values(inner, (*location, step))


def check_conflicts(file: MarkedYaml, book: Rulebook) -> None:
    """Refuse the first invalid conflict, with file, id and line."""
    rules = {rule.id: rule for rule in book.rules}
    dropped = {name for conflict in book.conflicts if conflict.then == "left_out" for name in conflict.yields}
    for position, conflict in enumerate(book.conflicts):
        for side in ("yields", "to"):
            for number, name in enumerate(getattr(conflict, side)):
                fault = _find_fault(name, side, conflict, rules, dropped)
                if fault:
                    raise file.refusal((position, side, number), fault)
        _refuse_circle(file, position, book.conflicts)
        if conflict.then == "never":
            _prove_never(file, (position, "then"), conflict, book)


def check_group_entries(file: MarkedYaml, book: Rulebook) -> None:
    """Refuse a check group whose rules do not exist, are not checks or are already in a group."""
    kinds = {rule.id: rule.kind for rule in book.rules}
    seen: set[str] = set()
    for position, entry in enumerate(book.joined):
        for number, name in enumerate(entry.checks):
            fault = (
                f"no rule has the id {name!r}"
                if name not in kinds
                else f"{name!r} is not a check; only checks can be joined"
                if kinds[name] != "check"
                else f"{name!r} is joined twice"
            )
            if kinds.get(name) != "check" or name in seen:
                raise file.refusal((position, "checks", number), fault)
            seen.add(name)


def _find_fault(name: str, side: str, conflict: RuleConflict, rules: dict[str, Rule], dropped: set[str]) -> str | None:
    if name not in rules:
        return f"no rule has the id {name!r}"
    if side == "yields" and rules[name].kind == "trigger":
        return f"{name!r} is a trigger; a trigger cannot give way to advice"
    if side == "yields" and conflict.then == "left_out" and rules[name].kind == "check":
        return f"{name!r} is a check; a check cannot be left out"
    if side == "to" and name in dropped:
        return f"{name!r} may itself be left out, so nothing can give way to it"
    return None


def _refuse_circle(file: MarkedYaml, position: int, conflicts: tuple[RuleConflict, ...]) -> None:
    conflict = conflicts[position]
    for other in conflicts[:position]:
        opposed = sorted(set(conflict.yields) & set(other.to)), sorted(set(conflict.to) & set(other.yields))
        if all(opposed) and share_a_day(conflict, other):
            what = f"{opposed[0][0]!r} gives way to {opposed[1][0]!r} here, but {other.id!r} says the reverse"
            raise file.refusal((position, "yields"), what)


def _prove_never(file: MarkedYaml, location: Place, conflict: RuleConflict, book: Rulebook) -> None:
    """Refuse a pair declared `never` if one partner could meet the conditions of both."""
    rules = {rule.id: rule for rule in book.rules}
    for winner in (rules[name] for name in conflict.to):
        for rule in (rules[name] for name in conflict.yields):
            together = [*winner.applies_when, *rule.applies_when]
            if share_a_day(conflict, winner, rule) and can_all_apply(together, book):
                raise file.refusal(location, f"{rule.id!r} and {winner.id!r} can apply to the same partner")
        for matrix in book.postures:
            for posture, conditions in list_posture_conditions(matrix):
                named = posture in conflict.postures and share_a_day(conflict, winner, matrix)
                if named and can_all_apply([*winner.applies_when, *conditions], book):
                    raise file.refusal(
                        location, f"the posture {posture!r} can be suggested together with {winner.id!r}"
                    )


def list_posture_conditions(matrix: PostureMatrix) -> Iterator[tuple[str, list[str]]]:
    """Yield each of the four postures with the conditions that suggest it."""
    start = TIERS.index(matrix.poor_record_from)
    poor, good = (", ".join(f"'{tier}'" for tier in tiers) for tiers in (TIERS[start:], TIERS[:start]))
    for value, valued in ((">=", "valued"), ("<", "little_value")):
        for tiers, record in ((good, "good"), (poor, "poor")):
            if tiers:
                conditions = [f"strategic_value {value} {Decimal(str(matrix.valued_from)):f}", f"tier IN ({tiers})"]
                yield getattr(matrix, f"{valued}_{record}_record"), conditions


def share_a_day(*entries: DatedEntry) -> bool:
    """Whether there is a day on which all these entries are in force."""
    starts = [period.first for entry in entries for period in entry.in_force]
    return any(all(entry.is_in_force(day) for entry in entries) for day in starts)
