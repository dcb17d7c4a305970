"""Benchmarks raised by recourse, on invented decisions."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from models.recourse.table import RECOURSE_SCHEMA
from risk.assessment.benchmarks import raise_benchmarks
from risk.assessment.decide import DECISION_SCHEMA, decide_by_rules
from risk.assessment.tiers import list_tier_thresholds
from tests.risk.rules.rulebook_example import RULES_DAY, build_example_inputs, load_project_rulebook

BOOK = load_project_rulebook()
FACTS = {"state_terror_tier": "high", "pts_mean": 4.0, "tier": "high", "usmil_assistance_usd_sum5": 2.0e7}
LOWER: dict[str, Any] = {
    "iso3": "XXA", "outcome": "misuse", "route": 1, "measure": "pts_mean", "now": 4.0, "asked": 3.0, "within_years": 5,
    "tier_before": "high", "tier_after": "elevated",
}  # fmt: skip


def asked(*rows: dict[str, Any], rule: str = "rapporteurs_list", **facts: Any) -> tuple[float, str]:
    """Return what a condition asks of the invented partner, and by when, given recourse rows (changes to LOWER)."""
    recourse = pl.DataFrame([LOWER | row for row in rows], schema=RECOURSE_SCHEMA)
    decisions = decide_by_rules(build_example_inputs(FACTS | facts), BOOK, RULES_DAY)
    made = raise_benchmarks(decisions, recourse, RULES_DAY)
    assert made.schema == DECISION_SCHEMA
    kept = [name for name in DECISION_SCHEMA if name not in ("benchmark_asked", "benchmark_by")]
    assert made.select(kept).equals(decisions.select(kept))
    found = made.filter(rule=rule).select("benchmark_asked", "benchmark_by").row(0)
    return found[0], found[1]


def test_a_benchmark_asks_for_what_goes_with_a_lower_tier_within_the_years_it_took_elsewhere() -> None:
    assert asked({}) == (3.0, "2031-11-24")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"iso3": "XXB"}],
        [{"measure": "vdem_rule_of_law"}],
        [{"outcome": "coup"}],
        [{"tier_after": "high"}],
        [{"measure": None, "asked": None, "now": None, "tier_after": "high"}],
        [{}, {"measure": "vdem_rule_of_law", "asked": 0.7}],
    ],
    ids=[
        "none",
        "another partner",
        "another measure",
        "another outcome",
        "no lower tier",
        "nothing falls",
        "two needed",
    ],
)
def test_without_a_measure_that_would_do_by_itself_the_rulebook_asks(rows: list[dict[str, Any]]) -> None:
    assert asked(*rows) == (3.5, "2028-11-24")


@pytest.mark.parametrize("value", [3.5, 3.8])
def test_recourse_never_asks_for_less_than_the_rulebook(value: float) -> None:
    assert asked({"asked": value}) == (3.5, "2028-11-24")


def test_a_measure_of_which_more_is_better_is_asked_for_more() -> None:
    law = {"measure": "vdem_rule_of_law", "now": 0.5}
    rule, facts = "judicial_followup_before_deliveries", {"vdem_rule_of_law": 0.5, "leverage": 50.0}
    assert asked(law | {"asked": 0.6}, rule=rule, **facts) == (0.6, "2031-11-24")
    assert asked(law | {"asked": 0.52}, rule=rule, **facts) == (pytest.approx(0.55), "2028-11-24")


def test_an_unknown_value_stays_unasked() -> None:
    facts = {"listed_child_soldiers": True, "vdem_physical_integrity": None}
    row = {"measure": "vdem_physical_integrity", "now": 0.3, "asked": 0.5}
    assert asked(row, rule="child_soldier_action_plan", **facts) == (None, "2028-11-24")


def test_tiers_start_rising_where_the_rulebook_says() -> None:
    assert list(list_tier_thresholds(BOOK, "misuse", date(2026, 1, 1)).items()) == [
        ("guarded", 0.05),
        ("elevated", 0.15),
        ("high", 0.40),
        ("severe", 0.75),
    ]
