"""UCDP in the snapshot: by location, by actor, by party, and what a missing row means."""

from pathlib import Path
from shutil import copytree

import pytest

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.sources.ucdp import compile_tables
from features.timing.as_known import load_table_facts


def test_killings_abroad_belong_to_the_government_that_killed() -> None:
    ukraine = CURRENT_SNAPSHOT.read_table("ucdp", "country").filter(iso3="UKR", year=2022).row(0, named=True)
    assert (ukraine["ucdp_home_government_killings"], ukraine["ucdp_onesided_any"]) == (0, 1130)
    assert CURRENT_SNAPSHOT.read_table("ucdp", "actor").filter(iso3="RUS", year=2022).item(0, 2) == 1130


@pytest.mark.parametrize(
    ("iso3", "year", "killed"),
    [("RWA", 1994, 759800), ("MLI", 2024, 29 + 299), ("RUS", 2024, 151 + 299), ("ETH", 2021, 1294 + 1440)],
)
def test_governments_that_kill_together_are_each_charged_with_all(iso3: str, year: int, killed: int) -> None:
    assert CURRENT_SNAPSHOT.read_table("ucdp", "actor").filter(iso3=iso3, year=year).item(0, 2) == killed


def test_each_member_of_a_coalition_is_a_party_to_its_war() -> None:
    wars = CURRENT_SNAPSHOT.read_table("ucdp", "armed_conflict").filter(year=1948)
    assert {"EGY", "IRQ", "JOR", "LBN", "SYR", "ISR"} <= set(wars["iso3"])


def test_no_row_means_none_until_2024_and_unknown_after() -> None:
    killings = load_table_facts("ucdp", "actor", snapshot=CURRENT_SNAPSHOT).frame.filter(iso3="SWE")
    assert killings.filter(year=2024).item(0, 2) == 0
    assert killings.filter(year=2025).item(0, 2) is None


def test_a_government_without_a_number_is_refused(published: Path, tmp_path: Path) -> None:
    copytree(published / "ucdp", tmp_path / "ucdp", copy_function=_copy)
    path = tmp_path / "ucdp" / "OneSided_v25_1.csv"
    path.write_text(path.read_text().replace('"432, 365"', ""))
    with pytest.raises(BadInput, match=r"OneSided.*in 2024 has no number in column gwnoa"):
        compile_tables(tmp_path)


def _copy(source: str, target: str) -> None:
    Path(target).write_bytes(Path(source).read_bytes())
