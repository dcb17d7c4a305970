"""Leverage on invented partners computed by hand, then on real ones."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.indices.index_inputs import build_index_inputs
from features.indices.leverage import DEPENDENCE_WEIGHTS, HEDGING_WEIGHTS, compute_leverage
from features.snapshot.snapshot import CURRENT_SNAPSHOT

INPUTS = {
    "sipri_us_share10": 0.8,
    "sipri_us_support_share": 0.6,
    "usmil_assistance_usd_med5": 50e6,
    "nmc_spending_usd": 500e6,  # aid is a tenth of it: half of the full score
    "us_forces": 10_000.0,
    "sipri_rivals_share15": 0.2,
    "sipri_rivals_share5": 0.3,  # a tenth above the fifteen years, counted twice
    "fbic_china": 0.2,  # half of the full score
    "fbic_russia": 0.05,
    "sipri_exports_tiv_sum10": 1000.0,  # half of the full score
}
YEARS = 15


def indices(iso3: str = "AAA", **changed: float | None) -> dict[str, float | None]:
    row = {"iso3": [iso3], "origin": [2025]} | {name: [value] for name, value in (INPUTS | changed).items()}
    return compute_leverage(pl.DataFrame(row, schema_overrides=dict.fromkeys(INPUTS, pl.Float64))).row(0, named=True)


@pytest.fixture(scope="module")
def real(panel: pl.DataFrame) -> pl.DataFrame:
    facts = build_index_inputs("snapshot", snapshot=CURRENT_SNAPSHOT)
    return compute_leverage(panel.filter(pl.col("origin") >= 1990).join(facts, on=["iso3", "origin"], how="left"))


def test_the_parts_and_indices_are_as_by_hand() -> None:
    scores = indices()
    assert [scores[part] for part in DEPENDENCE_WEIGHTS] == [80, 60, 50, 100]
    assert [scores[part] for part in HEDGING_WEIGHTS] == pytest.approx([20, 20, 50, 50])
    assert scores["dependence"] == pytest.approx(0.30 * 80 + 0.25 * 60 + 0.30 * 50 + 0.15 * 100)
    assert scores["hedging"] == pytest.approx(0.40 * 20 + 0.20 * 20 + 0.25 * 50 + 0.15 * 50)
    assert scores["leverage"] == pytest.approx(69 * (1 - 32 / 200), abs=0.05)


def test_egypt_is_as_by_hand(real: pl.DataFrame) -> None:
    """8% of ten years' arms, 19% of the stock, 1.17 billion dollars a year against 5.21 of its own, 176 troops."""
    scores = real.filter(iso3="EGY", origin=2025).row(0, named=True)
    assert [scores[part] for part in DEPENDENCE_WEIGHTS] == pytest.approx([7.8, 19.2, 69.2, 23.8], abs=0.05)
    assert [scores[part] for part in HEDGING_WEIGHTS] == pytest.approx([25.9, 0.0, 57.7, 8.7], abs=0.05)
    dependence = 0.30 * 7.8 + 0.25 * 19.2 + 0.30 * 69.2 + 0.15 * 23.8
    assert scores["leverage"] == pytest.approx(dependence * (1 - 26.1 / 200), abs=0.1)


def test_india_is_as_by_hand(real: pl.DataFrame) -> None:
    """56% of fifteen years' arms from Russia but 43% of the last five: a long-held share, no drift."""
    scores = real.filter(iso3="IND", origin=2025).row(0, named=True)
    assert scores["hedging"] == pytest.approx(0.40 * 56.0 + 0.20 * 0 + 0.25 * 49.1 + 0.15 * 37.8, abs=0.1)
    dependence = 0.30 * 9.6 + 0.25 * 11.3 + 0.30 * 0 + 0.15 * 4.7
    assert scores["leverage"] == pytest.approx(dependence * (1 - 40.3 / 200), abs=0.1)


def test_iraqs_hidden_forces_leave_their_weight_to_the_other_parts(real: pl.DataFrame) -> None:
    scores = real.filter(iso3="IRQ", origin=2025).row(0, named=True)
    known = [0.30 * scores["leverage_arms"], 0.25 * scores["leverage_stock"], 0.30 * scores["leverage_assistance"]]
    assert scores["leverage_presence"] is None
    assert scores["dependence"] == pytest.approx(sum(known) / 0.85, abs=0.1)


def test_ethiopia_drifts_and_serbia_has_long_bought_there(real: pl.DataFrame) -> None:
    drift = dict(real.filter(origin=2025).select("iso3", "hedging_drift").iter_rows())
    assert drift["ETH"] == 100 and drift["SRB"] == 0


def test_what_a_government_received_that_was_overthrown_since_is_not_counted() -> None:
    scores = indices(iso3="AFG")
    assert [scores[part] for part in DEPENDENCE_WEIGHTS] == [None, None, None, 100]
    assert scores["leverage"] is None


def test_a_part_that_is_not_known_gives_its_weight_to_the_others() -> None:
    scores = indices(nmc_spending_usd=None)
    assert scores["leverage_assistance"] is None
    assert scores["dependence"] == pytest.approx((0.30 * 80 + 0.25 * 60 + 0.15 * 100) / 0.70, abs=0.05)


def test_with_one_part_known_dependence_and_leverage_are_unknown() -> None:
    scores = indices(sipri_us_share10=None, sipri_us_support_share=None, nmc_spending_usd=None)
    assert scores["leverage_presence"] == 100
    assert scores["dependence"] is None and scores["leverage"] is None


def test_unknown_hedging_takes_nothing_from_leverage_but_stays_unknown() -> None:
    scores = indices(sipri_rivals_share15=None, fbic_china=None, fbic_russia=None, sipri_exports_tiv_sum10=None)
    assert scores["hedging"] is None
    assert scores["leverage"] == scores["dependence"]


@pytest.mark.parametrize(("troops", "points"), [(0, 0), (50, 0), (707.1068, 50), (10_000, 100), (80_000, 100)])
def test_presence_grows_with_the_logarithm_from_an_embassys_guard_to_a_garrison(troops: float, points: float) -> None:
    assert indices(us_forces=troops)["leverage_presence"] == pytest.approx(points, abs=0.05)


def test_aid_to_a_partner_that_spends_nothing_itself_counts_almost_in_full_and_a_repayment_as_none() -> None:
    assert indices(nmc_spending_usd=0.0)["leverage_assistance"] == pytest.approx(100, abs=0.05)
    assert indices(usmil_assistance_usd_med5=-5e6)["leverage_assistance"] == 0


@settings(max_examples=100, deadline=None)
@given(
    rivals=st.lists(st.floats(0, 100), min_size=YEARS, max_size=YEARS),
    others=st.lists(st.floats(1, 100), min_size=YEARS, max_size=YEARS),
    year=st.integers(0, YEARS - 1),
    moved=st.floats(0, 1),
)
def test_a_delivery_of_any_year_moved_to_russia_or_china_never_raises_leverage(
    rivals: list[float], others: list[float], year: int, moved: float
) -> None:
    before = _with_deliveries(rivals, others)
    volume = moved * others[year]
    rivals[year] += volume
    others[year] -= volume
    after = _with_deliveries(rivals, others)
    assert after["hedging"] >= before["hedging"] and after["leverage"] <= before["leverage"]


def _with_deliveries(rivals: list[float], others: list[float]) -> dict[str, float]:
    """The indices of an invented partner with these deliveries of fifteen years, the last year first."""
    share = {n: sum(rivals[:n]) / (sum(rivals[:n]) + sum(others[:n])) for n in (5, YEARS)}
    return indices(sipri_rivals_share5=share[5], sipri_rivals_share15=share[YEARS])  # type: ignore[return-value]


@pytest.mark.parametrize(
    "part", ["sipri_us_share10", "sipri_us_support_share", "usmil_assistance_usd_med5", "us_forces"]
)
def test_more_from_the_united_states_never_lowers_leverage(part: str) -> None:
    whole = INPUTS[part] / 0.8
    scores = [indices(**{part: share * whole})["leverage"] for share in (0.0, 0.1, 0.3, 0.5, 0.8)]
    assert scores == sorted(scores) and scores[0] < scores[-1]  # type: ignore[type-var, operator]


def test_every_index_of_the_real_partners_lies_between_0_and_100(real: pl.DataFrame) -> None:
    scores = real.drop("iso3", "origin")
    assert scores.select(pl.all().is_between(0, 100).all()).row(0) == (True,) * scores.width
    assert not scores.select(pl.selectors.float().is_nan().any()).select(pl.any_horizontal(pl.all())).item()


def test_the_united_states_hold_more_leverage_over_israel_and_egypt_than_over_belarus_and_china(
    real: pl.DataFrame,
) -> None:
    scores = dict(real.filter(origin=2025).select("iso3", "leverage").iter_rows())
    assert min(scores["ISR"], scores["EGY"]) > 20 > 5 > max(scores["BLR"], scores["CHN"])
