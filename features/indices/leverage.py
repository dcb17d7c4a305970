"""How much a partner depends on the United States (0-100), and how far it could turn to other powers (0-100)."""

from collections.abc import Mapping

import polars as pl

# Weights of the parts; the weight of an unknown part goes to the others.
DEPENDENCE_WEIGHTS = {
    "leverage_arms": 0.30,
    "leverage_stock": 0.25,
    "leverage_assistance": 0.30,
    "leverage_presence": 0.15,
}
# Suppliers weigh twice as much as drift: drift counts double, and a share that Russia or China have held for long
# lowers drift, so it would otherwise lower hedging as a whole.
HEDGING_WEIGHTS = {
    "hedging_suppliers": 0.40,
    "hedging_drift": 0.20,
    "hedging_influence": 0.25,
    "hedging_industry": 0.15,
}

# Yearly US aid, as a share of the partner's own military spending, that earns half of the full score.
HALF_AID_RATIO = 0.1
# Fewer troops than the first are an embassy guard; a garrison of the second or more counts in full.
EMBASSY_GUARD, FULL_GARRISON = 50, 10_000
# Half of the full score: Chinese or Russian influence (0-1 each), and arms exports of the last ten years (million TIV).
HALF_INFLUENCE, HALF_EXPORTS = 0.2, 1_000

# Year since which the country is ruled by those who overthrew the government the United States armed and paid; what
# that government received does not bind them.
OVERTHROWN_SINCE = {"AFG": 2021}


def compute_leverage(known: pl.DataFrame) -> pl.DataFrame:
    """Indices by iso3 and origin, 0-100 or null: leverage, dependence, hedging and their parts.

    `known` holds rows of the panel with the facts of features.indices.index_inputs.
    Hedging reduces leverage to at least half of dependence: dependence × (1 − hedging / 200).
    """
    parts = known.select("iso3", "origin", **_score_dependence_parts(), **_score_hedging_parts())
    indices = parts.with_columns(
        dependence=compute_weighted_mean(DEPENDENCE_WEIGHTS, 2), hedging=compute_weighted_mean(HEDGING_WEIGHTS, 2)
    )
    leverage = pl.col("dependence") * (1 - pl.col("hedging").fill_null(0) / 200)
    return indices.with_columns(leverage=leverage).with_columns(pl.exclude("iso3", "origin").round(1))


def compute_weighted_mean(weights: Mapping[str, float], least: int) -> pl.Expr:
    """Weighted mean of the known parts, null if fewer than `least` are known."""
    known = [pl.col(part).is_not_null().cast(pl.Float64) * weight for part, weight in weights.items()]
    value = pl.sum_horizontal(pl.col(part).fill_null(0) * weight for part, weight in weights.items())
    enough = pl.sum_horizontal(pl.col(part).is_not_null() for part in weights) >= least
    return pl.when(enough).then(value / pl.sum_horizontal(known))


def compute_saturating_score(value: pl.Expr, half: float) -> pl.Expr:
    """0 at zero, 50 at `half`, approaching 100 beyond."""
    return 100 * value / (value + half)


def score_troop_presence(troops: pl.Expr) -> pl.Expr:
    """0 up to an embassy guard, 100 from a full garrison, logarithmic in between."""
    return (100 * (troops.clip(1) / EMBASSY_GUARD).log() / pl.lit(FULL_GARRISON / EMBASSY_GUARD).log()).clip(0, 100)


def check_supplied_predecessor() -> pl.Expr:
    """Whether US arms and aid went to a government that an enemy has since overthrown."""
    overthrown = OVERTHROWN_SINCE.items()
    return pl.any_horizontal((pl.col("iso3") == iso3) & (pl.col("origin") >= year) for iso3, year in overthrown)


def _score_dependence_parts() -> dict[str, pl.Expr]:
    yearly_aid = pl.col("usmil_assistance_usd_med5").clip(0)
    received = {
        "leverage_arms": 100 * pl.col("sipri_us_share10"),
        "leverage_stock": 100 * pl.col("sipri_us_support_share"),
        "leverage_assistance": compute_saturating_score(
            yearly_aid / pl.col("nmc_spending_usd").clip(1), HALF_AID_RATIO
        ),
    }
    current = {part: pl.when(~check_supplied_predecessor()).then(points) for part, points in received.items()}
    return current | {"leverage_presence": score_troop_presence(pl.col("us_forces"))}


def _score_hedging_parts() -> dict[str, pl.Expr]:
    long_run, recent = pl.col("sipri_rivals_share15"), pl.col("sipri_rivals_share5")
    influence = pl.max_horizontal("fbic_china", "fbic_russia")
    return {
        "hedging_suppliers": 100 * long_run,
        "hedging_drift": 100 * (2 * (recent - long_run)).clip(0, 1),
        "hedging_influence": compute_saturating_score(influence, HALF_INFLUENCE),
        "hedging_industry": compute_saturating_score(pl.col("sipri_exports_tiv_sum10"), HALF_EXPORTS),
    }
