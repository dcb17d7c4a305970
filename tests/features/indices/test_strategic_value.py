"""Strategic value on two invented partners of one region computed by hand, then on real ones."""

import math

import polars as pl
import pytest

from features.indices.index_inputs import build_index_inputs
from features.indices.strategic_value import VALUE_WEIGHTS, compute_strategic_value
from features.partners import load_partners
from features.snapshot.snapshot import CURRENT_SNAPSHOT

INPUTS: dict[str, float] = {
    "atop_us_defense": 0.0,
    "atop_russia_defense": 0.0,
    "atop_china_defense": 0.0,
    "us_forces": 0.0,
    "us_bases": 0.0,
    "sipri_us_tiv_sum10": 0.0,
    "unga_distance_usa": 1.0,
    "distance_usa_km": 8000.0,
    "distance_russia_km": 800.0,
    "distance_china_km": 4000.0,
    "rival_russia": 0.0,
    "rival_china": 0.0,
    "sipri_russia_share10": 0.0,
    "sipri_china_share10": 0.0,
    "fbic_russia": 0.2,  # half of the full score
    "fbic_china": 0.1,
    "nmc_share": 0.01,
    "wdi_gdp_per_head_usd": 1000.0,
    "wdi_population": 1e6,
}


def value(treaty: bool = False, major: bool = False, **changed: float | None) -> dict[str, float | None]:
    """The index of one partner, next to a neighbor with three times its default capabilities and economy."""
    neighbor = {"nmc_share": 0.03, "wdi_population": 3e6}
    rows = [{"iso3": "AAA"} | INPUTS | changed, {"iso3": "BBB"} | INPUTS | neighbor]
    schema = {"iso3": pl.String} | dict.fromkeys(INPUTS, pl.Float64)
    known = pl.DataFrame(rows, schema=schema).with_columns(origin=pl.lit(2025), region=pl.lit("a region"))
    ties = pl.DataFrame({"iso3": ["AAA"], "treaty_ally": [treaty], "major_ally": [major]})
    return compute_strategic_value(known, ties).filter(iso3="AAA").row(0, named=True)


@pytest.fixture(scope="module")
def real(panel: pl.DataFrame) -> pl.DataFrame:
    """Real partners at 2025, with Poland and Japan as treaty allies, Egypt as a major one, and no others."""
    rows = panel.filter(origin=2025).join(
        build_index_inputs("snapshot", snapshot=CURRENT_SNAPSHOT), on=["iso3", "origin"]
    )
    rows = rows.join(load_partners().select("iso3", "region"), on="iso3")
    treaty, major = pl.col("iso3").is_in(["JPN", "POL"]), pl.col("iso3") == "EGY"
    return compute_strategic_value(rows, rows.select("iso3", treaty_ally=treaty, major_ally=major))


def test_the_parts_and_the_index_are_as_by_hand() -> None:
    scores = value(treaty=True)
    near = 100 * math.exp(-1)
    expected = [100, 0, near, 50, 75, 50, 100 * math.exp(-10)]
    assert [scores[part] for part in VALUE_WEIGHTS] == pytest.approx(expected, abs=0.05)
    by_hand = 0.30 * 100 + 0.15 * near + 0.15 * 50 + 0.10 * 75 + 0.05 * 50
    assert scores["strategic_value"] == pytest.approx(by_hand, abs=0.05)


@pytest.mark.parametrize(
    ("iso3", "parts"),
    [
        ("EGY", [70, 24.2, 12.0, 33.6, 27.0, 41.5, 0.0]),
        ("ARE", [30, 80.0, 9.7, 27.5, 29.9, 48.8, 0.0]),
        ("IND", [0, 35.7, 100, 93.5, 39.8, 29.6, 0.0]),
        ("POL", [100, 36.2, 100, 17.3, 76.1, 30.8, 0.1]),
    ],
)
def test_four_real_partners_are_as_by_hand(real: pl.DataFrame, iso3: str, parts: list[float]) -> None:
    """Egypt 1,432 km from Russia, which sold 28% of its arms; three bases in the Emirates; India, Poland in front."""
    scores = real.filter(iso3=iso3).row(0, named=True)
    assert [scores[part] for part in VALUE_WEIGHTS] == pytest.approx(parts, abs=0.05)
    whole = sum(weight * points for weight, points in zip(VALUE_WEIGHTS.values(), parts, strict=True))
    assert scores["strategic_value"] == pytest.approx(whole, abs=0.1)


@pytest.mark.parametrize(
    ("treaty", "major", "pact", "bases", "points"),
    [
        (True, True, 1, 0, 100),
        (False, True, 1, 0, 70),
        (False, False, 1, 0, 30),
        (False, False, 0, 1, 30),
        (False, False, 0, 0, 0),
        (False, False, None, None, 0),
    ],
)
def test_the_closest_tie_counts(
    treaty: bool, major: bool, pact: float | None, bases: float | None, points: float
) -> None:
    assert value(treaty, major, atop_us_defense=pact, us_bases=bases)["value_alliance"] == points


def test_access_is_the_best_sign_there_is_and_arms_alone_are_half_of_one() -> None:
    assert value(us_bases=2.0)["value_presence"] == 50
    assert value(us_bases=2.0, us_forces=10_000.0)["value_presence"] == 100
    assert value(sipri_us_tiv_sum10=1_000.0)["value_presence"] == 25
    assert 49 < (value(sipri_us_tiv_sum10=1e6)["value_presence"] or 0) <= 50


def test_hidden_forces_are_unknown_rather_than_none_unless_bases_or_arms_speak_for_them() -> None:
    assert value(us_forces=None)["value_presence"] is None
    assert value(us_forces=None, us_bases=2.0)["value_presence"] == 50


def test_a_rival_of_russia_is_a_frontline_however_far_and_an_ally_of_russia_is_none() -> None:
    assert value(rival_russia=1.0, distance_russia_km=9000.0)["value_frontline"] == 100
    theirs = value(rival_russia=1.0, atop_russia_defense=1.0, distance_usa_km=0.0)
    assert [theirs[f"value_{part}"] for part in ("frontline", "pressure", "homeland")] == [0, 0, 0]


def test_who_arms_a_partner_neither_faces_nor_presses_it() -> None:
    armed = value(distance_china_km=0.0, sipri_china_share10=0.75, distance_russia_km=9000.0, fbic_russia=0.0)
    assert armed["value_frontline"] == 25
    assert armed["value_pressure"] == pytest.approx(100 / 3 * 0.25, abs=0.05)


@pytest.mark.parametrize("power", ["russia", "china"])
def test_more_arms_from_russia_or_china_never_raise_value(power: str) -> None:
    column = f"sipri_{power}_share10"
    scores = [value(rival_china=1.0, **{column: share})["strategic_value"] or 0 for share in (0.0, 0.2, 0.6, 1.0)]
    assert scores == sorted(scores, reverse=True)


def test_votes_that_are_as_far_apart_as_can_be_count_nothing_and_never_less() -> None:
    assert value(unga_distance_usa=4.0)["value_alignment"] == value(unga_distance_usa=5.0)["value_alignment"] == 0


def test_a_partner_without_figures_for_its_economy_weighs_by_its_capabilities() -> None:
    assert value(wdi_population=None)["value_weight"] == 50


def test_what_is_not_known_leaves_its_weight_to_the_rest() -> None:
    scores = value(treaty=True, unga_distance_usa=None, us_forces=None)
    assert scores["value_alignment"] is None and scores["value_presence"] is None
    by_hand = 0.30 * 100 + 0.15 * 36.788 + 0.15 * 50 + 0.05 * 50
    assert scores["strategic_value"] == pytest.approx(by_hand / 0.70, abs=0.05)


def test_with_two_parts_known_the_index_is_unknown() -> None:
    unknown = ("us_forces", "unga_distance_usa", "nmc_share", "wdi_population", "fbic_russia", "fbic_china")
    distances = [f"distance_{power}_km" for power in ("usa", "russia", "china")]
    assert value(**dict.fromkeys([*unknown, *distances]))["strategic_value"] is None


def test_a_treaty_alone_is_worth_what_the_posture_calls_high() -> None:
    nothing = {"distance_russia_km": 1e6, "fbic_russia": 0.0, "fbic_china": 0.0, "unga_distance_usa": 4.0}
    scores = value(
        treaty=True, nmc_share=0.0, wdi_population=0.0, distance_usa_km=1e6, distance_china_km=1e6, **nothing
    )
    assert scores["strategic_value"] == 30


def test_every_index_of_the_real_partners_lies_between_0_and_100_and_japan_is_worth_more_than_fiji(
    real: pl.DataFrame,
) -> None:
    assert real.drop("iso3", "origin").select(pl.all().is_between(0, 100).all()).row(0) == (True,) * (
        len(VALUE_WEIGHTS) + 1
    )
    worth = dict(real.select("iso3", "strategic_value").iter_rows())
    assert min(worth["JPN"], worth["POL"]) > 50 > 20 > worth["FJI"]
