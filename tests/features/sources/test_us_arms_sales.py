"""Arms sales in the snapshot."""

import polars as pl

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_egypt_bought_and_built_for_1592_million_in_2001() -> None:
    egypt = CURRENT_SNAPSHOT.read_table("us_arms_sales", "totals").filter(iso3="EGY", year=2001)
    assert egypt["usarms_fms_agreements_usd"].item() == 1_532_947_000 + 59_205_000


def test_years_nobody_entered_are_missing_and_not_zero() -> None:
    totals = CURRENT_SNAPSHOT.read_table("us_arms_sales", "totals")
    assert totals.filter(pl.col("year") > 2016)["usarms_fms_agreements_usd"].null_count() > 0
    assert totals.filter(pl.col("year") > 2016)["usarms_fms_agreements_usd"].drop_nulls().is_empty()
    assert totals.filter(pl.col("year") > 2017)["usarms_fms_deliveries_usd"].drop_nulls().is_empty()


def test_a_line_that_stands_twice_counts_once() -> None:
    gambia = CURRENT_SNAPSHOT.read_table("us_arms_sales", "totals").filter(iso3="GMB", year=2005)
    assert gambia["usarms_fms_agreements_usd"].item() == 215_000
