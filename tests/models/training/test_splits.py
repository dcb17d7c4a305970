"""Rolling origins, with the expected folds written out."""

import polars as pl
import pytest

from models.training.splits import (
    find_block_start,
    group_origins_by_fit,
    list_calibration_origins,
    select_training_rows,
)


def rows(unknown: int | None = None) -> pl.DataFrame:
    """An invented state at the origins 1976 to 2010, its outcome unknown at one of them."""
    years = list(range(1976, 2011))
    return pl.DataFrame({"iso3": "AAA", "origin": years, "observed": [None if y == unknown else False for y in years]})


@pytest.mark.parametrize(("label_lag", "last"), [(0, 2003), (1, 2002), (2, 2001)])
def test_training_ends_where_the_horizon_and_the_wait_for_labels_end_by_the_origin(label_lag: int, last: int) -> None:
    assert select_training_rows(rows(), 2005, label_lag)["origin"].to_list() == list(range(1980, last + 1))


def test_a_longer_horizon_ends_training_earlier() -> None:
    assert select_training_rows(rows(), 2005, 0, horizon=5)["origin"].max() == 2000


def test_a_row_of_unknown_outcome_does_not_train() -> None:
    assert 1990 not in select_training_rows(rows(unknown=1990), 2005, 0)["origin"]


def test_an_origin_of_which_only_events_are_known_does_not_train() -> None:
    alarmed = pl.DataFrame({"iso3": ["BBB"], "origin": [1990], "observed": [True]})
    assert 1990 not in select_training_rows(pl.concat([rows(unknown=1990), alarmed]), 2005, 0)["origin"]
    assert select_training_rows(pl.concat([rows(), alarmed]), 2005, 0).filter(origin=1990).height == 2


def test_without_a_lag_2005_calibrates_on_1986_to_2003_in_blocks_of_three() -> None:
    assert list(list_calibration_origins(2005, 0)) == list(range(1986, 2004))
    assert group_origins_by_fit([2005], 0) == {
        1986: [1986, 1987, 1988],
        1989: [1989, 1990, 1991],
        1992: [1992, 1993, 1994],
        1995: [1995, 1996, 1997],
        1998: [1998, 1999, 2000],
        2001: [2001, 2002, 2003],
        2005: [2005],
    }


def test_with_labels_two_years_late_2025_calibrates_on_2004_to_2021() -> None:
    assert group_origins_by_fit([2025], 2) == {
        2004: [2004, 2005, 2006],
        2007: [2007, 2008, 2009],
        2010: [2010, 2011, 2012],
        2013: [2013, 2014, 2015],
        2016: [2016, 2017, 2018],
        2019: [2019, 2020, 2021],
        2025: [2025],
    }


def test_the_first_and_the_last_block_may_be_cut_short() -> None:
    assert group_origins_by_fit([2004], 1) == {
        1986: [1986, 1987, 1988],
        1989: [1989, 1990, 1991],
        1992: [1992, 1993, 1994],
        1995: [1995, 1996, 1997],
        1998: [1998, 1999, 2000],
        2001: [2001],
        2004: [2004],
    }
    assert group_origins_by_fit([2006], 0)[1986] == [1987, 1988]


def test_origins_share_the_fits_that_calibrate_them_and_one_may_be_both() -> None:
    both = group_origins_by_fit([2001, 2005], 0)
    assert both[2001] == [2001, 2002, 2003]
    assert both[1986] == [1986, 1987, 1988] and both[2005] == [2005]
    assert list(both) == [1986, 1989, 1992, 1995, 1998, 2001, 2005]
    assert group_origins_by_fit([2002, 2005], 0)[2002] == [2002]


def test_a_longer_horizon_ends_calibration_earlier_and_an_early_origin_has_none() -> None:
    assert list(list_calibration_origins(2005, 0, horizon=5)) == list(range(1986, 2001))
    assert list(list_calibration_origins(1987, 0)) == []
    assert group_origins_by_fit([1987], 0) == {1987: [1987]}


def test_blocks_begin_every_third_year() -> None:
    assert [find_block_start(year) for year in range(1998, 2005)] == [1998, 1998, 1998, 2001, 2001, 2001, 2004]


@pytest.mark.parametrize("label_lag", [0, 2])
def test_a_block_is_forecast_by_a_model_whose_labels_were_known_before_it_began(label_lag: int) -> None:
    for year, block in group_origins_by_fit([2005], label_lag).items():
        last_known_year = select_training_rows(rows(), year, label_lag)["origin"].max() + 2 + label_lag
        assert last_known_year == year <= block[0]
