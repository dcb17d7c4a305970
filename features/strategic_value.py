"""What a partner is worth to the United States (0-100): alliance, presence, alignment, frontline and weight.

Frontline is nearness to Russia or China, without a pact with them, or to the United States itself.
"""

import polars as pl

from features.leverage import presence, weighted

VALUE = {
    "value_alliance": 0.35,
    "value_presence": 0.20,
    "value_alignment": 0.15,
    "value_frontline": 0.15,
    "value_weight": 0.15,
}
# Points for the closest tie there is: a treaty of mutual defence, major non-NATO ally, or an older pact on paper.
TREATY, MAJOR_ALLY, OLD_PACT = 100, 70, 30
# Voting apart by this much at the General Assembly is as far as partners go.
FARTHEST_VOTES = 4.0
# A frontline fades with the distance to Russia or China, and to the United States: to 37% at this many kilometres.
FRONTLINE_KM = 800


def strategic_value(panel: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """The index and its parts by iso3 and origin, 0-100 or null.

    `ties` has iso3, treaty_ally and major_ally (booleans), as listed on the day of the decision.
    """
    rows = panel.join(ties, on="iso3", how="left").with_columns(region_weight=_region_weight())
    parts = rows.select("iso3", "origin", **_parts())
    return parts.with_columns(strategic_value=weighted(VALUE, 3)).with_columns(pl.exclude("iso3", "origin").round(1))


def _parts() -> dict[str, pl.Expr]:
    tie = (
        pl.when(pl.col("treaty_ally"))
        .then(TREATY)
        .when(pl.col("major_ally"))
        .then(MAJOR_ALLY)
        .when(pl.col("atop_us_defense") > 0)
        .then(OLD_PACT)
        .otherwise(0)
    )
    nearest = pl.min_horizontal("distance_russia_km", "distance_china_km")
    homeland = 100 * (-pl.col("distance_usa_km") / FRONTLINE_KM).exp()
    rival = pl.max_horizontal("rival_russia", "rival_china").fill_null(0)
    theirs = pl.max_horizontal("atop_russia_defense", "atop_china_defense").fill_null(0) > 0
    exposed = pl.max_horizontal(100 * (-nearest / FRONTLINE_KM).exp(), 100 * rival)
    return {
        "value_alliance": tie.cast(pl.Float64),
        "value_presence": presence(pl.col("ustroops_total")),
        "value_alignment": 100 * (1 - pl.col("unga_distance_usa") / FARTHEST_VOTES).clip(0, 1),
        "value_frontline": pl.when(theirs | pl.col("iso3").is_in(["RUS", "CHN"]))
        .then(0.0)
        .otherwise(pl.max_horizontal(exposed, homeland)),
        "value_weight": pl.col("region_weight"),
    }


def _region_weight() -> pl.Expr:
    """Square root of the partner's share of its region's military capabilities, times 100."""
    share = pl.col("nmc_share") / pl.col("nmc_share").sum().over("region", "origin")
    return 100 * share.sqrt()
