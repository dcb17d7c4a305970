"""The details of each rule that pages receive, from the project's rulebook."""

import json
from datetime import date

from risk.publishing.rule_details import PRECEDENT_RESULTS, build_rule_details
from risk.rules.rule_types import Offramp, PartnerMessage, PositiveCondition, Redline
from tests.risk.rules.rulebook_example import RULES_DAY, load_project_rulebook

BOOK = load_project_rulebook()
DETAILS = build_rule_details(BOOK, RULES_DAY)
CASE = {"use", "partners", "years", "asked", "happened", "lesson", "source"}


def test_every_rule_and_caution_in_force_has_details_in_plain_json() -> None:
    assert list(DETAILS) == sorted(
        rule.id for rule in (*BOOK.list_rules_in_force(RULES_DAY), *BOOK.list_cautions_in_force(RULES_DAY))
    )
    assert json.loads(json.dumps(DETAILS)) == DETAILS
    assert all(set(case) == CASE for details in DETAILS.values() for case in details["precedents"])


def test_each_kind_has_its_own_texts_and_no_others() -> None:
    own = {
        PositiveCondition: {"not_when"},
        Redline: {"not_when", "judged_by"},
        Offramp: {"not_when", "switching_cost", "replaced_by"},
        PartnerMessage: {"not_when", "how_often"},
    }
    for rule in BOOK.list_rules_in_force(RULES_DAY):
        fields = {name for name in DETAILS[rule.id] if name not in ("programmes", "precedents")}
        assert fields == own.get(type(rule), set())
    assert DETAILS["no_stated_request"]["programmes"] == []


def test_a_redline_tells_its_programmes_and_the_cases_it_follows_before_those_that_warn() -> None:
    details = DETAILS["no_children_in_the_ranks"]
    assert details["programmes"] == ["grants"]
    assert details["judged_by"].startswith("The United Nations task force")
    followed, warned = details["precedents"]
    assert (followed["use"], warned["use"]) == ("follows", "warned_by")
    assert followed["partners"] == ["DR Congo"]
    assert followed["happened"] == PRECEDENT_RESULTS["complied"]


def test_a_case_from_memory_says_so_and_two_results_are_told_in_order() -> None:
    cases = [case for details in DETAILS.values() for case in details["precedents"]]
    memory = [entry for entry in BOOK.precedents.values() if entry.status == "verify"]
    assert memory and sum("from memory" in case["source"] for case in cases) >= len(memory)
    egypt = next(case for case in cases if case["years"] == "2021-2024" and case["partners"] == ["Egypt"])
    assert egypt["happened"] == "part of it was done, then the condition was dropped"


def test_a_rule_not_yet_in_force_has_none() -> None:
    assert "technology_guard" not in build_rule_details(BOOK, date(2025, 3, 1))
