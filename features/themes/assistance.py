"""Assistance theme: US military aid, sales, notifications, forces and pacts."""

from features.timing.as_known import Record
from features.timing.derived import total, typical


def assistance() -> list[Record]:
    """US dollars, troops and pacts by iso3 and origin; a fiscal year counts as the year it is named after."""
    aid, notified = "usmil_assistance_usd", "dsca_notifications"
    return [
        Record("us_assistance", "military", {aid: [total(aid, 5), total(aid, 10), typical(aid, 5)]}),
        Record("us_assistance", "accounts", {m: [] for m in ("usmil_fmf_usd", "usmil_imet_usd")}),
        Record("us_presence", "troops", {"ustroops_total": []}),
        Record("alliances", "pacts", {m: [] for m in ("atop_us_defense", "atop_russia_defense", "atop_china_defense")}),
        Record(
            "alliances", "distances", {m: [] for m in ("distance_usa_km", "distance_russia_km", "distance_china_km")}
        ),
        Record("dsca", "notifications", {notified: [total(notified, 5)], "dsca_value_usd": []}),
    ]
