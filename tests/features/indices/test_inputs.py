"""Inputs of the indices: stock by years of support still needed, rival suppliers, forces and bases."""

from pathlib import Path

import polars as pl
import pytest

from features.indices.arms_stock import SUPPORT_YEARS
from features.indices.index_inputs import build_index_inputs
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from tests.features.snapshot.changed_snapshots import copy_snapshot, rewrite_table


@pytest.fixture(scope="module")
def facts() -> pl.DataFrame:
    return build_index_inputs("snapshot", snapshot=CURRENT_SNAPSHOT)


def known(facts: pl.DataFrame, iso3: str, column: str, origin: int = 2025) -> float | None:
    value: float | None = facts.filter(iso3=iso3, origin=origin)[column].item()
    return value


@pytest.mark.parametrize("iso3", ["EGY", "ISR", "PAK", "POL"])
def test_the_american_part_of_the_stock_is_as_added_up_delivery_by_delivery(facts: pl.DataFrame, iso3: str) -> None:
    american = every = 0.0
    for row in CURRENT_SNAPSHOT.read_table("sipri", "lives").filter(iso3=iso3).iter_rows(named=True):
        for life, years in SUPPORT_YEARS.items():
            left = max(0, years - (2024 - row["year"]))
            american += row[f"sipri_us_{life}_tiv"] * left
            every += row[f"sipri_{life}_tiv"] * left
    assert known(facts, iso3, "sipri_us_support_share") == pytest.approx(american / every, abs=1e-6)


def test_old_aircraft_weigh_less_than_new_ones_and_missiles_are_soon_used_up(tmp_path: Path) -> None:
    """Invented: 10 of American aircraft in 2004 (10 years left), 10 of others' in 2024 (30), 10 of missiles in 2009."""
    raw = copy_snapshot(tmp_path)
    invented = {2004: [10, 0, 0, 10, 0, 0], 2009: [0, 0, 10, 0, 0, 10], 2024: [10, 0, 0, 0, 0, 0]}

    def put(frame: pl.DataFrame) -> pl.DataFrame:
        rows = [["FJI", str(year), *map(str, volumes)] for year, volumes in invented.items()]
        return pl.concat([frame.filter(pl.col("iso3") != "FJI"), pl.DataFrame(rows, frame.schema, orient="row")])

    rewrite_table(raw, "sipri", "lives", put)
    assert known(build_index_inputs("snapshot", Snapshot(raw)), "FJI", "sipri_us_support_share") == pytest.approx(
        100 / (100 + 300)
    )


def test_the_rivals_share_is_theirs_of_all_deliveries_in_the_window(facts: pl.DataFrame) -> None:
    recent = CURRENT_SNAPSHOT.read_table("sipri", "transfers").filter(pl.col("year") > 2010, iso3="ETH")
    theirs = recent["sipri_russia_tiv"].sum() + recent["sipri_china_tiv"].sum()
    assert known(facts, "ETH", "sipri_rivals_share15") == pytest.approx(theirs / recent["sipri_total_tiv"].sum())


def test_who_received_nothing_in_five_years_has_no_share_of_them(facts: pl.DataFrame) -> None:
    assert known(facts, "ISL", "sipri_rivals_share5") is None


def test_forces_that_are_hidden_are_unknown_and_those_that_left_are_none(facts: pl.DataFrame) -> None:
    assert known(facts, "IRQ", "us_forces") is None and known(facts, "SYR", "us_forces") is None
    assert known(facts, "AFG", "us_forces") == 0 and known(facts, "AFG", "us_bases") == 0


@pytest.mark.parametrize(
    ("iso3", "forces"), [("KWT", 14_887), ("QAT", 6_567), ("ARE", 3_468), ("JPN", 55_154), ("NER", 14), ("CUB", 0)]
)
def test_a_count_that_lost_its_temporary_forces_in_2018_is_bridged(
    facts: pl.DataFrame, iso3: str, forces: float
) -> None:
    """The Gulf has its median of 2015 to 2017, Japan its count; forces left Niger, Guantánamo was not granted."""
    assert known(facts, iso3, "us_forces") == forces


def test_the_break_is_not_foreseen(facts: pl.DataFrame) -> None:
    assert known(facts, "KWT", "us_forces", origin=2018) == 16_197


def test_bases_that_no_one_granted_do_not_count(facts: pl.DataFrame) -> None:
    assert known(facts, "CUB", "us_bases") == known(facts, "SYR", "us_bases") == 0
    assert known(facts, "ARE", "us_bases") == 3


def test_none_of_it_is_in_the_panel(facts: pl.DataFrame, panel: pl.DataFrame) -> None:
    assert set(facts.columns) & set(panel.columns) == {"iso3", "origin"}
    assert facts.select("iso3", "origin").equals(panel.select("iso3", "origin"))
