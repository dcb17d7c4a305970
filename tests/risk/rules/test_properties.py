"""What must hold for any partner whatever its facts, tried on standings that Hypothesis invents."""

from dataclasses import replace
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.rule_interpreter import compile_condition, compile_rules
from risk.assessment.check_groups import MOST_LINES
from risk.assessment.decide import decide_by_rules
from risk.assessment.evaluate import evaluate_conditions, evaluate_rules, unknown_as_null
from risk.vocabulary import TIERS
from tests.risk.assessment.random_rule_inputs import (
    COLUMN_VALUES,
    MISSING_VALUES,
    PROJECT_RULEBOOK,
    READ_COLUMNS,
    TIER_COLUMNS,
    invent_partners,
    partner_lists,
)
from tests.risk.rules.rulebook_example import INPUT_SCHEMA, RULES_DAY, build_example_inputs

Facts = dict[str, Any]
Crowd = list[Facts]
many = settings(max_examples=15, deadline=None)


def results(crowd: Crowd) -> dict[tuple[str, str], str]:
    decisions = decide_by_rules(build_example_inputs(*crowd), PROJECT_RULEBOOK, RULES_DAY, most=None)
    return {(iso3, rule): told for iso3, rule, told in decisions.select("iso3", "rule", "result").iter_rows()}


@many
@given(partner_lists, st.integers(0, 1000))
def test_more_risk_never_means_fewer_redlines(crowd: Crowd, seed: int) -> None:
    mixed = Random(seed)
    redlines = {rule.id for rule in PROJECT_RULEBOOK.rules if rule.kind == "redline"}
    riskier = [
        one | {name: mixed.choice(TIERS[TIERS.index(one[name]) :]) for name in TIER_COLUMNS if one[name] in TIERS}
        for one in crowd
    ]
    before, after = results(crowd), results(riskier)
    assert [key for key in before if key[1] in redlines and key not in after] == []
    assert [key for key in before if key[1] in redlines and before[key] == "applies" != after[key]] == []


@many
@given(partner_lists, partner_lists)
def test_a_trigger_binds_at_any_score(crowd: Crowd, other: Crowd) -> None:
    scores = [
        name for name in READ_COLUMNS if name in TIER_COLUMNS or name.endswith(("_status", "_probability", "_rank"))
    ]
    triggers = {rule.id for rule in PROJECT_RULEBOOK.rules if rule.kind == "trigger"}
    rescored = [one | {name: two[name] for name in scores} for one, two in zip(crowd, other, strict=True)]
    before, after = results(crowd), results(rescored)
    assert {key: told for key, told in before.items() if key[1] in triggers} == {
        key: told for key, told in after.items() if key[1] in triggers
    }


@many
@given(partner_lists, st.integers(0, 1000))
def test_a_missing_fact_refers_and_never_clears(crowd: Crowd, seed: int) -> None:
    mixed = Random(seed)
    less = [one | {name: MISSING_VALUES.get(name) for name in mixed.sample(list(COLUMN_VALUES), 5)} for one in crowd]
    before, after = (
        evaluate_rules(build_example_inputs(*facts), PROJECT_RULEBOOK, RULES_DAY) for facts in (crowd, less)
    )
    for rule in before.columns:
        assert (after[rule].is_null() | after[rule].eq_missing(before[rule])).all(), rule
    lines = results(less)
    assert [key for key, told in results(crowd).items() if told == "applies" and key not in lines] == []


@settings(max_examples=6, deadline=None)
@given(partner_lists, st.integers(0, 1000))
def test_the_order_of_the_rules_in_their_files_changes_no_decision(crowd: Crowd, seed: int) -> None:
    shuffled = replace(
        PROJECT_RULEBOOK, rules=tuple(Random(seed).sample(PROJECT_RULEBOOK.rules, len(PROJECT_RULEBOOK.rules)))
    )
    frame = build_example_inputs(*crowd)
    assert decide_by_rules(frame, PROJECT_RULEBOOK, RULES_DAY).equals(decide_by_rules(frame, shuffled, RULES_DAY))


@many
@given(partner_lists)
def test_no_two_lines_in_conflict_stand_side_by_side_untold(crowd: Crowd) -> None:
    untold(decide_by_rules(build_example_inputs(*crowd), PROJECT_RULEBOOK, RULES_DAY, most=None))


def untold(decisions: pl.DataFrame) -> None:
    """Assert, from the file of conflicts alone, that each pair that stands says which gives way."""
    for group in decisions.partition_by("iso3"):
        lines = {line["rule"]: line for line in group.to_dicts()}
        for conflict in PROJECT_RULEBOOK.conflicts:
            for loser in (lines[rule] for rule in conflict.yields if rule in lines):
                for winner in (lines[rule] for rule in conflict.to if rule in lines):
                    certain = winner["result"] == "applies"
                    assert conflict.then != "left_out" or not certain
                    assert conflict.then != "never" or not (certain and loser["result"] == "applies")
                    assert f"“{winner['title']}”" in loser["because"] and conflict.because in loser["because"]
                    assert ("Barred while" if certain else "must be looked up first") in loser["because"]


@settings(max_examples=6, deadline=None)
@given(partner_lists)
def test_no_partner_gets_more_than_twelve_checks_and_no_question_is_lost(crowd: Crowd) -> None:
    frame = build_example_inputs(*crowd)
    complete(
        decide_by_rules(frame, PROJECT_RULEBOOK, RULES_DAY, most=None),
        decide_by_rules(frame, PROJECT_RULEBOOK, RULES_DAY),
    )


def complete(whole: pl.DataFrame, joined: pl.DataFrame) -> None:
    """Assert that joined checks are few enough and hold every title, reason, fact and reference of the whole."""
    assert joined.filter(kind="check").group_by("iso3").len().filter(pl.col("len") > MOST_LINES).is_empty()
    kept = joined.partition_by("iso3", "kind", as_dict=True)
    for iso3, kind, *texts in whole.select("iso3", "kind", "title", "because", "reference").iter_rows():
        told = kept[iso3, kind].select("title", "because", "reference")
        assert all(any(text in line for line in told[column]) for text, column in zip(texts, told.columns, strict=True))


@many
@given(partner_lists)
def test_plain_python_and_the_engine_give_the_same_answers(crowd: Crowd) -> None:
    frame = build_example_inputs(*crowd)
    answer = compile_rules(PROJECT_RULEBOOK.list_rules_in_force(RULES_DAY), frame.schema)
    assert [tuple(answer(row)) for row in unknown_as_null(frame).to_dicts()] == evaluate_rules(
        frame, PROJECT_RULEBOOK, RULES_DAY
    ).rows()


@pytest.mark.parametrize(
    "condition",
    [
        "leverage > 10 AND NOT us_partner OR hedging < 2",
        "NOT (leverage > 10 OR us_partner)",
        "leverage NOT BETWEEN 10 AND 25",
        "tier NOT IN ('high','low')",
        "tier <> 'high' AND tier != 'low'",
        "ABS(leverage - hedging) * 2 + 1 >= -3 + hedging",
        "leverage IN (15, hedging)",
        "-leverage < -10",
    ],
)
def test_a_condition_of_any_form_means_the_same_in_plain_python(condition: str) -> None:
    frame = unknown_as_null(build_example_inputs(*invent_partners(1)))
    answer = compile_condition(condition, INPUT_SCHEMA)
    expected = frame.select(pl.sql_expr(condition)).to_series().to_list()
    assert [answer(row) for row in frame.to_dicts()] == expected
    assert {True, False, None} <= set(expected)


def test_rows_taken_in_slices_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = build_example_inputs(*invent_partners(2))
    whole = evaluate_rules(frame, PROJECT_RULEBOOK, RULES_DAY)
    monkeypatch.setattr("risk.assessment.evaluate.SLICE_ROWS", 7)
    assert evaluate_rules(frame, PROJECT_RULEBOOK, RULES_DAY).equals(whole)


def test_a_condition_several_rules_share_is_evaluated_once() -> None:
    rules = PROJECT_RULEBOOK.list_rules_in_force(RULES_DAY)
    atoms = [atom for rule in rules for atom in rule.applies_when]
    answers = evaluate_conditions(unknown_as_null(build_example_inputs({})), rules)
    assert answers.columns == list(dict.fromkeys(atoms)) and answers.width < len(atoms)
