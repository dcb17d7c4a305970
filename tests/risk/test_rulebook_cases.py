from typing import Any

import pytest

from risk.decide import decide, partners
from risk.marked_yaml import read_marked
from tests.risk.standing_example import FOLDER, ON, rulebook, standing

CASES = read_marked(FOLDER / "cases.yaml").entries()
BOOK = rulebook()


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_worked_case_comes_out_as_told(case: dict[str, Any]) -> None:
    frame = standing(case["facts"])
    decisions = decide(frame, BOOK, ON)
    results = dict(zip(decisions["rule"], decisions["result"], strict=True))
    expected = dict.fromkeys(case.get("applies", []), "applies") | dict.fromkeys(case.get("refers", []), "refer")
    assert {rule: results.get(rule) for rule in expected} == expected
    assert [rule for rule in case["absent"] if rule in results] == []
    assert partners(frame, decisions, BOOK, ON)["posture"].item() == case["posture"]
    asked = dict(zip(decisions["rule"], decisions["benchmark_asked"], strict=True))
    assert {rule: asked[rule] for rule in case.get("benchmarks", {})} == pytest.approx(case.get("benchmarks", {}))


def test_every_case_names_only_rules_that_exist_and_tells_a_story() -> None:
    known = {rule.id for rule in BOOK.rules}
    named = {rule for case in CASES for part in ("applies", "refers", "absent") for rule in case.get(part, [])}
    assert named <= known
    assert all(case["story"] for case in CASES)


def test_every_rule_of_the_package_appears_in_some_case() -> None:
    named = {rule for case in CASES for part in ("applies", "refers") for rule in case.get(part, [])}
    package = {rule.id for rule in BOOK.rules if rule.kind in ("positive_condition", "redline", "offramp")}
    assert package - named == set()
