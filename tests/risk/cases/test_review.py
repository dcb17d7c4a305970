"""Cases reviewed against a real run: risk, record, law, package, questions and safer alternatives."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.cases import invent_cases
from bench.plain_review import PlainInputs, review_case_plainly
from features.bad_input import BadInput
from risk.cases.reading.fields import LINE_COLUMN, check_case_fields
from risk.cases.review import (
    ASSESSED_COLUMNS,
    REVIEW_COLUMNS,
    ReviewContext,
    build_review_context,
    review_cases,
    review_checked_cases,
)
from risk.cases.tables.entry_types import RISKS
from risk.cases.tables.loading import TransferTables, load_transfer_tables
from risk.outputs.last_run import LastRun
from risk.rules.loading import RULEBOOK_FOLDER, load_rulebook
from risk.rules.rulebook import Rulebook
from risk.rules.rulebook_files import read_rulebook
from risk.vocabulary import TIERS
from tests.conftest import FinishedRun
from tests.risk.cases.transfer_cases import INVENTED_CASE, build_cases

ORDER = {tier: place for place, tier in enumerate(TIERS)}


@pytest.fixture(scope="module")
def book(finished_run: FinishedRun) -> Rulebook:
    return load_rulebook(RULEBOOK_FOLDER, finished_run.result.standing.schema)


@pytest.fixture(scope="module")
def tables(book: Rulebook) -> TransferTables:
    return load_transfer_tables(read_rulebook(RULEBOOK_FOLDER), book)


@pytest.fixture(scope="module")
def desk(finished_run: FinishedRun, book: Rulebook, tables: TransferTables) -> ReviewContext:
    return prepared(finished_run, book, tables)


def prepared(
    run: FinishedRun, book: Rulebook, tables: TransferTables, standing: pl.DataFrame | None = None
) -> ReviewContext:
    held = run.result.standing if standing is None else standing
    return build_review_context(held, run.result.decisions, book, tables, LastRun(run.out).day)


def one(desk: ReviewContext, **changes: Any) -> dict[str, Any]:
    rows = build_cases(changes).with_columns(pl.lit(1, dtype=pl.Int64).alias(LINE_COLUMN))
    found = check_case_fields(rows, desk.keys)
    assert found.faults.is_empty(), found.faults["reason"].to_list()
    return review_checked_cases(found.cases, desk).row(0, named=True)


def test_tear_gas_for_egypts_police_is_severe_and_driven_by_repression(desk: ReviewContext) -> None:
    row = one(desk, programme="dcs", item="XIV", end_user="police")
    assert (row["case_tier"], row["case_driver"], row["repression_pair"]) == ("severe", "repression", 4)
    assert row["repression_exposure"] == pytest.approx(100 * row["repression_pressure"], abs=1e-3)
    assert "political terror is widespread" in row["record"]
    assert "no_crowd_control_against_citizens" in row["redlines"].split(";")
    assert {"swap_XIV", "courts_and_forensics"} <= set(row["safer"].split(";"))
    assert "riot_orders" in row["questions"].split(";")
    assert "leahy_defense" not in row["checks"] and "targeting_inside_the_contract" not in row["conditions"]


def test_patrol_boats_for_norways_navy_are_low_without_redlines(desk: ReviewContext) -> None:
    row = one(desk, partner="NOR", item="VI", end_user="navy", objective="deterrence_signalling")
    assert (row["case_tier"], row["partner_tier"], row["redlines"], row["triggers"]) == ("low", "low", "", "")
    assert row["repression_pair"] == 0 and row["repression_exposure"] == 0


def test_bombs_for_saudi_arabia_are_driven_by_war_abroad_and_keep_what_is_about_strikes(desk: ReviewContext) -> None:
    row = one(desk, partner="SAU", item="IV", end_user="air_force", value_usd=1e9)
    assert row["case_driver"] == "aggression" and ORDER[row["case_tier"]] >= ORDER["elevated"]
    assert row["civilian_harm_pair"] == 4
    assert "strike_log_of_a_large_air_force" in row["conditions"].split(";")
    assert (row["notification"], row["notification_days"]) == ("AECA 36(b)(1)", 30)
    trucks = one(desk, partner="SAU", item="XIII", end_user="army")
    assert "strike_log_of_a_large_air_force" not in trucks["conditions"].split(";")


def test_ukraines_forces_are_read_as_the_worst_of_three_and_asked_which(desk: ReviewContext) -> None:
    row = one(desk, partner="UKR", item="VII", end_user="armed_forces", programme="fmf")
    assert "The worst of several end users" in row["record"]
    assert {"which_service", "armour_in_the_capital"} <= set(row["questions"].split(";"))
    assert row["diversion_pressure"] > one(desk, partner="NOR")["diversion_pressure"]


def test_a_partner_whose_probability_is_not_known_is_referred_and_never_low(desk: ReviewContext) -> None:
    unknown = desk.partners.filter(pl.col("repression_pressure").is_null())["iso3"].to_list()
    assert unknown
    for iso3 in unknown:
        row = one(desk, partner=iso3, item="sipri_anti_submarine_weapons", end_user="navy")
        assert row["case_tier"] == "referred" and row["repression_exposure"] is None
        assert "partner_not_scored" in row["questions"].split(";")


@pytest.mark.parametrize("column", ["coup_probability", "vdem_corruption", "rivalries", "ucdp_battle_deaths_sum5"])
def test_any_one_missing_fact_refers_the_case(
    finished_run: FinishedRun, book: Rulebook, tables: TransferTables, column: str
) -> None:
    holed = finished_run.result.standing.with_columns(pl.when(pl.col("iso3") != "EGY").then(pl.col(column)))
    row = one(prepared(finished_run, book, tables, holed), item="V", end_user="navy")
    assert row["case_tier"] == "referred" and row["case_exposure"] > 0


def test_a_known_risk_that_is_severe_stands_beside_one_that_is_not_known(
    finished_run: FinishedRun, book: Rulebook, tables: TransferTables
) -> None:
    holed = finished_run.result.standing.with_columns(pl.when(pl.col("iso3") != "EGY").then(pl.col("coup_probability")))
    row = one(prepared(finished_run, book, tables, holed), programme="dcs", item="XIV", end_user="police")
    assert (row["case_tier"], row["case_driver"], row["coup_exposure"]) == ("severe", "repression", None)
    assert "Coup: not known, and not counted" in row["record"]
    assert "partner_not_scored" in row["questions"].split(";")


def test_law_binds_whatever_the_exposure(desk: ReviewContext, finished_run: FinishedRun) -> None:
    bound = finished_run.result.decisions.filter(result="applies", rule="proscribed_country_specific")
    row = one(desk, partner=bound["iso3"][0], item="sipri_anti_submarine_weapons", end_user="navy")
    assert row["aggression_pair"] <= 2 and "proscribed_country_specific" in row["triggers"].split(";")


def test_every_trigger_of_a_partner_is_bound_or_asked_in_every_case(
    desk: ReviewContext, finished_run: FinishedRun
) -> None:
    held: dict[str, set[str]] = {}
    for iso3, rule in finished_run.result.decisions.filter(kind="trigger").select("iso3", "rule").iter_rows():
        held.setdefault(iso3, set()).add(rule)
    found = review_checked_cases(check_case_fields(pl.concat(invent_cases(desk.keys, 3000)), desk.keys).cases, desk)
    for row in found.filter(result="reviewed").iter_rows(named=True):
        triggers = f"{row['triggers']};{row['triggers_asked']}".strip(";").split(";")
        assert {name for name in triggers if name} == held.get(row["iso3"], set())


def test_lower_scores_add_no_exception(
    desk: ReviewContext, finished_run: FinishedRun, book: Rulebook, tables: TransferTables
) -> None:
    scores = {f"{name}_probability": pl.lit(0.0) for name in ("state_terror", "civilian_killing", "coup", "misuse")}
    calm = prepared(finished_run, book, tables, finished_run.result.standing.with_columns(**scores))
    asked = check_case_fields(pl.concat(invent_cases(desk.keys, 2000)), desk.keys).cases
    law = ["triggers", "triggers_asked", "notification", "notification_days"]
    assert review_checked_cases(asked, calm).select(law).equals(review_checked_cases(asked, desk).select(law))


def test_a_bar_that_does_not_name_the_programme_is_asked_about(desk: ReviewContext, finished_run: FinishedRun) -> None:
    listed = finished_run.result.decisions.filter(rule="coup_restriction", result="applies")["iso3"].to_list()
    if not listed:
        listed = finished_run.result.decisions.filter(rule="coup_restriction")["iso3"].to_list()
    grant, sale = (one(desk, partner=listed[0], programme=name) for name in ("fmf", "fms"))
    assert "coup_restriction" in sale["triggers_asked"] and "coup_restriction" not in sale["triggers"]
    assert "coup_restriction" in grant["triggers"] + grant["triggers_asked"]
    assert "does_the_law_reach" in sale["questions"].split(";")


def test_a_pairing_that_is_not_expected_gets_no_score_and_a_question(desk: ReviewContext) -> None:
    row = one(desk, item="VI", end_user="police")
    assert all(row[f"{risk}_pair"] is None and row[f"{risk}_exposure"] is None for risk in RISKS)
    assert row["case_tier"] == "referred" and "why_this_user" in row["questions"].split(";")
    assert row["repression_user"] == 4


def test_terms_lower_a_pair_by_one_only_all_together(desk: ReviewContext) -> None:
    terms = {"use_terms": "true", "serial_audit": "true", "sustainment_hold": "true"}
    plain, two, three = (one(desk, partner="SAU", item="IV", end_user="air_force", **more)["aggression_pair"]
                         for more in ({}, {**terms, "use_terms": "false"}, terms))  # fmt: skip
    assert (plain, two, three) == (4, 4, 3)


def test_terms_do_not_hide_a_record(desk: ReviewContext) -> None:
    terms = {"use_terms": "true", "serial_audit": "true", "sustainment_hold": "true"}
    assert one(desk, item="XIV", end_user="police", **terms)["repression_pair"] == 4


def test_a_record_counts_only_for_users_who_do_such_things(desk: ReviewContext) -> None:
    army, coast = (one(desk, item="X", end_user=user) for user in ("army", "border_guard"))
    assert "terror" in army["record"] and "terror" not in coast["record"]


def test_a_record_counts_only_for_items_that_lend_themselves_to_it(desk: ReviewContext) -> None:
    guns, rounds, shells = (one(desk, partner="IND", item=item, end_user="army") for item in ("II", "III", "III_large"))
    assert "terror" not in guns["record"] and "terror" in rounds["record"]
    assert [row["repression_pair"] for row in (guns, rounds, shells)] == [2, 4, 0]
    assert shells["case_driver"] != "repression"


def test_the_invaded_are_not_counted_as_aggressors_and_the_order_of_partners_is_reasonable(desk: ReviewContext) -> None:
    order = ["RUS", "ISR", "TUR", "RWA", "SAU", "AZE", "UKR"]
    pressures = [one(desk, partner=iso3, item="IV")["aggression_pressure"] for iso3 in order]
    assert pressures == sorted(pressures, reverse=True) and pressures[0] > 0.8 > 0.2 > pressures[-1]
    hawk = one(desk, partner="UKR", item="sipri_air_defence_systems", end_user="armed_forces")
    assert hawk["case_driver"] != "aggression" and hawk["aggression_exposure"] < 10
    drones = one(desk, partner="QAT", item="VIIIc", end_user="air_force")
    assert ORDER[drones["case_tier"]] < ORDER[one(desk, partner="SAU", item="IV", end_user="air_force")["case_tier"]]


def test_a_count_of_rivals_that_is_old_is_dated_in_the_record(desk: ReviewContext) -> None:
    assert "strategic rivals: 4, as counted to 2020" in one(desk, partner="SAU", item="IV")["record"]
    assert "rivals" not in one(desk, partner="SAU", item="XIV", end_user="police")["record"]


def test_a_condition_that_is_not_known_lowers_no_pressure(
    finished_run: FinishedRun, book: Rulebook, tables: TransferTables
) -> None:
    holed = finished_run.result.standing.with_columns(
        pl.lit(None, dtype=pl.Float64).alias(name) for name in ("ucdp_intrastate_deaths", "ucdp_battle_deaths_sum5_nb")
    )
    full, known = prepared(finished_run, book, tables, holed).partners, prepared(finished_run, book, tables).partners
    assert (full["aggression_pressure"] >= known["aggression_pressure"]).all()
    assert full.filter(iso3="UKR")["aggression_pressure"].item() > 0.4


def test_radar_for_the_sky_has_no_part_in_repression(desk: ReviewContext) -> None:
    radar, sensors = (one(desk, item=item, end_user="armed_forces") for item in ("XI_radar", "sipri_sensors"))
    assert radar["repression_exposure"] == 0 < sensors["repression_exposure"]
    assert ORDER[radar["case_tier"]] < ORDER[sensors["case_tier"]]


def test_a_check_on_notice_is_kept_only_while_notice_is_open(desk: ReviewContext) -> None:
    named = desk.tables.narrowing
    asked = {name for entry in named if entry.until_answered for name in entry.rules}
    large = one(desk, value_usd=1e9)
    small = one(desk, value_usd=1e6)
    unknown = one(desk, value_usd=None)
    assert (large["notification"], small["notification"], unknown["notification"]) == ("AECA 36(b)(1)", "none", "ask")
    assert not asked & {*large["checks"].split(";"), *small["checks"].split(";")}
    assert asked & set(unknown["checks"].split(";"))


def test_an_item_without_a_swap_offers_none(desk: ReviewContext) -> None:
    row = one(desk, partner="SAU", item="sipri_anti_submarine_weapons", end_user="navy")
    assert "swap_" not in row["safer"] and not row["safer"].startswith(";")


def test_the_tier_acts_on_one_extreme_component(desk: ReviewContext) -> None:
    rows = review_checked_cases(check_case_fields(pl.concat(invent_cases(desk.keys, 4000)), desk.keys).cases, desk)
    starts = {one.id: one.starts for one in desk.tables.pressures}
    for row in rows.filter(pl.col("case_tier").is_in(TIERS)).iter_rows(named=True):
        levels = [sum(row[f"{risk}_exposure"] >= starts[risk][tier] for tier in TIERS[1:]) for risk in RISKS]
        assert ORDER[row["case_tier"]] == max(levels)
        assert row["case_exposure"] == max(row[f"{risk}_exposure"] for risk in RISKS)


VAGUE = [
    ({"gap": ""}, "gap: is missing; name which group"),
    ({"gap": "Support partner capability"}, "gap: too vague"),
    ({"gap": "to build and strengthen the capacity of the partner and its security forces"}, "gap: too vague"),
    ({"gap": "night vision for units"}, "gap: too vague"),
    ({"objective": ""}, "objective: is missing; write one of lasting_capacity"),
    ({"objective": "other"}, "objective: another objective needs words of its own"),
    ({"objective": "other: partnership"}, "objective: another objective needs words of its own"),
]


@pytest.mark.parametrize(("changes", "reason"), VAGUE, ids=[str(v[0]) for v in VAGUE])
def test_a_missing_or_vague_objective_or_gap_is_sent_back_with_what_to_write(
    desk: ReviewContext, changes: dict[str, Any], reason: str
) -> None:
    row = one(desk, **changes)
    assert row["result"] == "sent_back" and row["sent_back_because"].startswith(reason)
    assert all(row[name] is None for name in ASSESSED_COLUMNS) and row["partner"] == "Egypt"


def test_another_objective_in_words_of_its_own_is_reviewed(desk: ReviewContext) -> None:
    row = one(desk, objective="other: keep cholera out of camps on the border")
    assert row["result"] == "reviewed" and row["objective"].startswith("other:")


def test_unknown_amounts_are_asked_about(desk: ReviewContext) -> None:
    row = one(desk, quantity=None, value_usd=None, support_years=None)
    assert {"value", "quantity", "support"} <= set(row["questions"].split(";"))
    assert row["notification"] == "ask"


def test_many_agree_with_one_at_a_time_in_plain_python(
    desk: ReviewContext, finished_run: FinishedRun, book: Rulebook
) -> None:
    asked = check_case_fields(pl.concat(invent_cases(desk.keys, 1500, seed=7)), desk.keys).cases
    unsure = pl.int_range(pl.len()) % 5 == 0
    asked = asked.with_columns(pl.when(~unsure).then(pl.col("value_usd", "quantity", "support_years")))
    plain = PlainInputs(desk.tables, desk.partners.to_dicts(), finished_run.result.decisions.to_dicts(), book.rules)
    for row, case in zip(
        review_checked_cases(asked, desk).iter_rows(named=True), asked.iter_rows(named=True), strict=True
    ):
        answer = review_case_plainly(case, plain)
        answer.pop("happened", None)
        assert answer == {name: row[name] for name in answer}, case


@settings(max_examples=12, deadline=None)
@given(
    data=st.data(),
    risk=st.sampled_from(RISKS),
    iso3=st.sampled_from(["EGY", "NOR", "SAU", "UKR", "MLI", "COD", "LIE"]),
    user=st.sampled_from(["army", "air_force", "navy", "police", "intelligence", "armed_forces"]),
    terms=st.booleans(),
)
def test_a_higher_score_of_an_item_or_user_never_lowers_exposure_or_tier(
    desk: ReviewContext,
    book: Rulebook,
    finished_run: FinishedRun,
    data: st.DataObject,
    risk: str,
    iso3: str,
    user: str,
    terms: bool,
) -> None:
    item = data.draw(st.sampled_from([one.id for one in desk.tables.items]))
    said = dict.fromkeys(("use_terms", "serial_audit", "sustainment_hold"), str(terms).lower())
    before = one(desk, partner=iso3, item=item, end_user=user, **said)
    part = data.draw(st.sampled_from(["items", "end_users"]))
    raised = replace(desk.tables, **{part: tuple(_higher(entry, risk) for entry in getattr(desk.tables, part))})
    after = one(prepared(finished_run, book, raised), partner=iso3, item=item, end_user=user, **said)
    for name in RISKS:
        was, now = before[f"{name}_exposure"], after[f"{name}_exposure"]
        assert (was is None) == (now is None) and (was is None or now is None or now >= was)
    # A referred case can only become severe, if a known risk does.
    order = ORDER | {"referred": ORDER["severe"] - 0.5}
    assert after["case_tier"] == before["case_tier"] or order[after["case_tier"]] >= order[before["case_tier"]]


def _higher(entry: Any, risk: str) -> Any:
    if entry.scores is None:
        return entry
    scores = entry.scores.model_copy(update={risk: min(4, getattr(entry.scores, risk) + 1)})
    return entry.model_copy(update={"scores": scores})


def test_review_keeps_order_and_columns_and_refuses_the_first_wrong_row(
    finished_run: FinishedRun, book: Rulebook, tables: TransferTables
) -> None:
    result, on = finished_run.result, LastRun(finished_run.out).day
    asked = build_cases({"id": "b"}, {"id": "a", "partner": "NOR"})
    found = review_cases(asked, result.standing, result.decisions, book, tables, on)
    assert found.columns == list(REVIEW_COLUMNS) and found["id"].to_list() == ["b", "a"]
    assert found["warning"].unique().to_list() == [tables.warning]
    with pytest.raises(BadInput, match=r"cases, row 2: item: 'XXX' is not accepted; expected one of I, II"):
        review_cases(build_cases({}, {"item": "XXX"}), result.standing, result.decisions, book, tables, on)


def test_outputs_of_another_engine_are_refused(
    finished_run: FinishedRun, book: Rulebook, tables: TransferTables
) -> None:
    result, on = finished_run.result, LastRun(finished_run.out).day
    with pytest.raises(BadInput, match=r"the rule inputs have no column 'coup_probability'.*run `make score` again"):
        build_review_context(result.standing.drop("coup_probability"), result.decisions, book, tables, on)
    strange = result.decisions.with_columns(rule=pl.lit("invented_rule"))
    with pytest.raises(BadInput, match=r"the decisions name the rule 'invented_rule', which is not in the rulebook"):
        build_review_context(result.standing, strange, book, tables, on)
    with pytest.raises(BadInput, match="the rule inputs have two rows for 'AFG'"):
        build_review_context(
            pl.concat([result.standing.head(1), result.standing.head(2)]), result.decisions, book, tables, on
        )


def test_a_case_is_reviewed_without_decisions_too(
    finished_run: FinishedRun, book: Rulebook, tables: TransferTables
) -> None:
    none = finished_run.result.decisions.clear()
    row = review_cases(build_cases(), finished_run.result.standing, none, book, tables, date(2026, 11, 1)).row(
        0, named=True
    )
    assert row["result"] == "reviewed" and row["conditions"] == "" and row["triggers"] == ""
    assert INVENTED_CASE["id"] == row["id"]
