"""What a partner is worth to the United States (0-100): alliance, access, alignment, frontline, pressure and weight.

Frontline is nearness to Russia or China or rivalry with them, and pressure their influence on the partner; neither
counts towards a power that arms the partner, and none of it with a pact of defence with either.
"""

import polars as pl

from features.indices.leverage import HALF_INFLUENCE, presence, saturating, supplied_another, weighted

VALUE = {
    "value_alliance": 0.30,
    "value_presence": 0.20,
    "value_frontline": 0.15,
    "value_weight": 0.15,
    "value_alignment": 0.10,
    "value_pressure": 0.05,
    "value_homeland": 0.05,
}
# Points for the closest tie there is: a treaty of mutual defence, major non-NATO ally, or less on paper: an older pact,
# or the agreement without which there would be no large base.
TREATY, MAJOR_ALLY, ON_PAPER = 100, 70, 30
# Voting apart by this much at the General Assembly is as far as partners go.
FARTHEST_VOTES = 4.0
# Nearness fades with the distance to Russia, China or the United States: to 37% at this many kilometres.
NEAR_KM = 800
# Half of the full score for so many large bases. American arms are a sign of access but no more than that: they count
# at most half, and half of that for this volume in ten years (million TIV).
HALF_BASES, SIGN, HALF_ARMS = 2, 0.5, 1_000
POWERS = ("russia", "china")


def strategic_value(known: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """The index and its parts by iso3 and origin, 0-100 or null.

    `known` holds rows of the panel with region and the facts of features.indices.inputs; `ties` has iso3, treaty_ally
    and major_ally (booleans), as listed on the day of the decision.
    """
    rows = known.join(ties, on="iso3", how="left").with_columns(region_weight=_region_weight())
    parts = rows.select("iso3", "origin", **_parts())
    return parts.with_columns(strategic_value=weighted(VALUE, 3)).with_columns(pl.exclude("iso3", "origin").round(1))


def _parts() -> dict[str, pl.Expr]:
    return {
        "value_alliance": _tie(),
        "value_presence": _access(),
        "value_frontline": _unless_theirs(pl.max_horizontal(_exposed(power) for power in POWERS)),
        "value_weight": pl.col("region_weight"),
        "value_alignment": 100 * (1 - pl.col("unga_distance_usa") / FARTHEST_VOTES).clip(0, 1),
        "value_pressure": _unless_theirs(pl.max_horizontal(_pressed(power) for power in POWERS)),
        "value_homeland": _unless_theirs(_near("usa")),
    }


def _tie() -> pl.Expr:
    return (
        pl.when(pl.col("treaty_ally"))
        .then(TREATY)
        .when(pl.col("major_ally"))
        .then(MAJOR_ALLY)
        .when((pl.col("atop_us_defense") > 0) | (pl.col("us_bases") > 0))
        .then(ON_PAPER)
        .otherwise(0)
    ).cast(pl.Float64)


def _access() -> pl.Expr:
    """The best sign of access there is: forces, bases or arms; unknown if forces are and nothing else speaks for it."""
    arms = pl.when(~supplied_another()).then(SIGN * saturating(pl.col("sipri_us_tiv_sum10").clip(0), HALF_ARMS))
    signs = pl.max_horizontal(saturating(pl.col("us_bases"), HALF_BASES), arms)
    there = presence(pl.col("us_forces"))
    return pl.when(there.is_not_null() | (signs > 0)).then(pl.max_horizontal(there, signs))


def _near(power: str) -> pl.Expr:
    return 100 * (-pl.col(f"distance_{power}_km") / NEAR_KM).exp()


def _exposed(power: str) -> pl.Expr:
    """Nearness or rivalry, less by the power's share of the partner's arms."""
    rival = 100 * pl.col(f"rival_{power}").fill_null(0)
    return pl.max_horizontal(_near(power), rival) * _not_armed_by(power)


def _pressed(power: str) -> pl.Expr:
    """Influence through trade, money and politics, less by the power's share of the partner's arms."""
    return saturating(pl.col(f"fbic_{power}"), HALF_INFLUENCE) * _not_armed_by(power)


def _not_armed_by(power: str) -> pl.Expr:
    return 1 - pl.col(f"sipri_{power}_share10").fill_null(0)


def _unless_theirs(points: pl.Expr) -> pl.Expr:
    """Nought for Russia, China and whoever has a pact of defence with either."""
    pact = pl.max_horizontal("atop_russia_defense", "atop_china_defense").fill_null(0) > 0
    return pl.when(pact | pl.col("iso3").is_in(["RUS", "CHN"])).then(0.0).otherwise(points)


def _region_weight() -> pl.Expr:
    """Square root of the partner's share of its region, of military capabilities and economy on average, times 100."""
    economy = pl.col("wdi_gdp_per_head_usd") * pl.col("wdi_population")
    shares = [size / size.sum().over("region", "origin") for size in (pl.col("nmc_share"), economy)]
    return 100 * pl.mean_horizontal(shares).sqrt()
