"""Conflict theme: battle deaths, armed groups, coups, stability, rivals and the weight of the armed forces."""

from pathlib import Path

import polars as pl

from features.cards import RAW
from features.timing import as_known, change, highest, load_facts, mean, since, total
from features.vocabulary import Profile


def conflict(profile: Profile, raw: Path = RAW) -> list[pl.LazyFrame]:
    """Levels, sums, time since the last event and the military's size, by iso3 and origin."""
    battle, fought, intensity = "ucdp_battle_deaths", "ucdp_conflict_deaths", "ucdp_conflict_intensity"
    return [
        as_known(
            load_facts("ucdp", "country", raw),
            {
                battle: [total(battle, 5), change(battle, 1), since(battle, 25)],
                "ucdp_onesided_any": [total("ucdp_onesided_any", 5)],
                "ucdp_nonstate_deaths": [total("ucdp_nonstate_deaths", 5)],
            },
            profile,
        ),
        as_known(load_facts("ucdp", "warring", raw), {fought: [total(fought, 5)]}, profile),
        as_known(
            load_facts("ucdp", "armed_conflict", raw),
            {"ucdp_conflicts": [], intensity: [mean(intensity, 10), highest(intensity, 10), since(intensity, 1)]},
            profile,
        ),
        as_known(
            load_facts("coups", "events", raw),
            {
                "coup_attempts": [total("coup_attempts", 5), total("coup_attempts", 10), since("coup_attempts", 1)],
                "coup_successes": [total("coup_successes", 10), since("coup_successes", 1)],
            },
            profile,
        ),
        as_known(load_facts("wgi", "estimates", raw), {"wgi_stability": [change("wgi_stability", 5)]}, profile),
        as_known(
            load_facts("rivalries", "rivalries", raw),
            {m: [] for m in ("rivalries", "rival_russia", "rival_china")},
            profile,
        ),
        as_known(
            load_facts("military", "capabilities", raw),
            {m: [] for m in ("nmc_spending_usd", "nmc_personnel", "nmc_share")},
            profile,
        ),
    ]
