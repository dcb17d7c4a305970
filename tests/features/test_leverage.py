"""Leverage on invented partners worked out by hand, then on real ones."""

import polars as pl
import pytest

from features.leverage import DEPENDENCE, HEDGING, leverage

INPUTS = {
    "sipri_us_share10": 0.8,
    "sipri_us_share30": 0.6,
    "usmil_assistance_usd_med5": 50e6,
    "nmc_spending_usd": 500e6,  # aid is a tenth of it: half of the full score
    "ustroops_total": 10_000.0,
    "sipri_russia_share10": 0.1,
    "sipri_china_share10": 0.1,
    "fbic_china": 0.2,  # half of the full score
    "fbic_russia": 0.05,
    "sipri_exports_tiv_sum10": 1000.0,  # half of the full score
}


def indices(**changed: float | None) -> dict[str, float | None]:
    row = {"iso3": ["AAA"], "origin": [2025]} | {name: [value] for name, value in (INPUTS | changed).items()}
    return leverage(pl.DataFrame(row, schema_overrides=dict.fromkeys(INPUTS, pl.Float64))).row(0, named=True)


def test_the_parts_and_indices_are_as_by_hand() -> None:
    made = indices()
    assert [made[part] for part in DEPENDENCE] == [80, 60, 50, 100]
    assert [made[part] for part in HEDGING] == [20, 50, 50]
    assert made["dependence"] == pytest.approx(0.30 * 80 + 0.25 * 60 + 0.30 * 50 + 0.15 * 100)
    assert made["hedging"] == pytest.approx(0.5 * 20 + 0.3 * 50 + 0.2 * 50)
    assert made["leverage"] == pytest.approx(69 * (1 - 35 / 200), abs=0.05)


def test_a_part_that_is_not_known_gives_its_weight_to_the_others() -> None:
    made = indices(nmc_spending_usd=None)
    assert made["leverage_assistance"] is None
    assert made["dependence"] == pytest.approx((0.30 * 80 + 0.25 * 60 + 0.15 * 100) / 0.70, abs=0.05)


def test_with_one_part_known_dependence_and_leverage_are_unknown() -> None:
    made = indices(sipri_us_share10=None, sipri_us_share30=None, nmc_spending_usd=None)
    assert made["leverage_presence"] == 100
    assert made["dependence"] is None and made["leverage"] is None


def test_unknown_hedging_takes_nothing_from_leverage_but_stays_unknown() -> None:
    made = indices(sipri_russia_share10=None, fbic_china=None, fbic_russia=None, sipri_exports_tiv_sum10=None)
    assert made["hedging"] is None
    assert made["leverage"] == made["dependence"]


@pytest.mark.parametrize(("troops", "points"), [(0, 0), (50, 0), (707.1068, 50), (10_000, 100), (80_000, 100)])
def test_presence_grows_with_the_logarithm_from_an_embassys_guard_to_a_garrison(troops: float, points: float) -> None:
    assert indices(ustroops_total=troops)["leverage_presence"] == pytest.approx(points, abs=0.05)


def test_aid_to_a_partner_that_spends_nothing_itself_counts_almost_in_full_and_a_repayment_as_none() -> None:
    assert indices(nmc_spending_usd=0.0)["leverage_assistance"] == pytest.approx(100, abs=0.05)
    assert indices(usmil_assistance_usd_med5=-5e6)["leverage_assistance"] == 0


def test_more_from_russia_never_raises_leverage() -> None:
    made = [indices(sipri_russia_share10=share)["leverage"] for share in (0.0, 0.2, 0.5, 0.9)]
    assert made == sorted(made, reverse=True) and made[0] > made[-1]


def test_every_index_of_the_real_partners_lies_between_0_and_100(panel: pl.DataFrame) -> None:
    made = leverage(panel.filter(pl.col("origin") >= 1990)).drop("iso3", "origin")
    assert made.select(pl.all().is_between(0, 100).all()).row(0) == (True,) * made.width
    assert not made.select(pl.selectors.float().is_nan().any()).select(pl.any_horizontal(pl.all())).item()


def test_the_united_states_hold_more_leverage_over_israel_and_egypt_than_over_belarus_and_china(
    panel: pl.DataFrame,
) -> None:
    made = dict(leverage(panel.filter(origin=2025)).select("iso3", "leverage").iter_rows())
    assert min(made["ISR"], made["EGY"]) > 20 > 5 > max(made["BLR"], made["CHN"])
