"""How much a partner depends on the United States (0-100), and on whom it could lean instead (0-100)."""

from collections.abc import Mapping

import polars as pl

# Weights of the parts; a part that is not known gives its weight to the others.
DEPENDENCE_WEIGHTS = {
    "leverage_arms": 0.30,
    "leverage_stock": 0.25,
    "leverage_assistance": 0.30,
    "leverage_presence": 0.15,
}
# Suppliers weigh twice what drift does: drift counts double, and a share that Russia or China have long held, which
# takes away from the drift, would otherwise lower hedging as a whole.
HEDGING_WEIGHTS = {
    "hedging_suppliers": 0.40,
    "hedging_drift": 0.20,
    "hedging_influence": 0.25,
    "hedging_industry": 0.15,
}

# Half of the full score is reached where yearly US aid is this share of the partner's own military spending.
HALF_AID_RATIO = 0.1
# Fewer troops than this guard an embassy; a garrison of the upper figure counts in full.
EMBASSY_GUARD, FULL_GARRISON = 50, 10_000
# Half score on the index of Chinese and Russian influence (0-1 each), and on arms exports of the last ten years.
HALF_INFLUENCE, HALF_EXPORTS = 0.2, 1_000

# Since that year those rule who overthrew the government that was armed and paid; what it received does not bind them.
OVERTHROWN_SINCE = {"AFG": 2021}


def compute_leverage(known: pl.DataFrame) -> pl.DataFrame:
    """Indices by iso3 and origin, 0-100 or null: leverage, dependence, hedging and their parts.

    `known` holds rows of the panel with the facts of features.indices.inputs.
    Leverage is dependence less up to half of itself where the partner hedges: dependence × (1 − hedging / 200).
    """
    parts = known.select("iso3", "origin", **_score_dependence_parts(), **_score_hedging_parts())
    indices = parts.with_columns(
        dependence=compute_weighted_mean(DEPENDENCE_WEIGHTS, 2), hedging=compute_weighted_mean(HEDGING_WEIGHTS, 2)
    )
    whole = pl.col("dependence") * (1 - pl.col("hedging").fill_null(0) / 200)
    return indices.with_columns(leverage=whole).with_columns(pl.exclude("iso3", "origin").round(1))


def compute_weighted_mean(weights: Mapping[str, float], least: int) -> pl.Expr:
    """Weighted mean of the parts that are known, null where fewer than `least` are."""
    known = [pl.col(part).is_not_null().cast(pl.Float64) * weight for part, weight in weights.items()]
    value = pl.sum_horizontal(pl.col(part).fill_null(0) * weight for part, weight in weights.items())
    enough = pl.sum_horizontal(pl.col(part).is_not_null() for part in weights) >= least
    return pl.when(enough).then(value / pl.sum_horizontal(known))


def compute_saturating_score(value: pl.Expr, half: float) -> pl.Expr:
    """0 at nought, 50 at `half`, towards 100 beyond."""
    return 100 * value / (value + half)


def score_troop_presence(troops: pl.Expr) -> pl.Expr:
    """0 up to an embassy's guard, 100 from a full garrison, by the logarithm of troops between."""
    return (100 * (troops.clip(1) / EMBASSY_GUARD).log() / pl.lit(FULL_GARRISON / EMBASSY_GUARD).log()).clip(0, 100)


def check_supplied_predecessor() -> pl.Expr:
    """Whether American arms and aid went to a government that has since been overthrown by an enemy."""
    since = OVERTHROWN_SINCE.items()
    return pl.any_horizontal((pl.col("iso3") == iso3) & (pl.col("origin") >= year) for iso3, year in since)


def _score_dependence_parts() -> dict[str, pl.Expr]:
    yearly_aid = pl.col("usmil_assistance_usd_med5").clip(0)
    received = {
        "leverage_arms": 100 * pl.col("sipri_us_share10"),
        "leverage_stock": 100 * pl.col("sipri_us_support_share"),
        "leverage_assistance": compute_saturating_score(
            yearly_aid / pl.col("nmc_spending_usd").clip(1), HALF_AID_RATIO
        ),
    }
    bound = {part: pl.when(~check_supplied_predecessor()).then(points) for part, points in received.items()}
    return bound | {"leverage_presence": score_troop_presence(pl.col("us_forces"))}


def _score_hedging_parts() -> dict[str, pl.Expr]:
    held, lately = pl.col("sipri_rivals_share15"), pl.col("sipri_rivals_share5")
    influence = pl.max_horizontal("fbic_china", "fbic_russia")
    return {
        "hedging_suppliers": 100 * held,
        "hedging_drift": 100 * (2 * (lately - held)).clip(0, 1),
        "hedging_influence": compute_saturating_score(influence, HALF_INFLUENCE),
        "hedging_industry": compute_saturating_score(pl.col("sipri_exports_tiv_sum10"), HALF_EXPORTS),
    }
