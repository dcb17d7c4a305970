"""Grades and labels: how close a horizon came to the event, by hand on invented states and on real ones."""

from collections.abc import Iterator

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.special import expit

import models.training.outcomes
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.themes.human_rights import load_terror_scores
from features.timing.as_known import TableFacts
from models.training.matrix import NOT_INPUTS, list_feature_columns
from models.training.outcomes import GRADE_MIDDLE, GRADE_WIDTH, Outcome, build_outcome, compute_grades, label_panel

# Invented states of three years each: their terror scores and the civilians that their governments killed.
INVENTED = {
    "AAA": ([1.0, 3.4, 2.0], [0.0, 0.0, 0.0]),
    "BBB": ([1.0, 3.5, None], [0.0, 0.0, 0.0]),
    "CCC": ([1.0, None, None], [0.0, 25.0, 0.0]),
    "DDD": ([1.0, None, None], [0.0, 50.0, 0.0]),
    "EEE": ([1.0, 2.0, 1.0], [0.0, 24.0, 0.0]),
    "FFF": ([1.0, 5.0, 1.0], [0.0, 25.0, 0.0]),
    "GGG": ([5.0, None, None], [90.0, None, None]),
}


@pytest.fixture
def _invented(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    keys = {
        "iso3": [state for state in INVENTED for _ in range(3)],
        "year": [2000, 2001, 2002] * len(INVENTED),
    }
    scores = pl.DataFrame(keys | {"pts_mean": [v for s, _ in INVENTED.values() for v in s]})
    killed = pl.DataFrame(keys | {"ucdp_government_killings": [v for _, k in INVENTED.values() for v in k]})
    monkeypatch.setattr(models.training.outcomes, "load_terror_scores", lambda raw: TableFacts(scores, 0, 0))
    monkeypatch.setattr(
        models.training.outcomes, "load_table_facts", lambda source, name, raw: TableFacts(killed, 0, 0)
    )
    yield


def graded(killings: bool) -> dict[str, float | None]:
    """Each invented state's grade at the origin 2000."""
    return dict(
        compute_grades(killings=killings, snapshot=CURRENT_SNAPSHOT)
        .filter(origin=2000)
        .select("iso3", "grade")
        .iter_rows()
    )


@pytest.mark.usefixtures("_invented")
def test_a_grade_is_a_half_at_a_highest_score_of_3_4_and_rises_with_the_score() -> None:
    assert graded(False)["AAA"] == pytest.approx(0.5)
    assert graded(False)["BBB"] == pytest.approx(expit(0.1 / 0.4))
    assert graded(False)["FFF"] == pytest.approx(expit(4))
    assert graded(False)["EEE"] == pytest.approx(expit(-1.4 / 0.4))


@pytest.mark.usefixtures("_invented")
def test_25_killed_alone_weigh_as_much_as_a_score_of_3_5_and_a_doubling_a_quarter_more() -> None:
    result = graded(True)
    assert result["CCC"] == pytest.approx(result["BBB"]) == pytest.approx(expit(0.1 / 0.4))
    assert result["DDD"] == pytest.approx(expit(0.35 / 0.4))


@pytest.mark.usefixtures("_invented")
def test_fewer_killed_or_a_worse_score_beside_them_leave_the_grade_as_it_was() -> None:
    assert graded(True)["EEE"] == pytest.approx(graded(False)["EEE"])
    assert graded(True)["FFF"] == pytest.approx(graded(False)["FFF"])


@pytest.mark.usefixtures("_invented")
def test_killings_do_not_count_towards_state_terror_and_what_nobody_rated_has_no_grade() -> None:
    assert graded(False)["CCC"] is None and graded(False)["DDD"] is None
    assert graded(True)["GGG"] is None


@pytest.mark.usefixtures("_invented")
def test_a_grade_reads_neither_the_year_of_the_origin_nor_the_next_state() -> None:
    last = compute_grades(CURRENT_SNAPSHOT).filter(origin=2002)
    assert last.height == len(INVENTED) and last["grade"].null_count() == last.height
    assert compute_grades(CURRENT_SNAPSHOT).filter(iso3="AAA", origin=2001)["grade"].item() == pytest.approx(
        expit(-1.4 / 0.4)
    )


def test_the_grade_is_that_of_the_worst_known_score_of_the_two_years_after() -> None:
    scores = dict(load_terror_scores(CURRENT_SNAPSHOT).frame.filter(iso3="EGY").select("year", "pts_mean").iter_rows())
    result = dict(compute_grades(CURRENT_SNAPSHOT).filter(iso3="EGY").select("origin", "grade").iter_rows())
    assert scores[2013] > scores[2012]
    assert result[2011] == pytest.approx(expit((scores[2013] - GRADE_MIDDLE) / GRADE_WIDTH))
    assert result[2025] is None


def test_a_label_is_half_what_happened_and_half_how_near_it_came() -> None:
    panel = pl.DataFrame({"iso3": "AAA", "origin": [2000, 2001, 2002, 2003], "level": [1.0, 2.0, None, 4.0]})
    happened = pl.DataFrame(
        {"iso3": "AAA", "year": range(2000, 2006), "event": [False, False, True, False, False, None]}
    )
    grade = pl.DataFrame(
        {"iso3": "AAA", "origin": [2000, 2001, 2002], "grade": [0.9, None, 0.4]}, schema_overrides={"grade": float}
    )
    result = label_panel(panel, Outcome("invented", happened, 0, pl.col("level") >= 2, grade))
    assert result["observed"].to_list() == [True, True, False, None]
    assert result["grade"].to_list() == pytest.approx([0.95, 1.0, 0.2, None])
    assert result["status"].to_list() == ["clear", "ongoing", "unknown", "ongoing"]
    assert result["fact"].to_list() == ["clear", "clear", "ongoing", "clear"]


def test_a_year_of_which_nothing_is_told_is_unknown_in_fact() -> None:
    panel = pl.DataFrame({"iso3": "AAA", "origin": [1999], "level": [1.0]})
    happened = pl.DataFrame({"iso3": "AAA", "year": [2000, 2001], "event": [True, False]})
    result = label_panel(panel, Outcome("invented", happened, 0, pl.col("level") >= 2))
    assert result["fact"].to_list() == ["unknown"] and result["observed"].to_list() == [None]


def test_real_labels_of_state_terror_average_the_event_and_its_grade(terror_rows: pl.DataFrame) -> None:
    joined = terror_rows.select("iso3", "origin", "observed", "grade").join(
        compute_grades(CURRENT_SNAPSHOT).rename({"grade": "near"}), on=["iso3", "origin"]
    )
    known = joined.filter(pl.col("observed").is_not_null(), pl.col("near").is_not_null())
    assert known.height > 6000
    expected = (known["observed"].cast(pl.Float64) + known["near"]) / 2
    assert known["grade"].to_numpy() == pytest.approx(expected.to_numpy())
    assert known.filter("observed")["grade"].min() > 0.75  # type: ignore[operator]
    assert known.filter(~pl.col("observed"))["grade"].max() < 0.25  # type: ignore[operator]
    assert joined.filter(pl.col("observed").is_null())["grade"].count() == 0


def test_an_outcome_without_grades_is_graded_as_it_happened(panel: pl.DataFrame) -> None:
    rows = label_panel(panel, build_outcome("coup", "snapshot", CURRENT_SNAPSHOT))
    assert set(rows["grade"].drop_nulls()) == {0.0, 1.0}
    assert rows["grade"].equals(rows["observed"].cast(pl.Float64).alias("grade"))


def test_labelling_leaves_the_panel_as_it_was(panel: pl.DataFrame, terror_rows: pl.DataFrame) -> None:
    assert_frame_equal(terror_rows.select(panel.columns), panel)


def test_nothing_that_is_known_later_becomes_a_feature(panel: pl.DataFrame, terror_rows: pl.DataFrame) -> None:
    later = set(terror_rows.columns) - set(panel.columns)
    assert later == {"observed", "grade", "status", "fact"} <= NOT_INPUTS
    assert terror_rows["grade"].dtype == pl.Float64 and terror_rows["grade"].n_unique() > 5
    assert not set(list_feature_columns(terror_rows)) & NOT_INPUTS
    assert set(list_feature_columns(terror_rows)) < set(panel.columns)
