"""The summary says what the tables hold, in words and rounded numbers, and says plainly what is not known."""

import json
from typing import Any

import polars as pl
import pytest

from features.bad_input import BadInput
from risk.report.summary import index_summary, partner_summary
from risk.report.words import amount, chance, percent
from tests.risk.invented_outputs import (
    BASE_RATES,
    LINKS,
    OFFRAMP,
    PARTS,
    SOURCES,
    decision,
    invented_tables,
    partner,
    reason,
    score,
)


def summary_of(iso3: str, **changes: list[dict[str, Any]]) -> dict[str, Any]:
    """The summary of one invented partner, with some of the tables replaced by the rows given."""
    replaced = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in changes.items()}
    tables = invented_tables() | replaced
    return partner_summary(iso3, **tables, panel_row=PARTS, sources=SOURCES, base_rates=BASE_RATES)


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.001, "less than 1 in 100"),
        (0.018, "about 1 in 50"),
        (0.07, "about 1 in 15"),
        (0.31, "about 3 in 10"),
        (0.5, "about 5 in 10"),
        (0.94, "about 19 in 20"),
        (0.999, "more than 99 in 100"),
        (None, None),
    ],
)
def test_a_probability_is_said_as_people_say_it(probability: float | None, words: str | None) -> None:
    assert chance(probability) == words


@pytest.mark.parametrize(("share", "words"), [(0.0, "under 1%"), (0.3142, "31%"), (1.0, "over 99%"), (None, None)])
def test_a_share_is_whole_percent_and_never_certain(share: float | None, words: str | None) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.2149, "index 0-1, higher is better", "0.21 (index 0-1, higher is better)"),
        (1_234_567_890.0, "current US dollars", "$1.23 billion"),
        (1_234.0, "constant 2015 US dollars", "$1,230 (constant 2015)"),
        (0.416, "share 0-1", "42%"),
        (1.0, "0 or 1", "yes"),
        (0.25, "0 or 1", "0.25 (0 or 1)"),
        (12_345.0, "deaths", "12,300 deaths"),
        (-1.2345, None, "-1.23"),
        (4.25, "per cent a year", "4.25 per cent a year"),
        (2014.0, None, "2014"),
        (0.0, "coups", "0 coups"),
        (None, "deaths", "not known"),
    ],
)
def test_a_value_is_rounded_to_what_it_can_bear(value: float | None, unit: str | None, words: str) -> None:
    assert amount(value, unit) == words


def test_the_bottom_line_gives_chance_interval_and_base_rate() -> None:
    assert summary_of("ALD")["bottom_line"] == (
        "The chance of misuse is about 3 in 10 (31%, interval 22% to 42%). "
        "Across all partners and years on record: 22%."
    )


def test_every_outcome_has_probability_interval_base_rate_status_and_rank() -> None:
    risks = summary_of("ALD")["risks"]
    assert [risk["outcome"] for risk in risks] == ["misuse", "state_terror", "civilian_killing", "coup"]
    assert risks[3] == {
        "outcome": "coup",
        "name": "Coup",
        "label": "an attempted or successful coup",
        "probability": "31%",
        "chance": "about 3 in 10",
        "interval": "22% to 42%",
        "onset": None,
        "base_rate": "4%",
        "status": "Under way, by facts up to 2025",
        "tier": "elevated",
        "rank": "1 of 2",
    }


def test_a_referred_partner_has_no_probability_and_says_so() -> None:
    summary = summary_of("CIM")
    assert summary["tier"] == "referred"
    assert summary["bottom_line"].startswith("Too little recent data")
    assert {risk["probability"] for risk in summary["risks"]} == {None}
    assert len(summary["unknown"]["no_status"]) == 4
    assert summary["unknown"]["coverage"] == "20%"


def test_a_referred_partner_with_a_probability_is_not_summed_up_by_it() -> None:
    referred = partner(tier="referred", posture="referred")
    assert "31%" not in summary_of("ALD", partners=[referred])["bottom_line"]


def test_reasons_are_grouped_by_theme_and_the_theme_counts_all_of_them() -> None:
    rows = [
        reason(1, contribution_logodds=0.4),
        reason(2, contribution_logodds=-0.9),
        reason(3, theme="conflict", label="Battle deaths", contribution_logodds=0.1),
    ]
    themes = summary_of("ALD", reasons=rows)["reasons"][0]["themes"]
    assert [theme["theme"] for theme in themes] == ["Human rights record", "Conflict and coups"]
    assert themes[0]["effect"] == {"direction": "down", "words": "lower risk, strongly", "odds": "0.61"}
    assert themes[1]["rows"][0]["effect"]["words"] == "higher risk, slightly"


def test_only_the_weightiest_reasons_are_listed() -> None:
    rows = [reason(position, label=f"Fact {position}") for position in range(40, 0, -1)]
    listed = summary_of("ALD", reasons=rows)["reasons"][0]["themes"][0]["rows"]
    assert [row["label"] for row in listed] == [f"Fact {position}" for position in range(1, 13)]


def test_a_condition_carries_its_benchmark_in_plain_words() -> None:
    condition = summary_of("ALD")["positive_condition"][0]
    assert condition["benchmark"] == {
        "measure": "Freedom from torture and political killing",
        "now": "0.21",
        "asked": "0.3",
        "by": 2027,
    }
    assert condition["unlocks"] == "Release of the next tranche"


def test_the_graded_steps_of_an_offramp_become_a_list() -> None:
    offramp = summary_of("ALD", decisions=[OFFRAMP])["offramp"][0]
    assert offramp["paragraphs"] == ["Invented ground for it."]
    assert offramp["steps"] == ["Pause new notifications in 2026.", "Hold spares.", "End the programme."]


def test_steps_on_lines_of_their_own_become_a_list_too() -> None:
    row = decision("check", because="Ask the desk:\n- Which unit?\n- Who trains it?")
    check = summary_of("ALD", decisions=[row])["check"][0]
    assert check["paragraphs"] == ["Ask the desk:"]
    assert check["steps"] == ["Which unit?", "Who trains it?"]


def test_a_trigger_tells_the_way_out_and_not_a_reward() -> None:
    trigger = summary_of("ALD", decisions=[decision(unlocks="A waiver by the President.")])["trigger"][0]
    assert (trigger["way_out"], trigger["unlocks"]) == ("A waiver by the President.", None)


def test_a_reference_to_be_verified_says_so_with_its_date() -> None:
    offramp = summary_of("ALD")["offramp"][0]
    assert offramp["reference_status"] == "to be verified before anyone relies on it"
    assert offramp["as_of"] == "2025-06-30"


def test_a_rule_that_cannot_be_settled_is_referred_with_the_unknown_fact() -> None:
    fact = {"fact": "listed", "values": {"listed_cspa": None, "waived": True}, "years": {}, "holds": None}
    row = decision("redline", result="refer", title="Unsettled", evidence=json.dumps([fact]))
    summary = summary_of("ALD", decisions=[row])
    assert summary["unknown"]["referred"] == ["Unsettled"]
    assert summary["redline"][0]["facts"] == [
        {
            "fact": "listed",
            "values": {"listed_cspa": "not known (undated)", "waived": "yes (undated)"},
            "holds": "Not known",
        }
    ]


def test_missing_and_old_facts_are_named() -> None:
    unknown = summary_of("ALD")["unknown"]
    assert unknown["missing"] == ["Judges removed"]
    assert unknown["old"] == [{"label": "Arms imports", "year": 2020}]


def test_a_gap_in_what_is_only_derived_from_a_measure_is_not_listed_beside_the_measure() -> None:
    derived = reason(4, feature="lost_l5", label="Judges removed, 5 years earlier", value=None, value_year=None)
    rows = [*invented_tables()["reasons"].filter(iso3="ALD").to_dicts(), derived]
    assert summary_of("ALD", reasons=rows)["unknown"]["missing"] == ["Judges removed"]


def test_a_part_of_an_index_that_is_not_known_is_none_and_not_zero() -> None:
    value = summary_of("ALD")["indices"][0]
    assert (value["label"], value["value"]) == ("Strategic value", 67)
    assert value["parts"][0] == {"label": "Alliance", "value": 100}
    assert value["parts"][1] == {"label": "US forces and access", "value": None}


def test_decisions_of_another_partner_stay_off_the_page() -> None:
    assert summary_of("ALD")["message"] == []
    assert [item["title"] for item in summary_of("BRE")["message"]] == ["Say it before the budget"]


@pytest.mark.parametrize(("table", "rows"), [("partners", [partner("BRE")]), ("scores", [score("BRE")])])
def test_a_partner_without_a_row_is_refused(table: str, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(BadInput, match=f"ALD has no row in {table}"):
        summary_of("ALD", **{table: rows})


def test_the_index_lists_every_partner_riskiest_first_and_referred_last() -> None:
    tables = invented_tables()
    index = index_summary(tables["scores"], tables["decisions"], tables["partners"], LINKS)
    assert [row["iso3"] for row in index["rows"]] == ["ALD", "BRE", "CIM"]
    assert index["rows"][0] == {
        "iso3": "ALD",
        "partner": "Aldova",
        "region": "Invented Sea",
        "tier": "elevated",
        "rank": 1,
        "probability": "31%",
        "interval": "22% to 42%",
        "posture": "Condition",
        "leverage": 72,
        "strategic_value": 67,
        "triggers": ["Child soldiers list"],
    }
    counts = {item["tier"]: item["count"] for item in index["tiers"]}
    assert counts == {"severe": 0, "high": 0, "elevated": 1, "guarded": 0, "low": 1, "referred": 1}


def test_a_status_is_dated_by_the_facts_it_rests_on_and_not_by_the_origin() -> None:
    misuse = summary_of("ALD")["risks"][0]
    assert misuse["status"].endswith(", by facts up to 2023 and 2024")


def test_the_raters_codings_are_told_where_both_exist_and_how_far_they_lie_apart() -> None:
    codings = {"pts_state": 3.0, "pts_amnesty": 4.0, "pts_gap_age": 2.0, "origin": 2025}
    given = {"sources": SOURCES, "base_rates": BASE_RATES}
    told = partner_summary("ALD", **invented_tables(), panel_row=PARTS | codings, **given)
    assert told["unknown"]["raters"] == {"state": 3, "amnesty": 4, "year": 2023, "apart": 1}
    alone = partner_summary("ALD", **invented_tables(), panel_row=PARTS | codings | {"pts_amnesty": None}, **given)
    assert alone["unknown"]["raters"] is None


def test_what_was_said_before_stands_beside_what_happened_and_unknown_is_not_no() -> None:
    said = {"probability": 0.31, "low": 0.2, "high": 0.4, "status": "clear"}
    past = [{"origin": 2020, "observed": True} | said, {"origin": 2023, "observed": None} | said]
    told = partner_summary(
        "ALD", **invented_tables(), panel_row=PARTS, sources=SOURCES, base_rates=BASE_RATES, past=past
    )["past"]
    assert [(row["origin"], row["probability"], row["happened"]) for row in told] == [
        (2020, "31%", "yes"),
        (2023, "31%", "not yet known"),
    ]
    assert summary_of("ALD")["past"] == []
