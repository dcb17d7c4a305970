"""Worldwide Governance Indicators in the snapshot."""

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_egypt_2024_is_the_value_of_the_2025_revision() -> None:
    egypt = CURRENT_SNAPSHOT.read_table("wgi", "estimates").filter(iso3="EGY", year=2024)
    assert round(egypt["wgi_rule_of_law"].item(), 2) == -0.75


def test_the_years_without_a_survey_have_no_rows() -> None:
    years = set(CURRENT_SNAPSHOT.read_table("wgi", "estimates")["year"])
    assert years == set(range(1996, 2025)) - {1997, 1999, 2001}


def test_kosovo_and_montenegro_begin_with_their_statehood() -> None:
    estimates = CURRENT_SNAPSHOT.read_table("wgi", "estimates")
    assert estimates.filter(iso3="XKX")["year"].min() == 2008
    assert estimates.filter(iso3="MNE")["year"].min() == 2006
