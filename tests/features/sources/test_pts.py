"""Political Terror Scale in the snapshot."""

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_egypt_scores_four_with_all_three_in_2015() -> None:
    assert CURRENT_SNAPSHOT.read_table("pts", "scores").filter(iso3="EGY", year=2015).row(0)[2:] == (4, 4, 4)


def test_yugoslavia_passes_to_its_remnant_in_1991_and_to_serbia_in_2006() -> None:
    serbia = CURRENT_SNAPSHOT.read_table("pts", "scores").filter(iso3="SRB")
    assert serbia.filter(year=1990).row(0)[2:] == (3, 3, None)
    assert serbia.filter(year=1991).row(0)[2:] == (5, 3, None)
    assert serbia.filter(year=2006).row(0)[2:] == (2, None, None)


def test_israel_is_the_row_with_the_occupied_territories_and_unscored_in_2023() -> None:
    israel = CURRENT_SNAPSHOT.read_table("pts", "scores").filter(iso3="ISR")
    assert israel.filter(year=2022).row(0)[2:] == (3, 4, 4)
    assert israel["year"].max() == 2022


def test_human_rights_watch_begins_in_2013() -> None:
    assert CURRENT_SNAPSHOT.read_table("pts", "scores").drop_nulls("pts_hrw")["year"].min() == 2013
