"""Padding between states: columns that look back never see the previous state if the padding is long enough."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.panel import THEME_BUILDERS
from features.timing.as_known import TableFacts, TableFeatures, derive_as_known
from features.timing.derived import (
    LONGEST_WINDOW,
    compute_change,
    compute_growth,
    compute_maximum,
    compute_mean,
    compute_median,
    compute_minimum,
    compute_total,
    pad_states,
    shift_measure,
)

RECORDS = [record for theme in THEME_BUILDERS.values() for record in theme()]
Values = list[float | None]
SOME_YEARS = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=45)


def invented_states(*states: Values) -> pl.DataFrame:
    """Invented states AAA, BBB, ..., with data from 1980."""
    return pl.concat(
        pl.DataFrame(
            {"iso3": letter * 3, "year": range(1980, 1980 + len(values)), "m": values}, strict=False
        ).with_columns(pl.col("m").cast(pl.Float64))
        for letter, values in zip("ABCD", states, strict=False)
    )


def derived(frame: pl.DataFrame, exprs: list[pl.Expr], years: int = LONGEST_WINDOW) -> pl.DataFrame:
    return pad_states(frame, years).select("iso3", *exprs).drop_nulls("iso3")


@settings(max_examples=40, deadline=None)
@given(st.lists(SOME_YEARS, min_size=2, max_size=4), st.integers(1, LONGEST_WINDOW))
def test_a_window_of_any_length_gives_each_state_what_it_gives_it_alone(states: list[Values], years: int) -> None:
    windows = (
        compute_change,
        shift_measure,
        compute_growth,
        compute_maximum,
        compute_minimum,
        compute_mean,
        compute_total,
        compute_median,
    )
    exprs = [
        compute(
            "m",
            years
            if compute in (compute_maximum, compute_minimum, compute_mean, compute_total, compute_median)
            else years - 1,
        )
        for compute in windows
    ]
    frame = invented_states(*states)
    alone = [derived(state, exprs) for state in frame.partition_by("iso3", maintain_order=True)]
    assert_frame_equal(derived(frame, exprs), pl.concat(alone), check_exact=True)


def test_states_that_lie_nearer_than_a_window_reaches_would_see_one_another() -> None:
    frame = invented_states([7, 7, 7], [1, 1, 1])
    five_back, highest_of_six = shift_measure("m", 5), compute_maximum("m", 6)
    assert derived(frame, [five_back], 5)["m_l5"].null_count() == 6
    assert derived(frame, [five_back], 4)["m_l5"].to_list()[3:] == [7, None, None]
    assert derived(frame, [five_back], 2)["m_l5"].to_list()[3:] == [7, 7, 7]
    assert derived(frame, [highest_of_six], 5)["m_max6"].to_list() == [7, 7, 7, 1, 1, 1]
    assert derived(frame, [highest_of_six], 4)["m_max6"].to_list() == [7, 7, 7, 7, 1, 1]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record.source}_{record.table}")
def test_nothing_that_a_theme_derives_reaches_the_state_before(record: TableFeatures) -> None:
    exprs = [
        expr for exprs in record.derived.values() for expr in exprs if not expr.meta.output_name().endswith("_rel")
    ]
    years = {"iso3": ["AAA"] * 40 + ["BBB"] * 40, "year": [*range(1980, 2020)] * 2}
    frame = pl.DataFrame(years).with_columns(
        pl.when(pl.col("iso3") == "AAA").then(1000.0).otherwise(pl.col("year") % 7 + 1.0).alias(measure)
        for measure in record.derived
    )
    both, alone = derived(frame, exprs), derived(frame.filter(iso3="BBB"), exprs)
    assert_frame_equal(both.filter(iso3="BBB"), alone, check_exact=True)


@pytest.mark.parametrize(("lag", "max_age"), [(0, LONGEST_WINDOW + 5), (LONGEST_WINDOW + 5, 0), (20, 20)])
def test_a_value_carried_or_seen_late_stays_in_its_state_however_far(lag: int, max_age: int) -> None:
    facts = TableFacts(invented_states([None, 7.0], [None] * 45), lag, max_age)
    known = derive_as_known(facts, {"m": [compute_total("m", 30)]}, "snapshot")
    assert known.filter(iso3="BBB").select("m", "m_sum30", "m_age").null_count().row(0) == (45, 45, 45)


def test_no_row_is_lost_or_added_to_a_state_and_none_to_no_states() -> None:
    frame = invented_states([1, None], [2], [None, 3, 4])
    laid = pad_states(frame, 3)
    assert laid.height == frame.height + 3 * 3
    assert_frame_equal(laid.filter(pl.col("year").is_not_null()).drop("state", "row"), frame)
    assert laid["state"].to_list() == [0] * 5 + [1] * 4 + [2] * 6
    assert pad_states(frame.clear(), 3).is_empty()
