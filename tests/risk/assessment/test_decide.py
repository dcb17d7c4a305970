import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from risk.assessment.decide import DECISION_SCHEMA, decide_by_rules
from risk.assessment.partner_overview import summarize_partners
from risk.assessment.tiers import build_posture_expr, build_tier_expr, list_tier_thresholds
from risk.rules.rule_types import Trigger
from tests.risk.rules.rulebook_example import RULES_DAY, build_example_inputs, load_project_rulebook

BOOK = load_project_rulebook()
TRIGGERS = [rule for rule in BOOK.rules if isinstance(rule, Trigger)]


def results(facts: Mapping[str, Any], on: date = RULES_DAY) -> dict[str, str]:
    """Return the result of each rule for the invented partner with these facts changed."""
    decisions = decide_by_rules(build_example_inputs(facts), BOOK, on)
    return dict(zip(decisions["rule"], decisions["result"], strict=True))


def test_the_frame_has_the_columns_promised_in_that_order() -> None:
    decisions = decide_by_rules(build_example_inputs({}), BOOK, RULES_DAY)
    assert decisions.schema == DECISION_SCHEMA
    assert list(DECISION_SCHEMA)[:5] == ["iso3", "partner", "rule", "kind", "result"]
    assert set(decisions["result"]) <= {"applies", "refer"}


def test_all_conditions_true_applies_and_one_false_is_no_line() -> None:
    assert results({"coup_tier": "high"})["no_seizure_of_power"] == "applies"
    assert "no_seizure_of_power" not in results({"coup_tier": "high", "usmil_assistance_usd_sum5": 0.0})


def test_a_missing_fact_is_referred() -> None:
    assert results({"coup_tier": "high", "usmil_assistance_usd_sum5": None})["no_seizure_of_power"] == "refer"


def test_a_missing_fact_is_settled_by_another_that_fails() -> None:
    assert "no_seizure_of_power" not in results({"coup_tier": "low", "usmil_assistance_usd_sum5": None})


def test_a_missing_score_is_referred() -> None:
    assert results({"tier": "referred", "misuse_probability": None})["tell_early_and_often"] == "refer"


def test_an_unknown_status_is_referred() -> None:
    facts = {"civilian_killing_status": "unknown", "sipri_us_tiv_sum10": 5.0}
    assert results(facts)["lift_when_the_killing_stops"] == "refer"


def test_a_number_that_is_not_a_number_is_a_missing_one() -> None:
    facts = {"tier": "high", "leverage": float("nan"), "sipri_us_tiv_sum10": 5.0}
    assert results(facts)["turn_down_services_first"] == "refer"


@pytest.mark.parametrize("rule", TRIGGERS, ids=[rule.id for rule in TRIGGERS])
@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0, None])
def test_a_trigger_binds_whatever_the_score(rule: Trigger, probability: float | None) -> None:
    listed = next(atom for atom in rule.applies_when if atom.startswith("listed_"))
    tier = "referred" if probability is None else "low" if probability < 0.5 else "severe"
    facts = {listed: True, "misuse_probability": probability, "tier": tier, "strategic_value": 99.0}
    assert results(facts)[rule.id] == "applies"
    assert results({**facts, listed: None})[rule.id] == "refer"
    assert rule.id not in results({**facts, listed: False})


def test_a_waiver_that_is_not_confirmed_leaves_the_trigger_open() -> None:
    facts = {"listed_child_soldiers": True}
    assert results({**facts, "waived_child_soldiers": None})["child_soldiers_list"] == "refer"
    assert "child_soldiers_list" not in results({**facts, "waived_child_soldiers": True})


def test_a_rule_binds_only_while_it_is_in_force() -> None:
    facts = {"tier": "elevated"}
    assert "tell_early_and_often" in results(facts)
    assert "tell_early_and_often" not in results(facts, date(2024, 12, 31))


def test_the_evidence_keeps_each_condition_with_what_it_saw() -> None:
    facts = {"pts_mean": 4.0, "ucdp_government_killings": None}
    decisions = decide_by_rules(build_example_inputs(facts), BOOK, RULES_DAY)
    evidence = json.loads(decisions.filter(rule="consistent_pattern_502b")["evidence"].item())
    assert evidence == [
        {"fact": "us_partner", "values": {"us_partner": True}, "years": {"us_partner": 2025}, "holds": True},
        {
            "fact": "pts_mean >= 3.5 OR ucdp_government_killings >= 25",
            "values": {"pts_mean": 4.0, "ucdp_government_killings": None},
            "years": {"pts_mean": 2023, "ucdp_government_killings": 2025},
            "holds": True,
        },
    ]


def test_the_evidence_of_a_trigger_names_the_list_its_year_and_its_source() -> None:
    row = (
        decide_by_rules(build_example_inputs({"iso3": "IRN", "listed_terrorism_sponsor": True}), BOOK, RULES_DAY)
        .filter(kind="trigger")
        .row(0, named=True)
    )
    assert json.loads(row["evidence"])[0]["years"] == {"listed_terrorism_sponsor": 2026}
    assert "listed from 1984-01-19" in row["because"]
    assert row["reference_status"] == "verify"
    assert "Rescission" in row["unlocks"]


@pytest.mark.parametrize(
    ("facts", "rule", "now", "asked"),
    [
        ({"coup_tier": "high", "vdem_polyarchy": 0.30}, "dated_vote_for_closer_ties", 0.30, 0.35),
        (
            {"state_terror_tier": "high", "pts_mean": 4.0, "usmil_assistance_usd_sum5": 6e6},
            "rapporteurs_list",
            4.0,
            3.5,
        ),
        (
            {"strategic_value": 60.0, "vdem_corruption": 0.9, "usmil_assistance_usd_sum5": 2e7},
            "half_now_half_on_reform",
            0.9,
            0.85,
        ),
        (
            {"civilian_killing_tier": "high", "sipri_us_tiv_sum10": 1.0, "ucdp_government_killings": 80.0},
            "targeting_inside_the_contract",
            80.0,
            0.0,
        ),
        ({"listed_child_soldiers": True, "vdem_physical_integrity": 0.98}, "child_soldier_action_plan", 0.98, 1.0),
        ({"listed_child_soldiers": True, "vdem_physical_integrity": None}, "child_soldier_action_plan", None, None),
    ],
)
def test_a_benchmark_asks_for_better_within_the_range_of_its_measure(
    facts: dict[str, Any], rule: str, now: float | None, asked: float | None
) -> None:
    row = decide_by_rules(build_example_inputs(facts), BOOK, RULES_DAY).filter(rule=rule).row(0, named=True)
    assert row["benchmark_now"] == now
    assert row["benchmark_asked"] == (None if asked is None else pytest.approx(asked))
    assert row["benchmark_by"] == "2028-11-24"


def test_only_positive_conditions_carry_a_benchmark() -> None:
    decisions = decide_by_rules(
        build_example_inputs({"tier": "severe", "coup_tier": "high", "vdem_polyarchy": 0.3}), BOOK, RULES_DAY
    )
    carrying = decisions.filter(pl.col("benchmark_measure").is_not_null())["kind"]
    assert set(carrying) == {"positive_condition"}


def test_the_order_of_the_partners_changes_nothing() -> None:
    first, second = {"iso3": "XXA", "tier": "high"}, {"iso3": "XXB", "coup_tier": "high"}
    assert decide_by_rules(build_example_inputs(first, second), BOOK, RULES_DAY).equals(
        decide_by_rules(build_example_inputs(second, first), BOOK, RULES_DAY)
    )


def test_nobody_to_decide_on_gives_an_empty_frame() -> None:
    nobody = build_example_inputs({}).clear()
    decisions = decide_by_rules(nobody, BOOK, RULES_DAY)
    assert decisions.schema == DECISION_SCHEMA and decisions.is_empty()
    assert summarize_partners(nobody, decisions, BOOK, RULES_DAY).is_empty()


def test_a_partner_row_joins_the_triggers_that_apply_and_says_it_in_a_sentence() -> None:
    frame = build_example_inputs(
        {"listed_terrorism_sponsor": True, "listed_coup_restriction": True, "listed_child_soldiers": None},
        {"iso3": "XXB", "tier": "referred", "misuse_probability": None, "strategic_value": None},
    )
    rows = summarize_partners(frame, decide_by_rules(frame, BOOK, RULES_DAY), BOOK, RULES_DAY).rows(named=True)
    assert rows[0]["triggers"] == "coup_restriction;state_sponsor_of_terrorism"
    assert rows[0]["headline"] == (
        "Limit help to Examplia: the risk of misuse is guarded (10%), strategic value 14 of 100; "
        "2 legal triggers bind; 1 legal list must be looked up."
    )
    assert rows[1]["triggers"] == "" and rows[1]["posture"] == "referred"
    assert rows[1]["headline"] == (
        "Refer Examplia: too little is known to say how likely misuse is, strategic value not known."
    )


@pytest.mark.parametrize(
    ("value", "tier", "posture"),
    [
        (80.0, "low", "invest"),
        (30.0, "elevated", "condition"),
        (80.0, "severe", "condition"),
        (29.9, "guarded", "limit"),
        (10.0, "elevated", "be_wary"),
        (None, "severe", "referred"),
        (80.0, "referred", "referred"),
    ],
)
def test_the_posture_follows_strategic_value_and_record(value: float | None, tier: str, posture: str) -> None:
    assert (
        build_example_inputs({"strategic_value": value, "tier": tier})
        .select(build_posture_expr(BOOK, RULES_DAY))
        .item()
        == posture
    )


def test_a_tier_starts_at_its_cut_off_and_a_missing_probability_is_referred() -> None:
    frame = pl.DataFrame({"p": [0.0, 0.0499, 0.05, 0.15, 0.40, 0.75, 1.0, None, float("nan")]})
    tiers = frame.select(build_tier_expr(BOOK, "misuse", "p", RULES_DAY)).to_series().to_list()
    assert tiers == ["low", "low", "guarded", "elevated", "high", "severe", "severe", "referred", "referred"]


def test_each_outcome_has_tiers_of_its_own() -> None:
    frame = pl.DataFrame({"p": [0.10]})
    found = {
        o: frame.select(build_tier_expr(BOOK, o, "p")).item()
        for o in ("misuse", "state_terror", "civilian_killing", "coup")
    }
    assert found == {"misuse": "guarded", "state_terror": "guarded", "civilian_killing": "elevated", "coup": "high"}


def test_a_derived_value_is_dated_by_the_age_of_its_measure() -> None:
    facts = {"usmil_assistance_usd_sum5": 5e7}
    row = (
        decide_by_rules(build_example_inputs(facts), BOOK, RULES_DAY).filter(rule="leahy_agreement").row(0, named=True)
    )
    years = [line["years"] for line in json.loads(row["evidence"]) if "usmil_assistance_usd_sum5" in line["years"]]
    assert years == [{"usmil_assistance_usd_sum5": 2024}]


def test_tiers_start_rising_where_the_rulebook_says() -> None:
    assert list(list_tier_thresholds(BOOK, "misuse", date(2026, 1, 1)).items()) == [
        ("guarded", 0.05),
        ("elevated", 0.15),
        ("high", 0.40),
        ("severe", 0.75),
    ]
