"""Assistance theme: US military aid, sales, notifications, forces and pacts."""

from pathlib import Path

import polars as pl

from features.cards import RAW
from features.derived import total, typical
from features.timing import as_known, load_facts
from features.vocabulary import Profile


def assistance(profile: Profile, raw: Path = RAW) -> list[pl.LazyFrame]:
    """US dollars, troops and pacts by iso3 and origin; a fiscal year counts as the year it is named after."""
    aid, notified = "usmil_assistance_usd", "dsca_notifications"
    return [
        as_known(
            load_facts("us_assistance", "military", raw),
            {aid: [total(aid, 5), total(aid, 10), typical(aid, 5)]},
            profile,
        ),
        as_known(
            load_facts("us_assistance", "accounts", raw), {m: [] for m in ("usmil_fmf_usd", "usmil_imet_usd")}, profile
        ),
        as_known(load_facts("us_presence", "troops", raw), {"ustroops_total": []}, profile),
        as_known(
            load_facts("alliances", "pacts", raw),
            {m: [] for m in ("atop_us_defense", "atop_russia_defense", "atop_china_defense")},
            profile,
        ),
        as_known(
            load_facts("alliances", "distances", raw),
            {m: [] for m in ("distance_usa_km", "distance_russia_km", "distance_china_km")},
            profile,
        ),
        as_known(
            load_facts("dsca", "notifications", raw), {notified: [total(notified, 5)], "dsca_value_usd": []}, profile
        ),
    ]
