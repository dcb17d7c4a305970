"""The words, bands and number formats that pages and tables share."""

import re
from collections.abc import Mapping

TIERS = ("severe", "high", "elevated", "guarded", "low", "referred")
STATUSES = {"ongoing": "Under way", "clear": "Not under way", "unknown": "Not known"}
HOLDS = {True: "Yes", False: "No", None: "Not known"}
REFERENCES = {"confirmed": "confirmed", "verify": "to be verified before anyone relies on it"}
POSTURES = {
    "invest": "Invest: strategic value is high and risk is lower; support can deepen, with the usual checks.",
    "condition": "Condition: strategic value is high and so is risk; keep working together, on conditions.",
    "limit": "Limit: strategic value is low and risk is lower; keep support modest.",
    "be_wary": "Be wary: strategic value is low and the record is poor; start little, be ready to walk away.",
    "referred": "Referred: too much is unknown to suggest a posture; a person must decide.",
}
INDICES: Mapping[str, Mapping[str, str]] = {
    "strategic_value": {
        "value_alliance": "Alliance",
        "value_presence": "US forces and access",
        "value_frontline": "Frontline state",
        "value_weight": "Regional weight",
        "value_alignment": "UN votes alike",
        "value_pressure": "Under rival pressure",
        "value_homeland": "Near the United States",
    },
    "leverage": {"dependence": "Dependence", "hedging": "Less: hedging"},
    "dependence": {
        "leverage_arms": "US share, 10 years",
        "leverage_stock": "US share of the stock",
        "leverage_assistance": "US aid",
        "leverage_presence": "US forces there",
    },
    "hedging": {
        "hedging_suppliers": "Rival suppliers",
        "hedging_drift": "Drift to rivals",
        "hedging_influence": "Rival influence",
        "hedging_industry": "Own industry",
    },
}
# The measures whose last year dates the status of an outcome.
STATUS_FROM = {
    "misuse": ("pts_mean", "ucdp_government_killings"),
    "state_terror": ("pts_mean",),
    "civilian_killing": ("ucdp_government_killings",),
    "coup": ("coup_attempts",),
}
CHANCES = (
    *((1, cases) for cases in (100, 50, 30, 20, 15, 10, 7, 5, 4)),
    *((hits, 10) for hits in (3, 4, 5, 6, 7, 8, 9)),
    (19, 20),
    (49, 50),
    (99, 100),
)
# Units that explain a scale read better in brackets: 0.21 (index 0-1, higher is better).
SCALE = re.compile(r"index|class|scale|score|rating|tier|0 or 1|.*,")


def percent(share: float | None) -> str | None:
    """A share of one in whole percent; the ends stay open, since nothing is certain."""
    if share is None:
        return None
    return "under 1%" if share < 0.01 else "over 99%" if share > 0.99 else f"{share:.0%}"


def spread(low: float | None, high: float | None) -> str | None:
    """An interval of two shares in whole percent, one figure where both ends read alike."""
    ends = percent(low), percent(high)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def chance(probability: float | None) -> str | None:
    """A probability as people say it: 0.31 is 'about 3 in 10'."""
    if probability is None:
        return None
    if not 0.0075 <= probability <= 0.9925:
        return "less than 1 in 100" if probability < 0.5 else "more than 99 in 100"
    hits, cases = min(CHANCES, key=lambda pair: abs(probability - pair[0] / pair[1]))
    return f"about {hits} in {cases}"


def amount(value: float | None, unit: str | None) -> str:
    """A value with its unit, to three figures at most; shares in percent, dollars in millions or billions."""
    if value is None:
        return "not known"
    if not unit:
        return _number(value)
    if unit == "0 or 1" and value in (0, 1):
        return "yes" if value else "no"
    if unit == "share 0-1":
        return f"{value:.0%}"
    if "US dollars" in unit:
        return _dollars(value, unit.replace("US dollars", "").strip())
    return f"{_number(value)} ({unit})" if SCALE.match(unit) else f"{_number(value)} {unit}"


def _dollars(value: float, prices: str) -> str:
    scales = ((1e9, " billion"), (1e6, " million"))
    size, word = next((scale for scale in scales if abs(value) >= scale[0]), (1, ""))
    said = f"${_number(value / size)}{word}"
    return said if prices in ("", "current") else f"{said} ({prices})"


def _number(value: float) -> str:
    size = abs(value)
    if 1900 <= value <= 2100 and float(value).is_integer():
        return f"{value:.0f}"
    if size >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if size >= 1 else f"{round(value, 2):g}"


def phrase(name: str) -> str:
    """A column or rule name as words: 'child_soldiers_list' is 'Child soldiers list'."""
    return name[:1].upper() + name[1:].replace("_", " ")
