"""Strategic value on two invented partners of one region worked out by hand, then on real ones."""

import math

import polars as pl
import pytest

from features.partners import load_partners
from features.strategic_value import VALUE, strategic_value

INPUTS: dict[str, float] = {
    "atop_us_defense": 0.0,
    "atop_russia_defense": 0.0,
    "atop_china_defense": 0.0,
    "ustroops_total": 0.0,
    "unga_distance_usa": 1.0,
    "distance_usa_km": 9000.0,
    "distance_russia_km": 800.0,
    "distance_china_km": 4000.0,
    "rival_russia": 0.0,
    "rival_china": 0.0,
    "nmc_share": 0.01,
}


def value(treaty: bool = False, major: bool = False, **changed: float | None) -> dict[str, float | None]:
    """The index of one partner, beside a neighbour with three times the capabilities it has by default."""
    rows = [{"iso3": "AAA"} | INPUTS | changed, {"iso3": "BBB"} | INPUTS | {"nmc_share": 0.03}]
    schema = {"iso3": pl.String} | dict.fromkeys(INPUTS, pl.Float64)
    panel = pl.DataFrame(rows, schema=schema).with_columns(origin=pl.lit(2025), region=pl.lit("a region"))
    ties = pl.DataFrame({"iso3": ["AAA"], "treaty_ally": [treaty], "major_ally": [major]})
    return strategic_value(panel, ties).filter(iso3="AAA").row(0, named=True)


def test_the_parts_and_the_index_are_as_by_hand() -> None:
    made = value(treaty=True)
    expected = [100, 0, 75, 100 * math.exp(-1), 50]
    assert [made[part] for part in VALUE] == pytest.approx(expected, abs=0.05)
    assert made["strategic_value"] == pytest.approx(0.35 * 100 + 0.15 * 75 + 0.15 * 36.788 + 0.15 * 50, abs=0.05)


@pytest.mark.parametrize(
    ("treaty", "major", "pact", "points"),
    [(True, True, 1, 100), (False, True, 1, 70), (False, False, 1, 30), (False, False, 0, 0), (False, False, None, 0)],
)
def test_the_closest_tie_counts(treaty: bool, major: bool, pact: float | None, points: float) -> None:
    assert value(treaty, major, atop_us_defense=pact)["value_alliance"] == points


def test_a_rival_of_russia_is_a_frontline_however_far_and_an_ally_of_russia_is_none() -> None:
    assert value(rival_russia=1.0, distance_russia_km=9000.0)["value_frontline"] == 100
    assert value(rival_russia=1.0, atop_russia_defense=1.0)["value_frontline"] == 0


def test_votes_that_are_as_far_apart_as_can_be_count_nothing_and_never_less() -> None:
    assert value(unga_distance_usa=4.0)["value_alignment"] == value(unga_distance_usa=5.0)["value_alignment"] == 0


def test_what_is_not_known_leaves_its_weight_to_the_rest() -> None:
    made = value(treaty=True, unga_distance_usa=None, nmc_share=None)
    assert made["value_alignment"] is None and made["value_weight"] is None
    assert made["strategic_value"] == pytest.approx((0.35 * 100 + 0.15 * 36.788) / 0.70, abs=0.05)


def test_with_two_parts_known_the_index_is_unknown() -> None:
    assert value(ustroops_total=None, unga_distance_usa=None, nmc_share=None)["strategic_value"] is None


def test_every_index_of_the_real_partners_lies_between_0_and_100_and_japan_is_worth_more_than_fiji(
    panel: pl.DataFrame,
) -> None:
    rows = panel.filter(origin=2025).join(load_partners().select("iso3", "region"), on="iso3")
    ties = rows.select("iso3", treaty_ally=pl.col("iso3").is_in(["JPN", "POL"]), major_ally=pl.lit(False))
    made = strategic_value(rows, ties)
    assert made.drop("iso3", "origin").select(pl.all().is_between(0, 100).all()).row(0) == (True,) * (len(VALUE) + 1)
    worth = dict(made.select("iso3", "strategic_value").iter_rows())
    assert min(worth["JPN"], worth["POL"]) > 50 > 20 > worth["FJI"]
