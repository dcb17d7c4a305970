"""Cautions shown with the package of an invented partner."""

import json
from datetime import date

from risk.assessment.cautions import CAUTION_SCHEMA, list_cautions
from tests.risk.rules.rulebook_example import RULES_DAY, build_example_inputs, load_project_rulebook

BOOK = load_project_rulebook()
HELPED = {"tier": "high", "leverage_assistance": 60.0}


def test_a_caution_is_shown_where_all_its_conditions_hold_with_the_facts_it_rests_on() -> None:
    shown = list_cautions(build_example_inputs(HELPED), BOOK, RULES_DAY)
    assert shown.schema == CAUTION_SCHEMA
    row = shown.filter(caution="no_stated_request").row(0, named=True)
    assert row["iso3"] == "XXA" and row["title"] == "A hold without a stated request cannot be met"
    assert [fact["holds"] for fact in json.loads(row["evidence"])] == [True, True]
    assert json.loads(row["evidence"])[0]["values"] == {"leverage_assistance": 60.0}


def test_with_a_missing_fact_or_a_referred_tier_a_caution_is_not_shown() -> None:
    for gap in ({"leverage_assistance": None}, {"tier": "referred"}):
        assert "no_stated_request" not in list_cautions(build_example_inputs(HELPED | gap), BOOK, RULES_DAY)["caution"]


def test_cautions_are_in_the_order_of_partner_and_id_whatever_the_order_of_the_standing() -> None:
    rows = [HELPED | {"iso3": iso3, "hedging_suppliers": 50.0} for iso3 in ("XXB", "XXA")]
    shown = list_cautions(build_example_inputs(*rows), BOOK, RULES_DAY)
    assert shown.select("iso3", "caution").rows() == sorted(shown.select("iso3", "caution").rows())
    assert shown.equals(list_cautions(build_example_inputs(*reversed(rows)), BOOK, RULES_DAY))
    assert shown["iso3"].n_unique() == 2


def test_no_caution_is_shown_before_it_is_in_force() -> None:
    assert list_cautions(build_example_inputs(HELPED), BOOK, date(2024, 12, 31)).is_empty()
