"""Assistance theme: US military aid, sales, notifications, forces and pacts."""

from features.timing.as_known import TableFeatures
from features.timing.derived import compute_median, compute_total


def list_assistance_features() -> list[TableFeatures]:
    """US dollars, troops and pacts by iso3 and origin; a fiscal year counts as the year it is named after."""
    aid, notified = "usmil_assistance_usd", "dsca_notifications"
    return [
        TableFeatures(
            "us_assistance", "military", {aid: [compute_total(aid, 5), compute_total(aid, 10), compute_median(aid, 5)]}
        ),
        TableFeatures("us_assistance", "accounts", {m: [] for m in ("usmil_fmf_usd", "usmil_imet_usd")}),
        TableFeatures("us_presence", "troops", {"ustroops_total": []}),
        TableFeatures(
            "alliances", "pacts", {m: [] for m in ("atop_us_defense", "atop_russia_defense", "atop_china_defense")}
        ),
        TableFeatures(
            "alliances", "distances", {m: [] for m in ("distance_usa_km", "distance_russia_km", "distance_china_km")}
        ),
        TableFeatures("dsca", "notifications", {notified: [compute_total(notified, 5)], "dsca_value_usd": []}),
    ]
