"""Lags, gaps and ages on small invented tables."""

import polars as pl
import pytest

from features.timing.as_known import TableFacts, derive_as_known
from features.timing.derived import compute_change, compute_median, compute_total, count_years_since


def _facts(values: dict[int, float | None], lag: int = 0, max_age: int = 0) -> TableFacts:
    frame = pl.DataFrame({"iso3": "EGY", "year": list(values), "m": list(values.values())})
    return TableFacts(frame.with_columns(pl.col("m").cast(pl.Float64)), lag, max_age)


def _column(
    facts: TableFacts, name: str, profile: str = "calendar", derived: tuple[pl.Expr, ...] = ()
) -> dict[int, float]:
    known = derive_as_known(facts, {"m": list(derived)}, profile)  # type: ignore[arg-type]
    return dict(known.filter(pl.col(name).is_not_null()).select("origin", name).iter_rows())


def test_the_snapshot_profile_sees_each_value_a_lag_later() -> None:
    facts = _facts({2000: 1, 2001: 2, 2002: None, 2003: None}, lag=2)
    assert _column(facts, "m") == {2000: 1, 2001: 2}
    assert _column(facts, "m", "snapshot") == {2002: 1, 2003: 2}
    assert _column(facts, "m_age", "snapshot") == {2002: 2, 2003: 2}


def test_a_value_is_carried_as_far_as_its_source_allows_and_no_further() -> None:
    facts = _facts({2000: 5, 2001: None, 2002: None, 2003: None}, max_age=1)
    assert _column(facts, "m") == {2000: 5, 2001: 5}
    assert _column(facts, "m_age") == {2000: 0, 2001: 1}


def test_a_change_over_a_gap_is_unknown_rather_than_taken_from_the_wrong_year() -> None:
    facts = _facts({2000: 1, 2001: None, 2002: 4, 2003: 5})
    assert _column(facts, "m_d1", derived=(compute_change("m", 1),)) == {2003: 1}


def test_a_derived_value_comes_from_the_year_of_the_value_it_belongs_to() -> None:
    facts = _facts({2000: 1, 2001: 3, 2002: 4, 2003: None}, max_age=1)
    assert _column(facts, "m_d1", derived=(compute_change("m", 1),)) == {2001: 2, 2002: 1, 2003: 1}


@pytest.mark.parametrize(("year", "years"), [(2000, 1), (2001, 0), (2002, 1), (2003, 2)])
def test_time_since_the_last_event_counts_from_the_event_or_the_start_of_the_record(year: int, years: int) -> None:
    facts = _facts({2000: 0, 2001: 30, 2002: 0, 2003: 0})
    assert _column(facts, "m_since", derived=(count_years_since("m", 25),))[year] == years


def test_sums_and_medians_leave_unknown_years_out() -> None:
    facts = _facts({2000: 1300, 2001: None, 2002: 1300, 2003: 2, 2004: 1300})
    assert _column(facts, "m_sum5", derived=(compute_total("m", 5),))[2004] == 3902
    assert _column(facts, "m_med5", derived=(compute_median("m", 5),))[2004] == 1300
