"""Coups in the snapshot."""

from features.partners import list_partner_years
from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_egypt_2013_succeeded_and_moscow_1991_failed() -> None:
    events = CURRENT_SNAPSHOT.read_table("coups", "events")
    assert events.filter(iso3="EGY", year=2013).row(0)[2:] == (1, 1)
    assert events.filter(iso3="RUS", year=1991).row(0)[2:] == (1, 0)


def test_every_state_has_a_row_in_every_year() -> None:
    states = list_partner_years(1950, 2025)
    absent = states.join(CURRENT_SNAPSHOT.read_table("coups", "events"), on=["iso3", "year"], how="anti")
    assert absent.filter(year=2025).is_empty()
    assert absent.filter(iso3="SRB").is_empty()
