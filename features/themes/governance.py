"""Governance theme: democracy, liberties, state capacity and the economy."""

from features.timing.as_known import Derived, Record
from features.timing.derived import (
    below_peak_share,
    change,
    growth,
    held,
    history,
    lowest,
    mean,
    path,
    relative,
    volatility,
)

DEMOCRACY = ("vdem_polyarchy", "vdem_liberal_democracy", "vdem_civil_liberties", "vdem_free_expression")
CAPACITY = ("wgi_voice", "wgi_effectiveness", "wgi_regulation")


def governance() -> list[Record]:
    """Levels, changes and volatility of democracy, state capacity and development, by iso3 and origin."""
    income, growing, infants = "wdi_gdp_per_head_usd", "wdi_gdp_growth_pct", "wdi_infant_mortality_per_1000"
    ordinals = ("vdemord_free_discussion", "vdemord_party_ban", "vdemord_minority_rule", "vdemord_social_inequality")
    return [
        Record("vdem", "core", {**democracy_record(), "vdem_regime": [change("vdem_regime", 5), held("vdem_regime")]}),
        Record("vdem", "ordinals", {m: [] for m in ordinals}),
        Record("wgi", "estimates", {m: [change(m, 5)] for m in CAPACITY}),
        Record(
            "wdi",
            "development",
            {
                income: [*history(income), growth(income, 5), below_peak_share(income, 10)],
                growing: [mean(growing, 5), lowest(growing, 3), volatility(growing)],
                "wdi_population": history("wdi_population"),
                infants: [*history(infants), relative(infants)],
                "wdi_trade_pct_gdp": [],
            },
        ),
        Record("wdi", "oil", {"wdi_oil_rents_pct_gdp": []}),
        Record("alignment", "ideal_points", {"unga_ideal_point": [], "unga_distance_usa": []}),
        Record(
            "influence",
            "index",
            {m: [] for m in ("fbic_china", "fbic_russia", "fbic_china_security", "fbic_russia_security")},
        ),
    ]


def democracy_record() -> Derived:
    """What derives from V-Dem's indices of democracy and liberties."""
    return {m: path(m) for m in DEMOCRACY}
