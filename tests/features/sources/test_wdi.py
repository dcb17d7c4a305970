"""World Development Indicators in the snapshot."""

import pytest

from features.partners import load_partners
from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_gdp_per_head_is_in_dollars_of_2015() -> None:
    american = CURRENT_SNAPSHOT.read_table("wdi", "development").filter(iso3="USA", year=2015)
    assert american["wdi_gdp_per_head_usd"].item() == pytest.approx(56849.47)


def test_growth_is_that_of_gdp_per_head() -> None:
    egypt = CURRENT_SNAPSHOT.read_table("wdi", "development").filter(iso3="EGY").sort("year")
    grown = egypt["wdi_gdp_per_head_usd"].pct_change() * 100
    assert grown[-1] == pytest.approx(egypt["wdi_gdp_growth_pct"][-1], abs=0.01)


@pytest.mark.parametrize(("iso3", "first"), [("RUS", 1991), ("SRB", 1992), ("DEU", 1990), ("YEM", 1990)])
@pytest.mark.parametrize("table", ["development", "oil"])
def test_no_figures_stand_for_a_predecessor_with_other_borders(table: str, iso3: str, first: int) -> None:
    years = CURRENT_SNAPSHOT.read_table("wdi", table).filter(iso3=iso3)["year"].to_list()
    assert years
    assert min(years) >= first


def test_groups_of_countries_are_left_out() -> None:
    assert set(CURRENT_SNAPSHOT.read_table("wdi", "development")["iso3"]) <= set(load_partners()["iso3"])
