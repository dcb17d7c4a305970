"""Governance theme: democracy, liberties, state capacity and the economy."""

from pathlib import Path

import polars as pl

from features.cards import RAW
from features.timing import as_known, change, load_facts, mean, volatility
from features.vocabulary import Profile

DEMOCRACY = ("vdem_polyarchy", "vdem_liberal_democracy", "vdem_civil_liberties", "vdem_free_expression")
CAPACITY = ("wgi_voice", "wgi_effectiveness", "wgi_regulation")


def governance(profile: Profile, raw: Path = RAW) -> list[pl.LazyFrame]:
    """Levels, changes and volatility of democracy, state capacity and development, by iso3 and origin."""
    democracy = {m: [change(m, 1), change(m, 5), volatility(m)] for m in DEMOCRACY}
    ordinals = ("vdemord_free_discussion", "vdemord_party_ban", "vdemord_minority_rule", "vdemord_social_inequality")
    return [
        as_known(load_facts("vdem", "core", raw), democracy | {"vdem_regime": [change("vdem_regime", 5)]}, profile),
        as_known(load_facts("vdem", "ordinals", raw), {m: [] for m in ordinals}, profile),
        as_known(load_facts("wgi", "estimates", raw), {m: [change(m, 5)] for m in CAPACITY}, profile),
        as_known(
            load_facts("wdi", "development", raw),
            {
                "wdi_gdp_per_head_usd": [],
                "wdi_gdp_growth_pct": [mean("wdi_gdp_growth_pct", 5)],
                "wdi_population": [],
                "wdi_infant_mortality_per_1000": [],
                "wdi_trade_pct_gdp": [],
            },
            profile,
        ),
        as_known(load_facts("wdi", "oil", raw), {"wdi_oil_rents_pct_gdp": []}, profile),
        as_known(
            load_facts("alignment", "ideal_points", raw), {"unga_ideal_point": [], "unga_distance_usa": []}, profile
        ),
        as_known(
            load_facts("influence", "index", raw),
            {m: [] for m in ("fbic_china", "fbic_russia", "fbic_china_security", "fbic_russia_security")},
            profile,
        ),
    ]
