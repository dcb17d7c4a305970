import json
from datetime import date

import polars as pl
import pytest

from risk.assessment.decide import decide_by_rules
from risk.rules.rule_types import PositiveCondition
from tests.conftest import FinishedRun
from tests.risk.rules.rulebook_example import RULES_DAY, build_example_inputs, load_project_rulebook
from tests.risk.rules.test_properties import complete, untold

BOOK = load_project_rulebook()
BOUGHT = {"sipri_us_tiv_sum5": 20.0, "sipri_us_tiv_sum10": 40.0}
# An invented partner with a record of terror, and grants to which a rapporteur's list can be attached.
HELPED = {"tier": "high", "state_terror_tier": "high", "pts_mean": 4.0, "usmil_assistance_usd_sum5": 6e6}
# An invented partner that raises more than twelve questions of law.
BUSY = BOUGHT | {
    "tier": "high",
    "pts_mean": 4.0,
    "ucdp_conflict_deaths": 100.0,
    "ucdp_government_killings": 50.0,
    "usmil_assistance_usd_sum5": 5e7,
    "listed_child_soldiers": True,
    "listed_trafficking_tier3": True,
}


def line(rule: str, **facts: object) -> dict[str, object] | None:
    """Return one line of the invented partner, or None."""
    rows = decide_by_rules(build_example_inputs(facts), BOOK, RULES_DAY).filter(rule=rule).to_dicts()
    return rows[0] if rows else None


def test_a_reward_the_law_bars_says_so_and_what_comes_first() -> None:
    facts = BOUGHT | {"tier": "high", "leverage": 30.0}
    free = line("one_act_for_one_item", **facts)
    barred = line("one_act_for_one_item", **facts, listed_proscribed_denial=True)
    asked = line("one_act_for_one_item", **facts, listed_proscribed_denial=None)
    assert free and barred and asked
    assert "Barred" not in str(free["because"])
    text = "Barred while “Policy of denial for all defence exports” applies; its way out comes first. What is offered"
    assert text in str(barred["because"])
    assert "“Policy of denial for all defence exports” applies, which must be looked up first." in str(asked["because"])


def test_a_waiver_in_full_lifts_the_bar() -> None:
    facts = HELPED | {"listed_child_soldiers": True}
    barred, lifted = (line("rapporteurs_list", **facts, waived_child_soldiers=waived) for waived in (False, True))
    assert barred and lifted
    assert "Barred" in str(barred["because"]) and "Barred" not in str(lifted["because"])


def test_advice_that_leaving_replaces_is_left_out_and_leaving_says_so() -> None:
    facts = BOUGHT | {"tier": "severe", "strategic_value": 10.0, "leverage": 12.0}
    assert line("swap_with_expiry", **facts) is None
    leaving = line("walk_away", **facts)
    assert leaving and str(leaving["because"]).endswith(
        "Takes the place of “A small release that lapses on a known date, for one visit or one access”."
    )


def test_advice_stays_while_it_is_not_known_whether_leaving_replaces_it() -> None:
    facts = BOUGHT | {"tier": "severe", "strategic_value": None, "leverage": 12.0}
    swap = line("swap_with_expiry", **facts)
    assert swap and "must be looked up first. Leaving opens no new case" in str(swap["because"])


def test_a_conflict_counts_only_on_the_days_it_is_in_force() -> None:
    frame = build_example_inputs(HELPED | {"listed_child_soldiers": True})
    reasons = decide_by_rules(frame, BOOK, date(2024, 12, 31))["because"].to_list()
    assert reasons and not any("Barred" in text for text in reasons)


def test_checks_are_joined_only_where_there_would_be_more_than_twelve() -> None:
    few = build_example_inputs(BOUGHT)
    assert decide_by_rules(few, BOOK, RULES_DAY).equals(decide_by_rules(few, BOOK, RULES_DAY, most=None))
    whole, joined = (decide_by_rules(build_example_inputs(BUSY), BOOK, RULES_DAY, most=most) for most in (None, 12))
    checks = joined.filter(kind="check")
    assert whole.filter(kind="check").height > 12 == checks.height
    complete(whole, joined)
    vetting = checks.filter(rule="leahy_state").row(0, named=True)
    assert (
        vetting["title"].startswith("(1) Is there credible information")
        and "(3) Would Defense funds" in vetting["title"]
    )
    assert vetting["reference"].endswith("22 USC 2378d(c); 10 USC 362")
    facts = [fact["fact"] for fact in json.loads(vetting["evidence"])]
    assert facts == ["us_partner", "usmil_assistance_usd_sum5 >= 10000000", "usmil_assistance_usd_sum5 > 0"]


def test_a_joined_line_with_an_open_question_is_looked_up_and_says_which() -> None:
    vetting = (
        decide_by_rules(build_example_inputs(BUSY | {"us_partner": None}), BOOK, RULES_DAY)
        .filter(rule="leahy_state")
        .row(0, named=True)
    )
    assert vetting["result"] == "refer"
    assert vetting["title"].startswith("(1) To be looked up: Is there credible information")


def test_every_real_partner_gets_few_lines_that_lack_nothing_and_none_that_contradict(
    finished_run: FinishedRun,
) -> None:
    standing_now = finished_run.result.standing
    whole = decide_by_rules(standing_now, BOOK, RULES_DAY, most=None)
    untold(whole)
    joined = decide_by_rules(standing_now, BOOK, RULES_DAY)
    complete(whole, joined)
    assert joined.group_by("iso3", "kind").len().filter(pl.col("len") > 12).is_empty()
    assert whole.filter(pl.col("because").str.contains("Barred while")).height > 0


# The triggers that bar each kind of help; a law does not bar its own way out.
BARRED_BY = {
    "grants": {
        "child_soldiers_list",
        "trafficking_determination",
        "state_sponsor_of_terrorism",
        "coup_restriction",
    },
    "fms": {
        "state_sponsor_of_terrorism",
        "not_fully_cooperating_on_terrorism",
        "proscribed_policy_of_denial",
        "proscribed_country_specific",
        "united_nations_arms_embargo",
    },
}
BARRED_BY["dcs"] = BARRED_BY["fms"] | {"child_soldiers_list"}
WAYS_OUT = {
    ("child_soldier_action_plan", "child_soldiers_list"),
    ("officials_charged_over_trafficking", "trafficking_determination"),
}
CONDITIONS = [rule for rule in BOOK.rules if isinstance(rule, PositiveCondition)]
NAMED = {(loser, winner) for conflict in BOOK.conflicts for loser in conflict.yields for winner in conflict.to}


def test_every_trigger_is_known_to_bar_some_way_of_helping() -> None:
    assert set().union(*BARRED_BY.values()) == {rule.id for rule in BOOK.rules if rule.kind == "trigger"}


@pytest.mark.parametrize("rule", CONDITIONS, ids=lambda rule: rule.id)
def test_every_reward_is_told_of_each_law_that_bars_it_and_of_leaving(rule: PositiveCondition) -> None:
    bars = set().union(*(BARRED_BY[programme] for programme in rule.programmes))
    expected = {(rule.id, trigger) for trigger in bars} - WAYS_OUT | {(rule.id, "walk_away")}
    assert expected - NAMED == set()
