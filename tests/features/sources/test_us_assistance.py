"""Assistance in the snapshot."""

import polars as pl

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_egypt_has_its_1300_million_a_year_and_the_hole_of_2024() -> None:
    egypt = CURRENT_SNAPSHOT.read_table("us_assistance", "military").filter(iso3="EGY")
    assert egypt.filter(year=2021)["usmil_assistance_usd"].item() == 1_300_000_000
    assert egypt.filter(year=2024)["usmil_assistance_usd"].item() == 2_000_000


def test_accounts_add_up_to_military_assistance_until_2020() -> None:
    both = CURRENT_SNAPSHOT.read_table("us_assistance", "accounts").join(
        CURRENT_SNAPSHOT.read_table("us_assistance", "military"), on=["iso3", "year"]
    )
    accounts = pl.sum_horizontal("usmil_fmf_usd", "usmil_imet_usd", "usmil_other_usd")
    assert both.height == CURRENT_SNAPSHOT.read_table("us_assistance", "accounts").height
    assert both.filter(accounts != pl.col("usmil_assistance_usd")).is_empty()


def test_aid_to_south_vietnam_is_not_put_down_to_vietnam() -> None:
    assert CURRENT_SNAPSHOT.read_table("us_assistance", "military").filter(pl.col("year") < 2000, iso3="VNM").is_empty()


def test_the_transition_quarter_counts_with_1976() -> None:
    assert (
        CURRENT_SNAPSHOT.read_table("us_assistance", "aid").filter(iso3="EGY", year=1976)["usaid_total_usd"].item()
        == 1_016_801_000
    )


def test_programmes_are_parts_of_the_accounts_they_split() -> None:
    both = CURRENT_SNAPSHOT.read_table("us_assistance", "programmes").join(
        CURRENT_SNAPSHOT.read_table("us_assistance", "accounts"), on=["iso3", "year"]
    )
    parts = [name for name in both.columns if name.startswith("usmil_")][1:7]
    assert both.height == CURRENT_SNAPSHOT.read_table("us_assistance", "programmes").height
    # Jordan's 4,213 dollars of construction funds recovered in 2014 belong to no program here.
    assert (both.select(pl.sum_horizontal(parts) - pl.col("usmil_other_usd")).to_series().max() or 0) <= 4213
    assert both.filter(pl.col("usmil_loans_usd") > pl.col("usmil_fmf_usd")).is_empty()
    assert both.filter(iso3="POL", year=2003)["usmil_loans_usd"].item() == 3_800_000_000


def test_the_afghan_fund_is_the_sum_of_its_sixteen_years() -> None:
    afghan = CURRENT_SNAPSHOT.read_table("us_assistance", "programmes").filter(iso3="AFG")
    assert afghan["usmil_forces_funds_usd"].sum() == 79_962_000_000


def test_what_went_to_no_partner_is_known_by_year() -> None:
    elsewhere = CURRENT_SNAPSHOT.read_table("us_assistance", "elsewhere")
    assert elsewhere["year"].to_list() == list(range(2001, 2026))
    assert elsewhere.filter(year=2018)["usmil_elsewhere_usd"].item() == 1_775_542_739
