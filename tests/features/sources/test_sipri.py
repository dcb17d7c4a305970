"""Arms transfers in the snapshot."""

import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT

PARTS = ["us", "russia", "china", "europe", "other"]


def test_a_fifteenth_of_egypts_weapons_since_2020_were_american() -> None:
    egypt = CURRENT_SNAPSHOT.read_table("sipri", "transfers").filter(pl.col("year") >= 2020, iso3="EGY")
    assert egypt["sipri_us_tiv"].sum() / egypt["sipri_total_tiv"].sum() == pytest.approx(0.066, abs=0.002)


def test_the_soviet_union_supplied_egypt_in_1970_and_yugoslavia_stands_as_serbia() -> None:
    transfers = CURRENT_SNAPSHOT.read_table("sipri", "transfers")
    assert (
        transfers.filter(iso3="EGY", year=1970).select(pl.col("sipri_russia_tiv") / pl.col("sipri_total_tiv")).item()
        > 0.9
    )
    assert transfers.filter(iso3="SRB", year=1980)["sipri_total_tiv"].item() > 0


def test_supplier_groups_add_up_to_the_total() -> None:
    parts = pl.sum_horizontal(f"sipri_{part}_tiv" for part in PARTS)
    gaps = CURRENT_SNAPSHOT.read_table("sipri", "transfers").select((parts - pl.col("sipri_total_tiv")).abs().max())
    assert gaps.item() < 1e-5


def test_a_state_with_one_supplier_is_fully_concentrated() -> None:
    kosovo = CURRENT_SNAPSHOT.read_table("sipri", "transfers").filter(iso3="XKX", year=2014)
    alone = kosovo.select(pl.max_horizontal(f"sipri_{part}_tiv" for part in PARTS) == pl.col("sipri_total_tiv"))
    assert alone.item()
    assert CURRENT_SNAPSHOT.read_table("sipri", "concentration").filter(iso3="XKX", year=2014).row(0)[2] == 1


def test_spreading_deals_over_their_years_keeps_the_sums_of_exact_deliveries() -> None:
    exact = (
        CURRENT_SNAPSHOT.read_table("sipri", "categories")
        .filter(iso3="IND")
        .select(pl.sum_horizontal(pl.nth(range(2, 10)).sum()))
    )
    spread = CURRENT_SNAPSHOT.read_table("sipri", "transfers").filter(pl.col("year").is_between(1995, 2024), iso3="IND")
    assert spread["sipri_total_tiv"].sum() == pytest.approx(exact.item(), rel=0.03)
