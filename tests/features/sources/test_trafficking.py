"""Trafficking in Persons tiers in the snapshot."""

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_egypt_fell_to_the_watch_list_in_2015_and_iran_stood_in_tier_three() -> None:
    tiers = CURRENT_SNAPSHOT.read_table("trafficking", "tiers").filter(year=2015)
    assert tiers.filter(iso3="EGY")["tip_tier"].item() == 3
    assert tiers.filter(iso3="IRN")["tip_tier"].item() == 4


def test_the_watch_list_begins_in_2004() -> None:
    assert CURRENT_SNAPSHOT.read_table("trafficking", "tiers").filter(tip_tier=3)["year"].min() == 2004


def test_unranked_states_have_no_row() -> None:
    assert CURRENT_SNAPSHOT.read_table("trafficking", "tiers").filter(iso3="SOM").is_empty()
