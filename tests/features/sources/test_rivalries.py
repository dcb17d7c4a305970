"""Strategic rivalries in the snapshot."""

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_ukraine_is_a_rival_of_russia_from_2014() -> None:
    rivalries = CURRENT_SNAPSHOT.read_table("rivalries", "rivalries").filter(iso3="UKR")
    assert rivalries["year"].min() == 2014
    assert rivalries.filter(year=2020).row(0)[2:] == (1, 1, 0)


def test_japan_and_india_are_rivals_of_china_in_2020() -> None:
    rivals = CURRENT_SNAPSHOT.read_table("rivalries", "rivalries").filter(year=2020, rival_china=1)
    assert {"JPN", "IND", "TWN", "USA"} == set(rivals["iso3"])


def test_omans_rival_was_south_and_not_north_yemen() -> None:
    rivalries = CURRENT_SNAPSHOT.read_table("rivalries", "rivalries")
    assert rivalries.filter(iso3="YMD", year=1975)["rivalries"].item() == 2
    assert rivalries.filter(iso3="YEM", year=1975)["rivalries"].item() == 1
