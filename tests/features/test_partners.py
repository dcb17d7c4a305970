"""Which states existed when, and how publishers' codes map to them."""

import polars as pl
import pytest

from features.bad_input import BadInput
from features.partners import list_partner_years, load_partner_codes, load_partners, map_to_partners
from features.snapshot.snapshot import CURRENT_SNAPSHOT


def _years(iso3: str) -> list[int]:
    return list_partner_years(1976, 2025).filter(pl.col("iso3") == iso3)["year"].to_list()


@pytest.mark.parametrize(
    ("iso3", "first", "last"),
    [
        ("RUS", 1976, 2025),
        ("UKR", 1991, 2025),
        ("SRB", 1976, 2025),
        ("HRV", 1991, 2025),
        ("MNE", 2006, 2025),
        ("XKX", 2008, 2025),
        ("CSK", 1976, 1992),
        ("CZE", 1993, 2025),
        ("SVK", 1993, 2025),
        ("DEU", 1976, 2025),
        ("DDR", 1976, 1990),
        ("YEM", 1976, 2025),
        ("YMD", 1976, 1990),
        ("SDN", 1976, 2025),
        ("SSD", 2011, 2025),
        ("ERI", 1993, 2025),
        ("TLS", 2002, 2025),
    ],
)
def test_a_successor_state_starts_where_its_predecessor_hands_over(iso3: str, first: int, last: int) -> None:
    assert _years(iso3) == list(range(first, last + 1))


def _scored(source: str, table: str, measure: str, iso3: str) -> tuple[int, int]:
    years = CURRENT_SNAPSHOT.read_table(source, table).filter(pl.col("iso3") == iso3, pl.col(measure).is_not_null())[
        "year"
    ]
    return years.min(), years.max()  # type: ignore[return-value]


def test_the_soviet_union_stands_under_russia() -> None:
    assert _scored("pts", "scores", "pts_amnesty", "RUS")[0] == 1976
    assert _scored("vdem", "core", "vdem_polyarchy", "UKR")[0] == 1991


def test_yugoslavia_then_serbia_and_montenegro_stand_under_serbia() -> None:
    scores = CURRENT_SNAPSHOT.read_table("pts", "scores").filter(pl.col("iso3") == "SRB")
    assert scores["year"].to_list() == list(range(1976, 2024))
    assert scores.filter(pl.col("year") == 1992)["pts_state"].item() == 5
    assert _scored("pts", "scores", "pts_state", "MNE")[0] == 2006


def test_czechoslovakia_ends_in_1992_and_its_heirs_start_in_1993() -> None:
    assert _scored("vdem", "core", "vdem_polyarchy", "CSK") == (1946, 1992)
    assert _scored("vdem", "core", "vdem_polyarchy", "CZE")[0] == 1993
    assert _scored("vdem", "core", "vdem_polyarchy", "SVK")[0] == 1993


def test_the_two_germanys_are_separate_until_1990() -> None:
    assert _scored("pts", "scores", "pts_amnesty", "DDR") == (1976, 1990)
    assert _scored("pts", "scores", "pts_state", "DEU") == (1976, 2023)


def test_the_two_yemens_are_separate_until_1990() -> None:
    assert _scored("vdem", "core", "vdem_polyarchy", "YMD")[1] == 1990
    assert _scored("pts", "scores", "pts_state", "YEM") == (1976, 2023)


def test_south_sudan_has_no_facts_before_2011_and_sudan_has_them_throughout() -> None:
    assert _scored("vdem", "core", "vdem_polyarchy", "SSD")[0] == 2011
    assert _scored("vdem", "core", "vdem_polyarchy", "SDN") == (1956, 2025)


def test_every_row_that_leaves_a_code_out_says_why() -> None:
    assert load_partner_codes().filter(pl.col("iso3").is_null() & pl.col("reason").is_null()).is_empty()


def test_every_code_maps_to_a_partner_of_the_table() -> None:
    strangers = load_partner_codes().filter(pl.col("iso3").is_not_null()).join(load_partners(), on="iso3", how="anti")
    assert strangers.is_empty()


def test_an_unknown_country_is_refused_with_its_code_and_year() -> None:
    invented = pl.DataFrame({"country": ["Ruritania"], "year": [1999], "value": [1.0]})
    with pytest.raises(BadInput, match=r"'Ruritania'.*year 1999.*codes\.csv"):
        map_to_partners(invented, "country", "name", "pts")


def test_years_before_statehood_are_not_kept() -> None:
    invented = pl.DataFrame({"code": ["SSD", "SSD"], "year": [2010, 2011], "value": [1.0, 2.0]})
    assert map_to_partners(invented, "code", "iso3", "wgi").rows() == [("SSD", 2011, 2.0)]
