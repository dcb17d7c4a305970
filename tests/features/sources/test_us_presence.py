"""Troops and bases in the snapshot."""

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_troops_left_afghanistan_in_2021_and_stay_in_japan() -> None:
    troops = CURRENT_SNAPSHOT.read_table("us_presence", "troops")
    assert troops.filter(iso3="AFG", year=2020)["ustroops_total"].item() == 17_200
    assert troops.filter(iso3="AFG", year=2021)["ustroops_total"].item() == 6
    assert troops.filter(iso3="JPN", year=2024)["ustroops_total"].item() == 55_154


def test_a_state_under_two_names_in_a_year_keeps_its_count() -> None:
    assert (
        CURRENT_SNAPSHOT.read_table("us_presence", "troops").filter(iso3="CZE", year=2024)["ustroops_total"].item()
        == 16
    )


def test_the_united_states_is_no_host_of_its_own_bases() -> None:
    bases = CURRENT_SNAPSHOT.read_table("us_presence", "bases")
    assert bases.filter(iso3="USA").is_empty()
    assert bases.filter(iso3="XKX")["usbases_count"].item() == 1
    assert bases.filter(iso3="DEU")["usbases_count"].item() == 44
