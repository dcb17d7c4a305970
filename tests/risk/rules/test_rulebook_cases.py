from datetime import date
from typing import Any

import pytest

from features.files.yaml_with_lines import read_marked
from risk.assessment.cautions import list_cautions
from risk.assessment.decide import decide_by_rules
from risk.assessment.partner_overview import summarize_partners
from risk.rules.designations import build_designation_columns
from tests.risk.rules.rulebook_example import RULEBOOK_FOLDER, RULES_DAY, build_example_inputs, load_project_rulebook

CASES = read_marked(RULEBOOK_FOLDER / "cases.yaml").entries()
BOOK = load_project_rulebook()


def day(case: dict[str, Any]) -> date:
    return date.fromisoformat(case["day"]) if "day" in case else RULES_DAY


def facts(case: dict[str, Any]) -> dict[str, Any]:
    """Build the facts of a case, with a real country's dated lists on that day if the case asks for them."""
    if "lists_of" not in case:
        return dict(case["facts"])
    listed = build_designation_columns(list(BOOK.designations.values()), [case["lists_of"]], day(case))
    return case["facts"] | listed.drop("iso3").row(0, named=True)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_worked_case_comes_out_as_told(case: dict[str, Any]) -> None:
    frame, on = build_example_inputs(facts(case)), day(case)
    decisions = decide_by_rules(frame, BOOK, on)
    results = dict(zip(decisions["rule"], decisions["result"], strict=True))
    expected = dict.fromkeys(case.get("applies", []), "applies") | dict.fromkeys(case.get("refers", []), "refer")
    assert {rule: results.get(rule) for rule in expected} == expected
    assert [rule for rule in case["absent"] if rule in results] == []
    assert set(case.get("cautions", [])) - set(list_cautions(frame, BOOK, on)["caution"]) == set()
    assert summarize_partners(frame, decisions, BOOK, on)["posture"].item() == case["posture"]
    asked = dict(zip(decisions["rule"], decisions["benchmark_asked"], strict=True))
    assert {rule: asked[rule] for rule in case.get("benchmarks", {})} == pytest.approx(case.get("benchmarks", {}))


def test_every_case_names_only_rules_that_exist_and_tells_a_story() -> None:
    known = {rule.id for rule in (*BOOK.rules, *BOOK.cautions)}
    named = {
        rule for case in CASES for part in ("applies", "refers", "absent", "cautions") for rule in case.get(part, [])
    }
    assert named <= known
    assert all(case["story"] for case in CASES)
    assert len(CASES) >= 40


def test_every_rule_of_the_package_appears_in_some_case() -> None:
    named = {rule for case in CASES for part in ("applies", "refers") for rule in case.get(part, [])}
    package = {rule.id for rule in BOOK.rules if rule.kind in ("positive_condition", "redline", "offramp", "message")}
    assert package - named == set()


def test_every_trigger_is_seen_on_and_off() -> None:
    triggers = {rule.id for rule in BOOK.rules if rule.kind == "trigger"}
    for part in ("applies", "absent"):
        assert triggers - {rule for case in CASES for rule in case.get(part, [])} == set()


def test_the_cases_reach_every_posture() -> None:
    assert {case["posture"] for case in CASES} == {"invest", "condition", "limit", "be_wary", "referred"}


def test_most_cautions_appear_in_some_case() -> None:
    shown = {name for case in CASES for name in case.get("cautions", [])}
    assert len(shown) >= len(BOOK.cautions) * 3 / 4
