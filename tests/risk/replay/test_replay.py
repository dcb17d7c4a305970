"""Replaying past notifications: who is replayed, at what was known when, and what may read the future."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.bad_input import BadInput
from features.indices.index_inputs import build_index_inputs
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.vocabulary import OUTCOMES
from risk.assessment.rule_inputs import build_rule_input_schema, load_designations_on
from risk.cases.tables.loading import TransferTables, load_transfer_tables
from risk.outputs.backtest_record import SHIPPED_RECORD, read_backtest_record
from risk.replay.figure import draw_replay_figure
from risk.replay.named_items import NO_GAP, UNSTATED_OBJECTIVE, build_named_cases, review_named_cases
from risk.replay.notifications import (
    FOLLOWED_COLUMNS,
    INDEX_COLUMNS,
    NOTIFICATION_KEYS,
    SalesReplay,
    build_forecasts,
    load_notifications,
    mark_notified,
    replay_notifications,
    select_sale_package,
)
from risk.replay.page import format_replay_page
from risk.replay.past_inputs import build_past_designations, build_past_inputs, covers_past_day
from risk.replay.rates import compute_event_rate, compute_wilson_interval
from risk.replay.tables import format_rate, select_forecast_sales, tabulate_base_rates, tabulate_tiers, tabulate_years
from risk.rules.loading import RULEBOOK_FOLDER, load_rulebook
from risk.rules.rulebook import Rulebook
from risk.rules.rulebook_files import read_rulebook
from risk.vocabulary import TIERS
from risk.workflows.replay_sales import count_rules, read_rule_inputs
from tests.conftest import FinishedRun

DAY = date(2026, 11, 23)
ORIGINS = [2013, 2021]
INVENTED_REVIEW = "iso3,item,end_user,case_tier,case_driver,notification\nAAA,IV,army,high,coup,ask\n"
PAGE = SHIPPED_RECORD.parents[1] / "explanation" / "replay.md"


@pytest.fixture(scope="module")
def book(panel: pl.DataFrame) -> Rulebook:
    listed = load_designations_on(read_rulebook(RULEBOOK_FOLDER), DAY)
    indexed = build_index_inputs("snapshot", CURRENT_SNAPSHOT)
    return load_rulebook(RULEBOOK_FOLDER, build_rule_input_schema(panel, listed, indexed))


@pytest.fixture(scope="module")
def transfers(book: Rulebook) -> TransferTables:
    return load_transfer_tables(read_rulebook(RULEBOOK_FOLDER), book)


@pytest.fixture(scope="module")
def record() -> pl.DataFrame:
    """Two origins of the record: enough to show what a replay does."""
    return read_backtest_record(Path("nowhere")).filter(pl.col("origin").is_in(ORIGINS))


@pytest.fixture(scope="module")
def made(record: pl.DataFrame, panel: pl.DataFrame, book: Rulebook, transfers: TransferTables) -> SalesReplay:
    return replay_notifications(record, panel, book, transfers, DAY, snapshot=CURRENT_SNAPSHOT)


def test_a_notification_has_the_forecast_of_the_year_before_its_number_and_no_other(
    made: SalesReplay, record: pl.DataFrame
) -> None:
    known = select_forecast_sales(made)
    assert set(known["year"]) == {2014, 2022}
    assert (known["year"] - known["origin"]).unique().to_list() == [1]
    said = record.filter(outcome="misuse").select("iso3", "origin", said="probability")
    joined = known.join(said, on=["iso3", "origin"])
    assert joined.height == known.height and (joined["said"] == joined["probability"]).all()


def test_a_notification_after_the_record_is_kept_without_a_forecast_tier_or_package(made: SalesReplay) -> None:
    later = made.sales.filter(pl.col("year") > 2022)
    assert later.height == 260
    assert all(later[name].is_null().all() for name in ("probability", "tier", *FOLLOWED_COLUMNS, *INDEX_COLUMNS))
    assert made.packages.join(later, on=NOTIFICATION_KEYS, how="semi").is_empty()


def test_shuffled_outcomes_move_what_followed_and_nothing_else(
    record: pl.DataFrame, panel: pl.DataFrame, book: Rulebook, transfers: TransferTables, made: SalesReplay
) -> None:
    shuffled = record.with_columns(pl.col("observed").shuffle(seed=1))
    again = replay_notifications(shuffled, panel, book, transfers, DAY, snapshot=CURRENT_SNAPSHOT)
    assert again.packages.equals(made.packages)
    assert again.sales.drop(FOLLOWED_COLUMNS).equals(made.sales.drop(FOLLOWED_COLUMNS))
    assert not again.sales.select(FOLLOWED_COLUMNS).equals(made.sales.select(FOLLOWED_COLUMNS))


def test_facts_and_forecasts_after_an_origin_do_not_reach_it(
    record: pl.DataFrame, panel: pl.DataFrame, book: Rulebook
) -> None:
    first = ORIGINS[0]
    numbers = [name for name in panel.columns if panel.schema[name] == pl.Float64]
    spoilt = panel.with_columns(pl.when(pl.col("origin") <= first).then(pl.col(name)).alias(name) for name in numbers)
    later = record.with_columns(pl.when(pl.col("origin") <= first).then("probability"))
    kept, altered = (
        build_past_inputs(said, facts, first, book, DAY, snapshot=CURRENT_SNAPSHOT)
        for said, facts in ((record, panel), (later, spoilt))
    )
    assert altered.equals(kept)
    assert "observed" not in kept.columns and kept["origin"].unique().to_list() == [first]


def test_a_list_not_read_so_far_back_is_unknown_for_everyone_and_an_older_one_is_not(book: Rulebook) -> None:
    then = build_past_designations(book, date(2013, 12, 31))
    assert then["listed_trafficking_tier3"].is_null().all() and then["waived_trafficking_tier3"].is_null().all()
    assert then["listed_nato"].null_count() == 0 and then.filter(iso3="MNE")["listed_nato"].item() is False
    assert build_past_designations(book, date(2018, 12, 31)).filter(iso3="MNE")["listed_nato"].item() is True


def test_a_gap_in_a_list_is_a_time_it_does_not_reach(book: Rulebook) -> None:
    certified = book.designations["not_fully_cooperating"]
    days = (date(2006, 12, 31), date(2012, 12, 31), date(2020, 6, 30), date(2022, 12, 31))
    assert [covers_past_day(certified, day) for day in days] == [True, False, True, False]


def test_a_list_complete_only_from_a_later_day_does_not_reach_back_before_it(book: Rulebook) -> None:
    embargoes = book.designations["arms_embargo_un"]
    days = (date(2015, 12, 31), date(2018, 7, 12), date(2018, 7, 13))
    assert [covers_past_day(embargoes, day) for day in days] == [False, False, True]
    assert covers_past_day(embargoes.model_copy(update={"complete_from": None}), days[0])


def test_an_unread_list_refers_its_trigger_and_never_clears_it(made: SalesReplay) -> None:
    lines = made.packages.filter(rule="not_fully_cooperating_on_terrorism", year=2014)
    assert lines["result"].unique().to_list() == ["refer"]
    # The law names a few partners that this trigger can never concern.
    assert lines.height > 0.9 * made.sales.filter(year=2014).height


def test_a_replay_holds_no_rule_that_leaves_government_sales_out(
    made: SalesReplay, book: Rulebook, transfers: TransferTables
) -> None:
    seen = set(made.packages["rule"])
    other = {rule.id for rule in book.list_rules_in_force(DAY) if "fms" not in getattr(rule, "programmes", ["fms"])}
    other |= {
        name for one in transfers.narrowing if one.programmes and "fms" not in one.programmes for name in one.rules
    }
    assert "build_capacity_333" in other and seen and seen.isdisjoint(other)


def test_a_trigger_whose_text_names_no_sale_is_asked_about_and_not_dropped(
    panel: pl.DataFrame, book: Rulebook, transfers: TransferTables
) -> None:
    record = read_backtest_record(Path("nowhere"))
    then = build_past_inputs(record, panel, 2021, book, DAY, snapshot=CURRENT_SNAPSHOT).filter(iso3="NGA").with_columns(
        listed_child_soldiers=True, waived_child_soldiers=False
    )  # fmt: skip
    line = select_sale_package(then, book, transfers.narrowing, DAY).filter(rule="child_soldiers_list")
    assert line["result"].to_list() == ["refer"]


def test_saudi_arabia_of_2014_was_high_and_would_have_carried_redlines(made: SalesReplay) -> None:
    sales = made.sales.filter(iso3="SAU", year=2014)
    assert sales["tier"].unique().to_list() == ["high"]
    lines = made.packages.filter(iso3="SAU", year=2014, kind="redline", result="applies")
    assert "no_offensive_over_a_named_line" in set(lines["rule"])


def test_base_rates_count_each_partner_and_origin_once(made: SalesReplay, record: pl.DataFrame) -> None:
    assert made.years.height == record.height / len(OUTCOMES)
    assert made.years.select("iso3", "origin").is_duplicated().sum() == 0
    assert made.years.filter("notified").height == select_forecast_sales(made).select("iso3", "origin").n_unique()
    assert made.years.filter(pl.col("notified") & ~pl.col("ever_notified")).is_empty()


def test_rule_counts_add_up_to_the_packages(made: SalesReplay) -> None:
    assert count_rules(made)["notifications"].sum() == made.packages.height


def test_every_item_of_the_snapshot_is_one_that_cases_have_with_a_user_who_may_have_it(
    transfers: TransferTables,
) -> None:
    cases = build_named_cases(load_notifications(CURRENT_SNAPSHOT), transfers, DAY)
    assert cases.height == 70 and set(cases["item"]) <= {item.id for item in transfers.items}
    usual = {pairs.item: pairs.usual for pairs in transfers.pairs}
    assert all(user == (usual[item] or "armed_forces") for item, user in cases.select("item", "end_user").iter_rows())
    assert {"army", "navy", "air_force", "armed_forces"} == set(cases["end_user"])


def test_notifications_that_name_their_item_are_reviewed_and_none_is_sent_back(
    finished_run: FinishedRun, book: Rulebook, transfers: TransferTables
) -> None:
    named = review_named_cases(load_notifications(CURRENT_SNAPSHOT), finished_run.result.standing, book, transfers, DAY)
    assert named["result"].unique().to_list() == ["reviewed"] and named["objective"].unique().to_list() == [
        UNSTATED_OBJECTIVE
    ]
    assert named["gap"].unique().to_list() == [NO_GAP] and named["case_tier"].is_in(TIERS).all()
    # Every one of them was notified; so what the review says of notice can be checked.
    assert named.filter(pl.col("value_usd") >= 50e6)["notification"].unique().to_list() == ["AECA 36(b)(1)"]
    assert "none" not in set(named["notification"])


def test_a_replay_without_scores_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="standing.parquet: not there yet; run `make score` first"):
        read_rule_inputs(tmp_path)


def test_the_same_replay_gives_the_same_page_and_picture(made: SalesReplay, tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        draw_replay_figure(made, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    named = pl.read_csv(INVENTED_REVIEW.encode())
    assert format_replay_page(made, named, DAY, "replay.png") == format_replay_page(made, named, DAY, "replay.png")


def test_the_page_that_comes_with_this_version_says_what_it_is_not_and_which_holes_there_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for words in (
        "It is no evidence that sales lead to misuse",
        "Taiwan",
        "2005 to 2007",
        "Absence is no evidence",
        "chosen",
    ):
        assert words in text
    assert (PAGE.parent / "replay.png").exists() and "make replay" in text
    assert "caused" not in text and "led to" not in text


def test_the_page_that_comes_with_this_version_tells_what_the_record_tells(book: Rulebook) -> None:
    said = build_forecasts(read_backtest_record(Path("nowhere")), book, DAY)
    sales = load_notifications(CURRENT_SNAPSHOT).join(
        said.drop("partner"), on=["iso3", "origin"], how="left", maintain_order="left"
    )
    whole = SalesReplay(sales, pl.DataFrame(), mark_notified(said, sales), {})
    text = PAGE.read_text(encoding="utf-8")
    assert tabulate_tiers(whole) in text and tabulate_base_rates(whole) in text and tabulate_years(whole) in text, (
        "run make replay"
    )


def invented_rows(*observed: tuple[str, bool | None]) -> pl.DataFrame:
    return pl.DataFrame(observed, schema={"iso3": pl.String, "followed": pl.Boolean}, orient="row")


def test_an_invented_rate_leaves_unknown_rows_out_and_gives_few_partners_no_interval() -> None:
    few = compute_event_rate(invented_rows(("AAA", True), ("AAA", None), ("BBB", False)), "followed")
    assert (few.rows, few.partners, few.events, few.low, few.high) == (2, 2, 1, None, None)
    assert format_rate(few) == "50% (1 of 2)"
    assert format_rate(compute_event_rate(invented_rows(("AAA", None)), "followed")) == "–"


def test_invented_rows_of_one_large_partner_do_not_narrow_the_interval() -> None:
    apart = invented_rows(*[(f"P{at:02}", at % 2 == 0) for at in range(20)])
    large = invented_rows(*[(f"P{at:02}", at % 2 == 0) for at in range(20)], *[("P00", True)] * 200)
    wide, narrow = compute_event_rate(large, "followed"), compute_event_rate(apart, "followed")
    assert wide.low is not None and wide.high is not None and narrow.low is not None and narrow.high is not None
    assert wide.high - wide.low > narrow.high - narrow.low


def test_an_invented_outcome_that_never_followed_has_wilsons_interval_for_its_partners() -> None:
    none = compute_event_rate(invented_rows(*[(f"P{at:02}", False) for at in range(10)] * 30), "followed")
    assert (none.low, none.high) == compute_wilson_interval(0, 10) and none.high == pytest.approx(0.2775, abs=1e-3)


@given(st.integers(1, 1000).flatmap(lambda number: st.tuples(st.integers(0, number), st.just(number))))
def test_wilsons_interval_holds_the_share_within_0_and_1(counted: tuple[int, int]) -> None:
    events, number = counted
    low, high = compute_wilson_interval(events, number)
    assert 0 <= low <= events / number + 1e-9 and events / number - 1e-9 <= high <= 1
