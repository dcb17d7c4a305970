"""The labels that pages and tables share."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Index = Literal["strategic_value", "leverage", "dependence", "hedging"]
SHOWN_TIERS = ("severe", "high", "elevated", "guarded", "low", "referred")
STATUS_LABELS = {"ongoing": "Under way", "clear": "Not under way", "unknown": "Not known"}
HOLDS_LABELS = {True: "Yes", False: "No", None: "Not known"}
TIER_LETTERS = {tier: tier[0].upper() for tier in SHOWN_TIERS}
REFERENCE_LABELS = {"confirmed": "confirmed", "verify": "to be verified before anyone relies on it"}
POSTURE_TEXTS = {
    "invest": "Invest: strategic value is high and risk is lower; support can deepen, with the usual checks.",
    "condition": "Condition: strategic value is high and so is risk; keep working together, on conditions.",
    "limit": "Limit: strategic value is low and risk is lower; keep support modest.",
    "be_wary": "Be wary: strategic value is low and the record is poor; start little, be ready to walk away.",
    "referred": "Referred: too much is unknown to suggest a posture; a person must decide.",
}
POSTURE_ADVICE = {
    "invest": "Support can deepen, with the usual checks",
    "condition": "Keep working together, on conditions",
    "limit": "Keep support modest",
    "be_wary": "Start little and be ready to walk away",
    "referred": "Until then rely on no figure",
}
INDEX_LABELS: Mapping[Index, Mapping[str, str]] = {
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
STATUS_MEASURES = {
    "misuse": ("pts_mean", "ucdp_government_killings"),
    "state_terror": ("pts_mean",),
    "civilian_killing": ("ucdp_government_killings",),
    "coup": ("coup_attempts",),
}
SUPPLIER_LABELS = {
    "us": "United States",
    "russia": "Russia (once the Soviet Union)",
    "china": "China",
    "europe": "Europe without Russia",
    "other": "Others",
}
MONEY_LABELS = {
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
SOURCE_LABELS = {
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
# Columns that rules read but no model does; {} is replaced by the words of the pattern's group.
FACT_LABELS = {
    r"iso3": "The partner",
    r"tier": "Tier of misuse",
    r"(\w+)_tier": "Tier of {}",
    r"(\w+)_status": "State of {}",
    r"us_partner": "US arms, military aid or notified sales in the last five years",
    r"listed_(\w+)": "On the list: {}",
    r"waived_(\w+)": "Waived: {}",
    r"(strategic_value|leverage|dependence|hedging)": "{} (0 to 100)",
}


@lru_cache
def find_fact_label(column: str) -> str | None:
    """Find the label of a column that only rules read, or return None if no pattern matches."""
    for pattern, words in FACT_LABELS.items():
        if match := re.fullmatch(pattern, column):
            text = words.format(*(part.replace("_", " ") for part in match.groups()))
            return text[:1].upper() + text[1:]
    return None
