"""The words, bands and number formats that pages and tables share."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

TIERS = ("severe", "high", "elevated", "guarded", "low", "referred")
STATUSES = {"ongoing": "Under way", "clear": "Not under way", "unknown": "Not known"}
HOLDS = {True: "Yes", False: "No", None: "Not known"}
TIER_LETTERS = {tier: tier[0].upper() for tier in TIERS}
REFERENCES = {"confirmed": "confirmed", "verify": "to be verified before anyone relies on it"}
POSTURES = {
    "invest": "Invest: strategic value is high and risk is lower; support can deepen, with the usual checks.",
    "condition": "Condition: strategic value is high and so is risk; keep working together, on conditions.",
    "limit": "Limit: strategic value is low and risk is lower; keep support modest.",
    "be_wary": "Be wary: strategic value is low and the record is poor; start little, be ready to walk away.",
    "referred": "Referred: too much is unknown to suggest a posture; a person must decide.",
}
ADVICE = {
    "invest": "Support can deepen, with the usual checks",
    "condition": "Keep working together, on conditions",
    "limit": "Keep support modest",
    "be_wary": "Start little and be ready to walk away",
    "referred": "Until then rely on no figure",
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
SUPPLIERS = {
    "us": "United States",
    "russia": "Russia (once the Soviet Union)",
    "china": "China",
    "europe": "Europe without Russia",
    "other": "Others",
}
MONEY = {
    "usmil_assistance_usd": "US military assistance",
    "usaid_total_usd": "All US assistance",
    "usarms_fms_agreements_usd": "Foreign Military Sales agreed",
    "usarms_fms_deliveries_usd": "Foreign Military Sales delivered",
    "usarms_dcs_licences_usd": "Direct Commercial Sales licensed",
    "dsca_notifications": "Sales notified to Congress (number)",
}
MONEY_NOTES = (
    "Assistance is obligations by fiscal year in current dollars; FY2024 and FY2025 are not complete in the source, "
    "and amounts later taken back count against the year.",
    "Foreign Military Sales end in 2016 (agreed) and 2017 (delivered), licences for articles, without services, in "
    "2018; the licences of 2008 and 2018 are out of line.",
    "Notifications have no year 2005 to 2007 and lack Taiwan: a year without one proves nothing.",
)
# A card's title is too long for a table.
SOURCES = {
    "alignment": "UN votes",
    "alliances": "ATOP and Correlates of War",
    "coups": "Powell and Thyne",
    "dsca": "DSCA",
    "influence": "Pardee Institute",
    "military": "Correlates of War",
    "pts": "Political Terror Scale",
    "rivalries": "Strategic rivalries",
    "sipri": "SIPRI",
    "trafficking": "State Department, trafficking",
    "ucdp": "UCDP",
    "us_arms_sales": "Security Assistance Monitor",
    "us_assistance": "USAID and State",
    "us_presence": "Troop data",
    "vdem": "V-Dem",
    "wdi": "World Bank, development",
    "wgi": "World Bank, governance",
}
# What the rules read and no model does; a pattern's group is said in words.
FACTS = {
    r"iso3": "The partner",
    r"tier": "Tier of misuse",
    r"(\w+)_tier": "Tier of {}",
    r"(\w+)_status": "State of {}",
    r"us_partner": "US arms, military aid or notified sales in the last five years",
    r"listed_(\w+)": "On the list: {}",
    r"waived_(\w+)": "Waived: {}",
    r"(strategic_value|leverage|dependence|hedging)": "{} (0 to 100)",
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
    said = f"{'−' if value < 0 else ''}${_number(abs(value) / size)}{word}"
    return said if prices in ("", "current") else f"{said} ({prices})"


def _number(value: float) -> str:
    size = abs(value)
    if 1900 <= value <= 2100 and float(value).is_integer():
        return f"{value:.0f}"
    if size >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if size >= 1 else f"{round(value, 2):g}"


def money(value: float) -> str:
    """Dollars as people say them, zero without a sign."""
    return amount(value, "US dollars") if value else "0"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: 1 redline, 2 redlines."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as a list in a sentence: a, b and c."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


@lru_cache
def fact_label(column: str) -> str | None:
    """What a column that only rules read says, or none where no pattern fits it."""
    for pattern, words in FACTS.items():
        if found := re.fullmatch(pattern, column):
            said = words.format(*(part.replace("_", " ") for part in found.groups()))
            return said[:1].upper() + said[1:]
    return None


def phrase(name: str) -> str:
    """A column or rule name as words: 'child_soldiers_list' is 'Child soldiers list'."""
    return name[:1].upper() + name[1:].replace("_", " ")
