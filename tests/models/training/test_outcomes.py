"""Outcomes look two years ahead; what is not known stays unknown."""

import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.themes.human_rights import KILLINGS_THRESHOLD, TERROR_THRESHOLD
from models.training.outcomes import (
    TERROR_READINGS,
    build_outcome,
    build_status_expression,
    find_events_ahead,
    find_label_lag,
    load_events,
)

Known = bool | None


def observed_after(*years: Known, horizon: int = 2) -> list[Known]:
    """What follows each origin of an invented state with these events from 2000 on."""
    happened = pl.DataFrame(
        {"iso3": "AAA", "year": range(2000, 2000 + len(years)), "event": years},
        schema_overrides={"event": pl.Boolean},
    )
    return find_events_ahead(happened, horizon)["observed"].to_list()


def fact(frame: pl.DataFrame, iso3: str, year: int) -> dict[str, Known]:
    return frame.filter(iso3=iso3).filter(pl.nth(1) == year).row(0, named=True)


@pytest.fixture(scope="module")
def happened() -> pl.DataFrame:
    return load_events(CURRENT_SNAPSHOT).collect()


def test_a_known_event_makes_the_outcome_true_though_the_other_year_is_unknown() -> None:
    assert observed_after(False, True, None)[0] is True
    assert observed_after(False, None, True)[0] is True


def test_two_known_quiet_years_make_the_outcome_false() -> None:
    assert observed_after(True, False, False)[0] is False


def test_a_quiet_year_beside_an_unknown_one_leaves_the_outcome_unknown() -> None:
    assert observed_after(False, False, None)[0] is None
    assert observed_after(False, None, False)[0] is None


def test_the_year_of_the_origin_and_the_third_year_do_not_count() -> None:
    assert observed_after(True, False, False, True)[0] is False


def test_a_quiet_last_year_of_a_state_says_nothing_but_an_event_in_it_counts() -> None:
    assert observed_after(False, False, False)[1:] == [None, None]
    assert observed_after(False, False, True)[1:] == [True, None]


def test_a_state_does_not_inherit_the_events_of_the_next_in_the_table() -> None:
    happened = pl.DataFrame({"iso3": ["AAA", "BBB", "BBB"], "year": [2000, 2000, 2001], "event": True})
    assert find_events_ahead(happened).filter(iso3="AAA")["observed"].to_list() == [None]


def test_a_longer_horizon_sees_the_third_year_and_a_shorter_one_not_the_second() -> None:
    assert observed_after(False, False, False, True, horizon=3)[0] is True
    assert observed_after(False, False, True, horizon=1)[0] is False


def test_rwanda_in_1993_was_followed_by_every_outcome(observed: pl.DataFrame) -> None:
    row = fact(observed, "RWA", 1993)
    assert row["misuse"] and row["state_terror"] and row["civilian_killing"] and row["coup"]


def test_sweden_never_had_any_of_them(observed: pl.DataFrame) -> None:
    sweden = observed.filter(iso3="SWE")
    assert sweden["misuse"].count() > 30
    assert not sweden.select(pl.any_horizontal("misuse", "state_terror", "civilian_killing", "coup").any()).item()


def test_quiet_egypt_in_2012_was_followed_by_the_terror_and_the_coup_of_2013(
    observed: pl.DataFrame, happened: pl.DataFrame
) -> None:
    then, later = fact(happened, "EGY", 2012), fact(observed, "EGY", 2012)
    assert not then["misuse"] and not then["coup"]
    assert later["misuse"] and later["coup"]


def test_state_terror_is_the_mean_of_both_codings_at_three_and_a_half_or_more(happened: pl.DataFrame) -> None:
    scores = pl.read_csv("data/raw/pts/scores.csv").join(happened, on=["iso3", "year"])
    total = pl.col("pts_state") + pl.col("pts_amnesty")
    assert scores.filter(total == 7)["state_terror"].all()
    assert not scores.filter(total == 6)["state_terror"].any()
    assert scores.filter(total.is_in([6.0, 7.0])).height > 500


def test_one_coding_alone_decides_where_the_other_is_missing(happened: pl.DataFrame) -> None:
    scores = pl.read_csv("data/raw/pts/scores.csv").join(happened, on=["iso3", "year"])
    alone = scores.filter(pl.col("pts_amnesty").is_null() & pl.col("pts_state").is_not_null())
    assert alone.height > 500
    assert alone["state_terror"].to_list() == (alone["pts_state"] >= TERROR_THRESHOLD).to_list()


def test_before_killings_were_counted_misuse_is_state_terror_alone(happened: pl.DataFrame) -> None:
    before = happened.filter(pl.col("year") < 1989)
    assert before["civilian_killing"].null_count() == before.height
    assert before["misuse"].equals(before["state_terror"])


def test_from_1989_misuse_is_either_and_unknown_where_one_is_quiet_and_the_other_unknown(
    happened: pl.DataFrame,
) -> None:
    after = happened.filter(pl.col("year") >= 1989)
    either = after.filter(pl.col("state_terror") | pl.col("civilian_killing"))
    half = after.filter(pl.col("state_terror").is_null(), ~pl.col("civilian_killing"))
    assert either["misuse"].all()
    assert half.height > 50 and half["misuse"].null_count() == half.height


@pytest.mark.parametrize(
    ("pts", "killings", "word"),
    [
        (TERROR_THRESHOLD, None, "ongoing"),
        (1.0, KILLINGS_THRESHOLD, "ongoing"),
        (3.0, 24.0, "clear"),
        (1.0, None, "unknown"),
    ],
)
def test_the_status_of_misuse_is_unknown_unless_both_are_quiet_or_one_is_not(
    pts: float, killings: float | None, word: str
) -> None:
    row = pl.DataFrame([(pts, killings)], schema={"pts_mean": float, "ucdp_government_killings": float}, orient="row")
    assert row.select(build_status_expression("misuse")).item() == word


def test_labels_are_known_as_late_as_the_slowest_of_their_sources(happened: pl.DataFrame) -> None:
    last = {name: happened.filter(pl.col(name).is_not_null())["year"].max() for name in happened.columns[2:]}
    for outcome in ("state_terror", "civilian_killing", "coup"):
        assert find_label_lag(outcome, "snapshot", snapshot=CURRENT_SNAPSHOT) == 2025 - last[outcome]
    assert (
        find_label_lag("misuse", "snapshot", snapshot=CURRENT_SNAPSHOT)
        == find_label_lag("state_terror", "snapshot", snapshot=CURRENT_SNAPSHOT)
        > 0
    )
    assert find_label_lag("misuse", "calendar", snapshot=CURRENT_SNAPSHOT) == 0


def test_worse_and_both_and_the_mean_read_two_raters_who_disagree_as_they_say() -> None:
    raters = pl.DataFrame(
        [(4.0, 3.0), (3.0, 4.0), (5.0, 1.0), (4.0, 4.0), (3.0, 3.0)], schema=["pts_state", "pts_amnesty"], orient="row"
    ).with_columns(pts_mean=(pl.col("pts_state") + pl.col("pts_amnesty")) / 2)
    assert raters.select(x=TERROR_READINGS["mean"])["x"].to_list() == [True, True, False, True, False]
    assert raters.select(x=TERROR_READINGS["worse"])["x"].to_list() == [True, True, True, True, False]
    assert raters.select(x=TERROR_READINGS["both"])["x"].to_list() == [False, False, False, True, False]


def test_another_reading_is_an_outcome_of_another_name_without_grades_and_with_a_status_of_its_own() -> None:
    mean, worse, both = (
        build_outcome("state_terror", "snapshot", reading=reading, snapshot=CURRENT_SNAPSHOT)
        for reading in TERROR_READINGS
    )
    assert [outcome.name for outcome in (mean, worse, both)] == [
        "state_terror", "state_terror_worse", "state_terror_both",
    ]  # fmt: skip
    assert mean.grade is not None and worse.grade is None and both.grade is None
    row = pl.DataFrame({"pts_state": [4.0], "pts_amnesty": [2.0], "pts_mean": [3.0]})
    assert row.select(worse.current).item() is True
    assert row.select(mean.current).item() is False and row.select(both.current).item() is False


def test_by_the_worse_rater_there_is_more_terror_than_by_both() -> None:
    mean, worse, both = (
        build_outcome("state_terror", "snapshot", reading=reading, snapshot=CURRENT_SNAPSHOT).happened
        for reading in TERROR_READINGS
    )
    assert worse["event"].sum() > mean["event"].sum() > both["event"].sum() > 500
    assert worse["event"].null_count() == both["event"].null_count() == mean["event"].null_count()
