"""Governance theme: democracy, liberties, state capacity and the economy."""

from features.timing.as_known import DerivedColumns, TableFeatures
from features.timing.derived import (
    compute_change,
    compute_growth,
    compute_mean,
    compute_minimum,
    compute_relative_drop,
    compute_relative_level,
    compute_volatility,
    count_unchanged_years,
    derive_full_path,
    derive_history,
)

DEMOCRACY_MEASURES = ("vdem_polyarchy", "vdem_liberal_democracy", "vdem_civil_liberties", "vdem_free_expression")
CAPACITY_MEASURES = ("wgi_voice", "wgi_effectiveness", "wgi_regulation")


def list_governance_features() -> list[TableFeatures]:
    """Levels, changes and volatility of democracy, state capacity and development, by iso3 and origin."""
    income, growing, infants = "wdi_gdp_per_head_usd", "wdi_gdp_growth_pct", "wdi_infant_mortality_per_1000"
    ordinals = ("vdemord_free_discussion", "vdemord_party_ban", "vdemord_minority_rule", "vdemord_social_inequality")
    return [
        TableFeatures(
            "vdem",
            "core",
            {
                **derive_democracy_features(),
                "vdem_regime": [compute_change("vdem_regime", 5), count_unchanged_years("vdem_regime")],
            },
        ),
        TableFeatures("vdem", "ordinals", {m: [] for m in ordinals}),
        TableFeatures("wgi", "estimates", {m: [compute_change(m, 5)] for m in CAPACITY_MEASURES}),
        TableFeatures(
            "wdi",
            "development",
            {
                income: [*derive_history(income), compute_growth(income, 5), compute_relative_drop(income, 10)],
                growing: [compute_mean(growing, 5), compute_minimum(growing, 3), compute_volatility(growing)],
                "wdi_population": derive_history("wdi_population"),
                infants: [*derive_history(infants), compute_relative_level(infants)],
                "wdi_trade_pct_gdp": [],
            },
        ),
        TableFeatures("wdi", "oil", {"wdi_oil_rents_pct_gdp": []}),
        TableFeatures("alignment", "ideal_points", {"unga_ideal_point": [], "unga_distance_usa": []}),
        TableFeatures(
            "influence",
            "index",
            {m: [] for m in ("fbic_china", "fbic_russia", "fbic_china_security", "fbic_russia_security")},
        ),
    ]


def derive_democracy_features() -> DerivedColumns:
    """Columns derived from V-Dem's indices of democracy and liberties."""
    return {m: derive_full_path(m) for m in DEMOCRACY_MEASURES}
