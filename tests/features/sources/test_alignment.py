"""General Assembly ideal points in the snapshot."""

import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_distance_is_measured_from_the_united_states_of_the_same_year() -> None:
    points = CURRENT_SNAPSHOT.read_table("alignment", "ideal_points").filter(year=2022)
    american, egypt = (points.filter(iso3=iso3).row(0, named=True) for iso3 in ("USA", "EGY"))
    assert american["unga_distance_usa"] == 0
    distance = american["unga_ideal_point"] - egypt["unga_ideal_point"]
    assert egypt["unga_distance_usa"] == pytest.approx(distance, abs=1e-6)


def test_the_two_yemens_are_distinguished_though_their_letters_are_the_same() -> None:
    points = CURRENT_SNAPSHOT.read_table("alignment", "ideal_points").filter(year=1980)
    north, south = (points.filter(iso3=iso3)["unga_ideal_point"].item() for iso3 in ("YEM", "YMD"))
    assert south < north


def test_the_chinese_seat_passes_from_taipei_to_beijing_in_1971() -> None:
    points = CURRENT_SNAPSHOT.read_table("alignment", "ideal_points")
    assert points.filter(iso3="CHN")["year"].min() == 1971
    assert points.filter(iso3="TWN")["year"].max() == 1971
