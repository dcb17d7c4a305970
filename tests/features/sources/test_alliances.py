"""Pacts, neighbors and distances in the snapshot."""

import polars as pl

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_poland_moved_from_the_soviet_pact_to_the_american() -> None:
    pacts = CURRENT_SNAPSHOT.read_table("alliances", "pacts").filter(iso3="POL")
    assert pacts.filter(year=1980).row(0)[2:] == (0, 1, 0)
    assert pacts.filter(year=2018).row(0)[2:] == (1, 0, 0)


def test_taiwan_and_israel_have_no_pact_with_the_united_states_today() -> None:
    assert (
        CURRENT_SNAPSHOT.read_table("alliances", "pacts")
        .filter(pl.col("iso3").is_in(["TWN", "ISR"]), year=2018)
        .is_empty()
    )


def test_neighbors_are_mutual_and_no_pair_has_two_spells_today() -> None:
    neighbors = CURRENT_SNAPSHOT.read_table("alliances", "neighbours")
    reversed_pairs = neighbors.select(iso3="neighbour", neighbour="iso3", first="first", last="last")
    assert neighbors.join(reversed_pairs, on=list(reversed_pairs.columns), how="anti", nulls_equal=True).is_empty()
    assert not neighbors.filter(pl.col("last").is_null()).select("iso3", "neighbour").is_duplicated().any()


def test_south_sudan_took_over_the_southern_neighbors_of_sudan_in_2011() -> None:
    uganda = CURRENT_SNAPSHOT.read_table("alliances", "neighbours").filter(iso3="UGA", contiguity_type=1)
    assert uganda.filter(neighbour="SDN").row(0) == ("UGA", "SDN", 1962, 2011, 1)
    assert uganda.filter(neighbour="SSD").row(0) == ("UGA", "SSD", 2011, None, 1)


def test_ukraine_touches_russia_and_russia_has_no_distance_to_itself() -> None:
    distances = CURRENT_SNAPSHOT.read_table("alliances", "distances").filter(year=2019)
    assert distances.filter(iso3="UKR")["distance_russia_km"].item() == 0
    assert distances.filter(iso3="RUS")["distance_russia_km"].item() is None
