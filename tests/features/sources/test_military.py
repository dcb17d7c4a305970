"""National Material Capabilities in the snapshot."""

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_thousands_are_written_out_as_dollars_and_persons() -> None:
    american = CURRENT_SNAPSHOT.read_table("military", "capabilities").filter(iso3="USA", year=2022).row(0, named=True)
    assert american["nmc_spending_usd"] == 838_814_000_000
    assert american["nmc_personnel"] == 1_360_000


def test_the_united_germany_and_yemen_stand_for_1990() -> None:
    states = CURRENT_SNAPSHOT.read_table("military", "capabilities").filter(year=1990)
    assert states.filter(iso3="DEU")["nmc_spending_usd"].item() == 37_200_000_000
    assert states.filter(iso3="YEM")["nmc_spending_usd"].item() is None
