"""Outcomes look two years ahead; what is not known stays unknown."""

import polars as pl
import pytest

from features.human_rights import KILLINGS, STATE_TERROR, terror_scores
from models.outcomes import events, label_lag, outcomes, status

Known = bool | None


def ahead(*years: Known) -> list[Known]:
    """Outcomes at each origin of an invented state with these events from 2000 on."""
    happened = pl.LazyFrame(
        {"iso3": "AAA", "year": range(2000, 2000 + len(years))}
        | dict.fromkeys(("misuse", "state_terror", "civilian_killing", "coup"), years),
        schema_overrides=dict.fromkeys(("misuse", "state_terror", "civilian_killing", "coup"), pl.Boolean),
    )
    return outcomes(happened).collect()["coup"].to_list()


def fact(frame: pl.DataFrame, iso3: str, year: int) -> dict[str, Known]:
    return frame.filter(iso3=iso3).filter(pl.nth(1) == year).row(0, named=True)


@pytest.fixture(scope="module")
def happened() -> pl.DataFrame:
    return events().collect()


def test_a_known_event_makes_the_outcome_true_though_the_other_year_is_unknown() -> None:
    assert ahead(False, True, None)[0] is True
    assert ahead(False, None, True)[0] is True


def test_two_known_quiet_years_make_the_outcome_false() -> None:
    assert ahead(True, False, False)[0] is False


def test_a_quiet_year_beside_an_unknown_one_leaves_the_outcome_unknown() -> None:
    assert ahead(False, False, None)[0] is None
    assert ahead(False, None, False)[0] is None


def test_the_year_of_the_origin_and_the_third_year_do_not_count() -> None:
    assert ahead(True, False, False, True)[0] is False


def test_a_quiet_last_year_of_a_state_says_nothing_but_an_event_in_it_counts() -> None:
    assert ahead(False, False, False)[1:] == [None, None]
    assert ahead(False, False, True)[1:] == [True, None]


def test_a_state_does_not_inherit_the_events_of_the_next_in_the_table() -> None:
    happened = pl.LazyFrame({"iso3": ["AAA", "BBB", "BBB"], "year": [2000, 2000, 2001]}).with_columns(
        pl.lit(True).alias(outcome) for outcome in ("misuse", "state_terror", "civilian_killing", "coup")
    )
    assert outcomes(happened).collect().filter(iso3="AAA")["coup"].to_list() == [None]


def test_rwanda_in_1993_was_followed_by_every_outcome(observed: pl.DataFrame) -> None:
    row = fact(observed, "RWA", 1993)
    assert row["misuse"] and row["state_terror"] and row["civilian_killing"] and row["coup"]


def test_the_grade_is_the_worst_known_score_of_the_two_years_after(observed: pl.DataFrame) -> None:
    scores = dict(terror_scores().frame.collect().filter(iso3="EGY").select("year", "pts_mean").iter_rows())
    assert fact(observed, "EGY", 2011)["severity"] == max(scores[2012], scores[2013]) > scores[2012]
    assert fact(observed, "EGY", 2025)["severity"] is None


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
    assert alone["state_terror"].to_list() == (alone["pts_state"] >= STATE_TERROR).to_list()


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
    [(STATE_TERROR, None, "ongoing"), (1.0, KILLINGS, "ongoing"), (3.0, 24.0, "clear"), (1.0, None, "unknown")],
)
def test_the_status_of_misuse_is_unknown_unless_both_are_quiet_or_one_is_not(
    pts: float, killings: float | None, word: str
) -> None:
    row = pl.DataFrame([(pts, killings)], schema={"pts_mean": float, "ucdp_government_killings": float}, orient="row")
    assert row.select(status("misuse")).item() == word


def test_labels_are_known_as_late_as_the_slowest_of_their_sources(happened: pl.DataFrame) -> None:
    last = {name: happened.filter(pl.col(name).is_not_null())["year"].max() for name in happened.columns[2:]}
    for outcome in ("state_terror", "civilian_killing", "coup"):
        assert label_lag(outcome, "snapshot") == 2025 - last[outcome]
    assert label_lag("misuse", "snapshot") == label_lag("state_terror", "snapshot") > 0
    assert label_lag("misuse", "calendar") == 0
