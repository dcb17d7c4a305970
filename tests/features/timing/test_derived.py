"""Columns derived from a measure's past, checked by hand on small invented states."""

import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.themes.human_rights import load_terror_scores
from features.timing.derived import (
    LONGEST_WINDOW,
    compute_growth,
    compute_minimum,
    compute_peak_drop,
    compute_relative_drop,
    compute_relative_level,
    count_unchanged_years,
    derive_full_path,
    derive_history,
    pad_states,
    smooth_log_measure,
    smooth_measure,
)

Values = list[float | None]


def derived(expr: pl.Expr, *states: Values) -> list[Values]:
    """The derived column of each invented state, named AAA, BBB, ..., with data from 2000."""
    frames = [
        pl.DataFrame({"iso3": letter * 3, "year": range(2000, 2000 + len(values)), "m": values}, strict=False)
        for letter, values in zip("ABC", states, strict=False)
    ]
    frame = pl.concat(frame.with_columns(pl.col("m").cast(pl.Float64)) for frame in frames)
    padded = pad_states(frame, LONGEST_WINDOW).select("iso3", x=expr)
    return [padded.filter(iso3=letter * 3)["x"].to_list() for letter, _ in zip("ABC", states, strict=False)]


def test_a_smoothed_value_counts_half_a_half_life_back_and_restarts_in_each_state() -> None:
    first, second = derived(smooth_measure("m", 1), [1, 3, 9], [100, 100, 100])
    assert first == pytest.approx([1, (0.5 * 1 + 3) / 1.5, (0.25 * 1 + 0.5 * 3 + 9) / 1.75])
    assert second == pytest.approx([100, 100, 100])
    [two] = derived(smooth_measure("m", 2), [4, 0, 0])
    assert two[2] == pytest.approx(0.5 * 4 / (0.5 + 0.5**0.5 + 1))


def test_a_smoothed_value_leaves_a_gap_out() -> None:
    [smoothed] = derived(smooth_measure("m", 1), [1, None, 3])
    assert smoothed[2] == pytest.approx((0.5 * 1 + 3) / 1.5)


def test_a_smoothed_logarithm_is_not_drowned_by_one_bad_year() -> None:
    [smoothed] = derived(smooth_log_measure("m", 1), [0, 999_999, 0])
    ln_million = 13.815510558
    assert smoothed == pytest.approx([0, ln_million / 1.5, 0.5 * ln_million / 1.75])


def test_a_value_has_been_held_since_its_last_change_or_the_start_of_its_state() -> None:
    assert derived(count_unchanged_years("m"), [1, 1, 2, 2, 2, 1], [1, 1]) == [[0, 1, 0, 1, 2, 0], [0, 1]]


def test_how_far_a_value_lies_below_its_peak_is_zero_or_negative_and_forgets_an_old_peak() -> None:
    assert derived(compute_peak_drop("m", 2), [3, 5, 4, 1], [2, 2]) == [[0, 0, -1, -3], [0, 0]]
    assert derived(compute_peak_drop("m", 3), [3, 5, 4, 1]) == [[0, 0, -1, -4]]


def test_the_fall_is_a_share_of_the_peak_and_the_lowest_value_forgets_too() -> None:
    assert derived(compute_relative_drop("m", 2), [4, 2, 1]) == [[0, -0.5, -0.5]]
    assert derived(compute_minimum("m", 2), [1, 5, 4], [7, 8]) == [[1, 1, 4], [7, 7]]


def test_growth_is_relative_and_unknown_where_either_end_is() -> None:
    assert derived(compute_growth("m", 1), [2, 3, None, 6], [4, 3]) == [[None, 0.5, None, None], [None, -0.25]]
    assert derived(compute_growth("m", 3), [2, 3, None, 6]) == [[None, None, None, 2]]


def test_a_value_is_taken_relative_to_the_states_known_in_the_same_year() -> None:
    first, second, third = derived(compute_relative_level("m"), [1, 4], [3, None], [None, 12])
    assert (first, second, third) == ([0.5, 0.5], [1.5, None], [None, 1.5])


def test_history_is_the_value_up_to_ten_years_earlier_and_its_change_over_one_and_five() -> None:
    squares: Values = [float(year * year) for year in range(11)]
    expected = {"m_l1": 81, "m_l2": 64, "m_l3": 49, "m_l5": 25, "m_l10": 0, "m_d1": 19, "m_d5": 75}
    assert [expr.meta.output_name() for expr in derive_history("m")] == list(expected)
    for expr, last in zip(derive_history("m"), expected.values(), strict=True):
        own, other = derived(expr, squares, [5])
        assert own[-1] == last and other == [None]


def test_a_path_names_every_column_once() -> None:
    names = [expr.meta.output_name() for expr in derive_full_path("m")]
    assert len(set(names)) == len(names)
    assert set(names) >= {"m_d1", "m_d3", "m_d5", "m_d10", "m_drop10", "m_min10", "m_ewm5", "m_sd10"}


def test_the_gap_of_terror_scores_is_the_difference_between_two_raters_and_unknown_with_one() -> None:
    scores = load_terror_scores(CURRENT_SNAPSHOT).frame
    known = scores.filter(pl.col("pts_state").is_not_null(), pl.col("pts_amnesty").is_not_null())
    assert known["pts_gap"].to_list() == [abs(a - b) for a, b in known.select("pts_state", "pts_amnesty").iter_rows()]
    assert set(known["pts_gap"]) >= {0.0, 1.0, 2.0}
    alone = scores.filter(pl.col("pts_state").is_null() | pl.col("pts_amnesty").is_null())
    assert alone.height > 500 and alone["pts_gap"].count() == 0
