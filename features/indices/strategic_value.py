"""Strategic value of a partner to the United States (0-100): alliance, access, alignment, frontline, pressure, weight.

Frontline is nearness to or rivalry with Russia or China, and pressure is their influence on the partner; both are
reduced by the power's share of the partner's arms, and zero if the partner has a defense pact with either.
"""

import polars as pl

from features.indices.leverage import (
    HALF_INFLUENCE,
    check_supplied_predecessor,
    compute_saturating_score,
    compute_weighted_mean,
    score_troop_presence,
)

VALUE_WEIGHTS = {
    "value_alliance": 0.30,
    "value_presence": 0.20,
    "value_frontline": 0.15,
    "value_weight": 0.15,
    "value_alignment": 0.10,
    "value_pressure": 0.05,
    "value_homeland": 0.05,
}
# Points for the closest tie: a mutual defense treaty, major non-NATO ally status, or a weaker tie on paper: an older
# pact, or the agreement that a large base requires.
TREATY_POINTS, MAJOR_ALLY_POINTS, PAPER_TIE_POINTS = 100, 70, 30
# The largest distance between a partner's and the US votes in the General Assembly.
FARTHEST_VOTES = 4.0
# Nearness falls with the distance to Russia, China or the United States: to 37% at this many kilometers.
NEAR_KM = 800
# Number of large bases for half of the full score. US arms only suggest access: they count at most half, and half of
# that at this volume in ten years (million TIV).
HALF_BASES, ARMS_WEIGHT, HALF_ARMS = 2, 0.5, 1_000
RIVAL_POWERS = ("russia", "china")


def compute_strategic_value(known: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """The index and its parts by iso3 and origin, 0-100 or null.

    `known` holds rows of the panel with region and the facts of index_inputs; `ties` has iso3, treaty_ally
    and major_ally (booleans), as listed on the day of the decision.
    """
    rows = known.join(ties, on="iso3", how="left").with_columns(region_weight=_compute_region_weight())
    parts = rows.select("iso3", "origin", **_score_parts())
    return parts.with_columns(strategic_value=compute_weighted_mean(VALUE_WEIGHTS, 3)).with_columns(
        pl.exclude("iso3", "origin").round(1)
    )


def _score_parts() -> dict[str, pl.Expr]:
    return {
        "value_alliance": _score_alliance(),
        "value_presence": _score_access(),
        "value_frontline": _zero_rival_partners(pl.max_horizontal(_score_exposure(power) for power in RIVAL_POWERS)),
        "value_weight": pl.col("region_weight"),
        "value_alignment": 100 * (1 - pl.col("unga_distance_usa") / FARTHEST_VOTES).clip(0, 1),
        "value_pressure": _zero_rival_partners(pl.max_horizontal(_score_pressure(power) for power in RIVAL_POWERS)),
        "value_homeland": _zero_rival_partners(_score_nearness("usa")),
    }


def _score_alliance() -> pl.Expr:
    return (
        pl.when(pl.col("treaty_ally"))
        .then(TREATY_POINTS)
        .when(pl.col("major_ally"))
        .then(MAJOR_ALLY_POINTS)
        .when((pl.col("atop_us_defense") > 0) | (pl.col("us_bases") > 0))
        .then(PAPER_TIE_POINTS)
        .otherwise(0)
    ).cast(pl.Float64)


def _score_access() -> pl.Expr:
    """The best sign of access: forces, bases or arms; unknown if forces are unknown and there is no other sign."""
    arms = pl.when(~check_supplied_predecessor()).then(
        ARMS_WEIGHT * compute_saturating_score(pl.col("sipri_us_tiv_sum10").clip(0), HALF_ARMS)
    )
    signs = pl.max_horizontal(compute_saturating_score(pl.col("us_bases"), HALF_BASES), arms)
    forces = score_troop_presence(pl.col("us_forces"))
    return pl.when(forces.is_not_null() | (signs > 0)).then(pl.max_horizontal(forces, signs))


def _score_nearness(power: str) -> pl.Expr:
    return 100 * (-pl.col(f"distance_{power}_km") / NEAR_KM).exp()


def _score_exposure(power: str) -> pl.Expr:
    """Nearness or rivalry, reduced by the power's share of the partner's arms."""
    rival = 100 * pl.col(f"rival_{power}").fill_null(0)
    return pl.max_horizontal(_score_nearness(power), rival) * _compute_other_arms_share(power)


def _score_pressure(power: str) -> pl.Expr:
    """Influence through trade, money and politics, reduced by the power's share of the partner's arms."""
    return compute_saturating_score(pl.col(f"fbic_{power}"), HALF_INFLUENCE) * _compute_other_arms_share(power)


def _compute_other_arms_share(power: str) -> pl.Expr:
    return 1 - pl.col(f"sipri_{power}_share10").fill_null(0)


def _zero_rival_partners(points: pl.Expr) -> pl.Expr:
    """Zero for Russia, China and partners with a defense pact with either."""
    pact = pl.max_horizontal("atop_russia_defense", "atop_china_defense").fill_null(0) > 0
    return pl.when(pact | pl.col("iso3").is_in(["RUS", "CHN"])).then(0.0).otherwise(points)


def _compute_region_weight() -> pl.Expr:
    """100 times the square root of the partner's share of its region: mean of military capabilities and economy."""
    economy = pl.col("wdi_gdp_per_head_usd") * pl.col("wdi_population")
    shares = [size / size.sum().over("region", "origin") for size in (pl.col("nmc_share"), economy)]
    return 100 * pl.mean_horizontal(shares).sqrt()
