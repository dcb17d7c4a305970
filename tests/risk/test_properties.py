"""What must hold for any partner whatever its facts, tried on standings that Hypothesis invents."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import evaluate as evaluation
from risk.decide import decide
from risk.entries import TIERS
from risk.evaluate import evaluate, known
from risk.interpreted import compile_condition, compile_rules
from risk.joined import MOST
from tests.risk.any_standing import BOOK, READ, SCORED, facts
from tests.risk.standing_example import ON, SCHEMA, standing

Facts = dict[str, Any]
many = settings(max_examples=60, deadline=None)


def results(partner: Mapping[str, Any]) -> dict[str, str]:
    decisions = decide(standing(partner), BOOK, ON, most=None)
    return dict(zip(decisions["rule"], decisions["result"], strict=True))


@many
@given(facts, st.data())
def test_more_risk_never_means_fewer_redlines(partner: Facts, data: st.DataObject) -> None:
    risks = {name: partner[name] for name in SCORED if partner[name] in TIERS}
    higher = {name: data.draw(st.sampled_from(TIERS[TIERS.index(tier) :]), label=name) for name, tier in risks.items()}
    redlines = [rule.id for rule in BOOK.rules if rule.kind == "redline"]
    before, after = results(partner), results(partner | higher)
    assert [rule for rule in redlines if rule in before and rule not in after] == []
    assert [rule for rule in redlines if before.get(rule) == "applies" != after.get(rule)] == []


@many
@given(facts, facts)
def test_a_trigger_binds_at_any_score(partner: Facts, other: Facts) -> None:
    scores = {name: other[name] for name in READ if name in SCORED or name.endswith(("_status", "_probability"))}
    triggers = {rule.id for rule in BOOK.rules if rule.kind == "trigger"}
    before, after = ({rule: told for rule, told in results(one).items() if rule in triggers} for one in
                     (partner, partner | scores))  # fmt: skip
    assert before == after


@many
@given(facts, st.sets(st.sampled_from([name for name in READ if name != "iso3"])))
def test_a_missing_fact_refers_and_never_clears(partner: Facts, forgotten: set[str]) -> None:
    before = evaluate(standing(partner), BOOK, ON).row(0, named=True)
    less = partner | dict.fromkeys(forgotten)
    after = evaluate(standing(less), BOOK, ON).row(0, named=True)
    assert {rule: holds for rule, holds in after.items() if holds not in (None, before[rule])} == {}
    lines = results(less)
    assert [rule for rule, told in results(partner).items() if told == "applies" and rule not in lines] == []


@many
@given(facts, st.integers(0, 1000))
def test_the_order_of_the_rules_in_their_files_changes_no_decision(partner: Facts, seed: int) -> None:
    mixed = Random(seed)
    shuffled = replace(BOOK, rules=tuple(mixed.sample(BOOK.rules, len(BOOK.rules))))
    assert decide(standing(partner), BOOK, ON).equals(decide(standing(partner), shuffled, ON))


@many
@given(facts)
def test_no_two_lines_in_conflict_stand_side_by_side_untold(partner: Facts) -> None:
    untold(decide(standing(partner), BOOK, ON, most=None))


def untold(decisions: pl.DataFrame) -> None:
    """Assert, from the file of conflicts alone, that each pair that stands says which gives way."""
    for iso3 in decisions["iso3"].unique():
        lines = {line["rule"]: line for line in decisions.filter(iso3=iso3).to_dicts()}
        for conflict in BOOK.conflicts:
            for loser in (lines[rule] for rule in conflict.yields if rule in lines):
                for winner in (lines[rule] for rule in conflict.to if rule in lines):
                    certain = winner["result"] == "applies"
                    assert conflict.then != "left_out" or not certain
                    assert conflict.then != "never" or not (certain and loser["result"] == "applies")
                    assert f"“{winner['title']}”" in loser["because"] and conflict.because in loser["because"]
                    assert ("Barred while" if certain else "must be looked up first") in loser["because"]


@many
@given(facts)
def test_no_partner_gets_more_than_twelve_lines_of_a_kind_and_no_question_is_lost(partner: Facts) -> None:
    frame = standing(partner)
    complete(decide(frame, BOOK, ON, most=None), decide(frame, BOOK, ON))


def complete(whole: pl.DataFrame, joined: pl.DataFrame) -> None:
    """Assert that joined lines are few enough and hold every title, reason, fact and reference of the whole."""
    assert joined.is_empty() or joined.group_by("iso3", "kind").len()["len"].max() <= MOST  # type: ignore[operator]
    for iso3, kind, *texts in whole.select("iso3", "kind", "title", "because", "reference").iter_rows():
        kept = joined.filter(iso3=iso3, kind=kind).select("title", "because", "reference")
        assert all(any(text in told for told in kept[column]) for text, column in zip(texts, kept.columns, strict=True))


@many
@given(st.lists(facts, min_size=1, max_size=8))
def test_plain_python_and_the_engine_give_the_same_answers(partners: list[Facts]) -> None:
    frame = standing(*partners)
    rules = BOOK.rules_in_force(ON)
    answer = compile_rules(rules, frame.schema)
    assert [tuple(answer(row)) for row in known(frame).to_dicts()] == evaluate(frame, BOOK, ON).rows()


CONDITIONS = [
    "leverage > 10 AND NOT us_partner OR hedging < 2",
    "NOT (leverage > 10 OR us_partner)",
    "leverage NOT BETWEEN 10 AND 25",
    "tier NOT IN ('high','low')",
    "tier <> 'high' AND tier != 'low'",
    "ABS(leverage - hedging) * 2 + 1 >= -3 + hedging",
    "leverage IN (8, hedging)",
    "-leverage < -10",
]


@many
@given(facts, st.sampled_from(CONDITIONS))
def test_a_condition_of_any_form_means_the_same_in_plain_python(partner: Facts, condition: str) -> None:
    frame = known(standing(partner))
    expected = frame.select(pl.sql_expr(condition)).item()
    assert compile_condition(condition, SCHEMA)(frame.row(0, named=True)) is expected


@settings(max_examples=10, deadline=None)
@given(st.lists(facts, min_size=5, max_size=9))
def test_rows_taken_in_slices_give_the_same_answers(partners: list[Facts]) -> None:
    frame = standing(*partners)
    whole, slice_of = evaluate(frame, BOOK, ON), evaluation.SLICE
    try:
        evaluation.SLICE = 2
        assert evaluate(frame, BOOK, ON).equals(whole)
    finally:
        evaluation.SLICE = slice_of
