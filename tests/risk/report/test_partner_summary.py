"""The summary states the tables in words and rounded numbers, and says plainly what is unknown."""

import json
from typing import Any

import polars as pl
import pytest

from features.bad_input import BadInput
from risk.report.formatting import format_amount, format_chance, format_percent
from risk.report.inputs import ReportSupplement
from risk.report.partner.summary import summarize_partner
from tests.risk.invented_outputs import (
    FACT_VALUES,
    OFFRAMP_ROW,
    build_decision_row,
    build_invented_history,
    build_invented_inputs,
    build_invented_supplement,
    build_invented_tables,
    build_partner_row,
    build_past_row,
    build_reason_row,
    build_score_row,
)


def summary_of(iso3: str, **changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Summarize one invented partner, with some tables replaced by the given rows."""
    replaced = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in changes.items()}
    return summarize_partner(iso3, build_invented_inputs(replaced))


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
    assert format_chance(probability) == words


@pytest.mark.parametrize(("share", "words"), [(0.0, "under 1%"), (0.3142, "31%"), (1.0, "over 99%"), (None, None)])
def test_a_share_is_whole_percent_and_never_certain(share: float | None, words: str | None) -> None:
    assert format_percent(share) == words


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
    assert format_amount(value, unit) == words


def test_the_bottom_line_gives_chance_interval_and_base_rate() -> None:
    assert summary_of("ALD")["bottom_line"][0] == (
        "The chance of misuse in 2026–2027 is about 3 in 10 (31%, 90% interval 22% to 42%), tier elevated; "
        "for all partners and years on record it is 22%."
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
        "persistence": None,
        "status": "Under way, by facts up to 2025",
        "tier": "elevated",
        "rank": "1 of 2",
    }


def test_a_referred_partner_has_no_probability_and_says_so() -> None:
    summary = summary_of("CIM")
    assert summary["tier"] == "referred"
    assert summary["bottom_line"][0].startswith("Too little recent data")
    assert {risk["probability"] for risk in summary["risks"]} == {None}
    assert len(summary["unknown"]["no_status"]) == 4
    assert summary["unknown"]["coverage"] == "20%"


def test_a_referred_partner_with_a_probability_is_not_summed_up_by_it() -> None:
    referred = build_partner_row(tier="referred", posture="referred")
    assert "31%" not in summary_of("ALD", partners=[referred])["bottom_line"][0]


def test_reasons_are_grouped_by_theme_and_the_theme_counts_all_of_them() -> None:
    rows = [
        build_reason_row(1, contribution_logodds=0.4),
        build_reason_row(2, contribution_logodds=-0.9),
        build_reason_row(3, theme="conflict", label="Battle deaths", contribution_logodds=0.1),
    ]
    themes = summary_of("ALD", reasons=rows)["reasons"][0]["themes"]
    assert [theme["theme"] for theme in themes] == ["Human rights record", "Conflict and coups"]
    assert themes[0]["effect"] == {
        "direction": "down",
        "words": "lower risk, strongly",
        "odds": "0.61",
        "logodds": -0.5,
    }
    assert themes[1]["rows"][0]["effect"]["words"] == "higher risk, slightly"


def test_only_the_weightiest_reasons_are_listed() -> None:
    rows = [build_reason_row(position, label=f"Fact {position}") for position in range(40, 0, -1)]
    listed = summary_of("ALD", reasons=rows)["reasons"][0]["themes"][0]["rows"]
    assert [row["label"] for row in listed] == [f"Fact {position}" for position in range(1, 13)]


def test_a_condition_carries_its_benchmark_in_plain_words() -> None:
    condition = summary_of("ALD")["positive_condition"][0]
    assert condition["benchmark"] == {
        "measure": "Freedom from torture and political killing",
        "now": "0.21",
        "asked": "0.3",
        "kept": False,
        "by": 2027,
        "past": None,
    }
    assert condition["unlocks"] == "Release of the next tranche"


def test_the_graded_steps_of_an_offramp_become_a_list() -> None:
    offramp = summary_of("ALD", decisions=[OFFRAMP_ROW])["offramp"][0]
    assert offramp["paragraphs"] == ["Invented ground for it."]
    assert offramp["steps"] == ["Pause new notifications in 2026.", "Hold spares.", "End the programme."]


def test_steps_on_lines_of_their_own_become_a_list_too() -> None:
    row = build_decision_row("check", because="Ask the desk:\n- Which unit?\n- Who trains it?")
    check = summary_of("ALD", decisions=[row])["check"][0]
    assert check["paragraphs"] == ["Ask the desk:"]
    assert check["steps"] == ["Which unit?", "Who trains it?"]


def test_a_trigger_tells_the_way_out_and_not_a_reward() -> None:
    trigger = summary_of("ALD", decisions=[build_decision_row(unlocks="A waiver by the President.")])["trigger"][0]
    assert (trigger["way_out"], trigger["unlocks"]) == ("A waiver by the President.", None)


def test_a_reference_to_be_verified_says_so_with_its_date() -> None:
    offramp = summary_of("ALD")["offramp"][0]
    assert offramp["reference_status"] == "to be verified before anyone relies on it"
    assert offramp["as_of"] == "2025-06-30"


def test_a_rule_that_cannot_be_settled_is_referred_with_the_unknown_fact() -> None:
    fact = {"fact": "listed", "values": {"listed_cspa": None, "waived": True}, "years": {}, "holds": None}
    row = build_decision_row("redline", result="refer", title="Unsettled", evidence=json.dumps([fact]))
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
    derived = build_reason_row(
        4, feature="lost_l5", label="Judges removed, 5 years earlier", value=None, value_year=None
    )
    rows = [*build_invented_tables()["reasons"].filter(iso3="ALD").to_dicts(), derived]
    assert summary_of("ALD", reasons=rows)["unknown"]["missing"] == ["Judges removed"]


def test_a_part_of_an_index_that_is_not_known_is_none_and_not_zero() -> None:
    value = summary_of("ALD")["indices"][0]
    assert (value["label"], value["value"]) == ("Strategic value", 67)
    assert value["parts"][0] == {"label": "Alliance", "value": 100}
    assert value["parts"][1] == {"label": "US forces and access", "value": None}


def test_decisions_of_another_partner_stay_off_the_page() -> None:
    assert summary_of("ALD")["message"] == []
    assert [item["title"] for item in summary_of("BRE")["message"]] == ["Say it before the budget"]


@pytest.mark.parametrize(
    ("table", "rows"), [("partners", [build_partner_row("BRE")]), ("scores", [build_score_row("BRE")])]
)
def test_a_partner_without_a_row_is_refused(table: str, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(BadInput, match=f"ALD has no row in {table}"):
        summary_of("ALD", **{table: rows})


def test_a_status_is_dated_by_the_facts_it_rests_on_and_not_by_the_origin() -> None:
    misuse = summary_of("ALD")["risks"][0]
    assert misuse["status"].endswith(", by facts up to 2023 and 2024")


def test_the_raters_codings_are_told_where_both_exist_and_how_far_they_lie_apart() -> None:
    codings = FACT_VALUES | {"pts_state": 3.0, "pts_amnesty": 4.0, "pts_gap_age": 2.0, "origin": 2025}
    summary = summarize_partner("ALD", build_invented_inputs(standing={"ALD": codings}))
    assert summary["unknown"]["raters"] == {"state": 3, "amnesty": 4, "year": 2023, "apart": 1}
    alone = summarize_partner("ALD", build_invented_inputs(standing={"ALD": codings | {"pts_amnesty": None}}))
    assert alone["unknown"]["raters"] is None


def with_past(*rows: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Aldova's summary after a back-test that said what the rows say."""
    return summarize_partner(
        "ALD", build_invented_inputs(past_forecasts=pl.DataFrame(rows, infer_schema_length=None), **given)
    )


def test_what_was_said_before_stands_beside_what_happened_and_unknown_is_not_no() -> None:
    rows = [
        build_past_row(2019, probability=0.7, observed=False),
        build_past_row(2020),
        build_past_row(2023, observed=None),
    ]
    record = with_past(*rows)["record"]
    assert [(row["probability"], row["happened"]) for row in record["rows"]] == [
        ("70%", "no"),
        ("31%", "yes"),
        ("31%", "not yet known"),
    ]
    assert record["told"] == (
        "The engine's probability was 50% or more at 1 origin: misuse followed after none of them; "
        "under 50% at 1 origin: misuse followed after 1 of them."
    )
    assert summary_of("ALD")["record"] == {"told": None, "rows": []}


def test_persistence_alone_is_how_often_the_outcome_followed_the_same_state_at_past_origins() -> None:
    rows = [
        build_past_row(2018),
        build_past_row(2019),
        build_past_row(2020, observed=False),
        build_past_row(2017, observed=None),
    ]
    other = [build_past_row(2018, iso3="BRE", observed=False), build_past_row(2016, status="clear", observed=False)]
    beside = {line["name"]: line for line in with_past(*rows, *other)["beside"]}
    assert (beside["Persistence alone"]["share"], beside["Persistence alone"]["probability"]) == (0.5, "50%")
    assert "where it was under way, 4 cases" in beside["Persistence alone"]["told"]
    assert beside["All partners"]["probability"] == "22%"


def test_a_year_earlier_is_what_the_same_model_says_of_that_years_facts_and_is_else_not_known() -> None:
    def line(**last_year: Any) -> dict[str, Any]:
        beside = summarize_partner("ALD", build_invented_inputs(supplement=ReportSupplement(last_year=last_year)))[
            "beside"
        ]
        return next(line for line in beside if line["name"] == "A year earlier")

    known = line(ALD={"origin": 2024, "probability": 0.31, "low": 0.2, "high": 0.4})
    assert (known["probability"], known["told"]) == ("31%", "the same model on the facts at origin 2024")
    for none in (line(), line(ALD={"origin": 2024, "probability": None, "low": None, "high": None})):
        assert (none["share"], none["probability"]) == (None, "not known")
        assert none["told"] == "no estimate from the facts of 2024"


def test_arms_are_five_year_sums_by_supplier_since_the_partner_was_a_state() -> None:
    arms = summarize_partner("ALD", build_invented_inputs(history=build_invented_history()))["arms"]
    assert arms["periods"][0] == "1991–1995" and arms["periods"][-1] == "2021–2025"
    volumes = {group["label"]: group["volumes"] for group in arms["groups"]}
    assert volumes["United States"] == [0, 40.0, 0, 0, 0, 0, 30.0]
    assert volumes["China"][-1] == 10.0
    assert arms["told"] == (
        "Of major weapons received in 2021–2025: United States 75% and China 25% (by volume, not price)."
    )
    assert summary_of("ALD")["arms"] is None


def test_a_year_that_a_source_does_not_cover_is_not_a_year_of_nothing() -> None:
    money = summarize_partner("ALD", build_invented_inputs(history=build_invented_history()))["money"]
    lines = {line["label"]: dict(zip(money["years"], line["words"], strict=True)) for line in money["series"]}
    assert (lines["US military assistance"][2020], lines["US military assistance"][2021]) == ("$2.5 million", "0")
    assert lines["US military assistance"][2024] == "−$100,000"
    sales = lines["Foreign Military Sales agreed"]
    assert (sales[2016], sales[2015], sales[2024]) == ("$5 million", "–", "–")


def test_neighbours_are_partners_only_and_a_partner_alone_in_its_region_has_no_comparables() -> None:
    summary = summarize_partner("ALD", build_invented_inputs(history=build_invented_history()))
    assert [row["iso3"] for row in summary["neighbours"]["rows"]] == ["BRE"]
    assert [row["iso3"] for row in summary["comparables"]["rows"]] == ["BRE"]
    assert summary["comparables"]["rows"][0]["differs"] == "risk 31 points lower, same value"
    alone = [build_partner_row(), build_partner_row("BRE", region="Elsewhere"), build_partner_row("CIM")]
    assert summary_of("ALD", partners=alone)["comparables"]["rows"] == []
    assert summary_of("CIM")["comparables"]["told"].startswith("None: without a probability")


@pytest.mark.parametrize(
    ("fact", "value", "line", "gap"),
    [
        ("leverage >= 50", 72.34, "50 or more", "22.3 above the line"),
        ("leverage < 80", 72.34, "less than 80", "7.66 below the line"),
        ("leverage >= 72.34", 72.34, "72.3 or more", "on the line"),
        ("leverage BETWEEN 10 AND 25", 12.0, "10 to 25", None),
        ("leverage > 0", 72.34, None, None),
        ("tier IN ('high','severe')", "severe", "high or severe", None),
        ("NOT waived_list", False, None, None),
        ("leverage >= 50", None, "50 or more", None),
        ("abs(leverage - 3) > hedging", 7.0, "as written", None),
    ],
)
def test_where_a_partner_stands_is_told_with_the_line_and_the_distance(
    fact: str, value: Any, line: str | None, gap: str | None
) -> None:
    column = next(word for word in ("leverage", "tier", "waived_list") if word in fact)
    evidence = [{"fact": fact, "values": {column: value}, "years": {column: 2025}, "holds": True}]
    stands = summary_of("ALD", decisions=[build_decision_row("redline", evidence=json.dumps(evidence))])["redline"][0][
        "stands"
    ]
    assert [(item["line"], item["gap"]) for item in stands] == [(line, gap)]


def test_each_part_of_a_condition_of_which_any_suffices_is_told() -> None:
    fact = {"fact": "leverage >= 50 OR us_partner", "values": {"leverage": 10.0, "us_partner": True}, "holds": True}
    stands = summary_of("ALD", decisions=[build_decision_row("redline", evidence=json.dumps([fact]))])["redline"][0][
        "stands"
    ]
    assert [(item["what"], item["now"]) for item in stands] == [
        ("Leverage (0 to 100)", "10"),
        ("US arms, military aid or notified sales in the last five years", "yes"),
    ]
    assert stands[0]["line"] == "50 or more (one such line is enough)"


def test_the_steps_of_a_message_are_a_calendar() -> None:
    row = build_decision_row("message", unlocks="1. Before the offer: the minister hears it. 2. Say it plainly.")
    assert summary_of("ALD", decisions=[row])["message"][0]["calendar"] == [
        {"when": "Before the offer", "what": "The minister hears it."},
        {"when": None, "what": "Say it plainly."},
    ]


def test_what_rules_that_lack_a_fact_ask_is_not_counted_as_planned() -> None:
    plan = summary_of("ALD")["bottom_line"][1]
    assert plan == (
        "Keep working together, on conditions: 1 legal trigger binds now; plan 1 positive condition and 1 offramp; "
        "settle 1 rule that lacks a fact."
    )
    assert summary_of("CIM")["bottom_line"][1] == "Until then rely on no figure; no rule asks for more."


def test_a_benchmark_is_kept_only_where_the_value_is_known_and_asked_again() -> None:
    asked = {"benchmark_measure": "pts_mean", "benchmark_by": "2028-01-01"}
    rows = [
        build_decision_row("positive_condition", **asked, benchmark_now=now, benchmark_asked=then)
        for now, then in ((0.0, 0.0), (None, None), (1.0, 0.5))
    ]
    conditions = summary_of("ALD", decisions=rows)["positive_condition"]
    assert [item["benchmark"]["kept"] for item in conditions] == [True, False, False]


def test_advice_beyond_the_tables_is_told_where_it_is_given() -> None:
    summary = summarize_partner("ALD", build_invented_inputs(supplement=build_invented_supplement()))
    condition = summary["positive_condition"][0]
    assert condition["details"]["not_when"] == "Not in war" and condition["programmes"] == ["FMF", "IMET"]
    assert condition["precedents"][0]["use"] == "Follows" and condition["precedents"][0]["partners"] == "Bresland"
    assert condition["benchmark"]["past"] == "In the past 3 of 9 did it."
    assert summary["benchmarks"] == ["Others fell."]
    assert summary["cautions"][0]["precedents"][0]["lesson"] == "Name the officers"
    assert summary["leverage_reading"] == "Spares bind for a decade."
    bare = summary_of("ALD")
    assert (bare["cautions"], bare["benchmarks"], bare["leverage_reading"]) == ([], [], None)
    assert bare["positive_condition"][0]["details"] == {} and bare["positive_condition"][0]["precedents"] == []


def test_facts_that_push_up_and_down_carry_value_year_and_source() -> None:
    labels = {"vdem_physical_integrity": {"label": "Freedom", "unit": "index 0-1", "source": "vdem"}}
    rows = [
        build_reason_row(1),
        build_reason_row(2, contribution_logodds=-0.4),
        build_reason_row(3, contribution_logodds=0.001),
    ]
    tables = {"reasons": pl.DataFrame(rows, infer_schema_length=None)}
    summary = summarize_partner("ALD", build_invented_inputs(tables, labels=labels))
    assert [row["effect"]["direction"] for row in summary["raises"]] == ["up"]
    assert [row["effect"]["direction"] for row in summary["lowers"]] == ["down"]
    assert summary["raises"][0]["source"] == {"id": "vdem", "name": "V-Dem"}
    assert (summary["raises"][0]["value"], summary["raises"][0]["year"]) == ("0.21 (index 0-1, higher is better)", 2025)


def test_a_case_that_the_page_has_told_is_marked_the_second_time() -> None:
    summary = summarize_partner("ALD", build_invented_inputs(supplement=build_invented_supplement()))
    assert summary["cautions"][0]["precedents"][0]["again"] is True
    assert summary["positive_condition"][0]["precedents"][0]["again"] is False
