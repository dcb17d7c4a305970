"""Arms stock that still needs support: the US share of it, and the share of rival suppliers in recent deliveries."""

import polars as pl

from features.snapshot.snapshot import Snapshot
from features.timing.as_known import derive_as_known, load_table_facts
from features.timing.derived import compute_total
from features.vocabulary import Profile

# Years for which an item needs its maker's parts, overhauls and updates. A judgment: navies plan 30 to 35 years for a
# frigate or destroyer and keep aircraft as long; vehicles, guns and sensors last, but others learn to repair them or
# they are replaced sooner; a missile stays in storage until its motor and battery are too old.
SUPPORT_YEARS = {"long": 30, "medium": 20, "short": 15}
RECENT_YEARS, LONG_YEARS = 5, 15


def compute_support_share(profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """sipri_us_support_share: the US share of all volumes delivered, each times its years of support still to come."""
    share = (
        (_sum_remaining_support("sipri_us") / _sum_remaining_support("sipri"))
        .fill_nan(None)
        .clip(0, 1)
        .alias("sipri_us_support_share")
    )
    known = derive_as_known(load_table_facts("sipri", "lives", snapshot), {"sipri_long_tiv": [share]}, profile)
    return known.select("iso3", "origin", "sipri_us_support_share")


def compute_rival_shares(profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """sipri_rivals_share5, sipri_rivals_share15: share of Russia and China in deliveries of the last 5 and 15 years."""
    windows = (RECENT_YEARS, LONG_YEARS)
    parts = ("sipri_total_tiv", "sipri_russia_tiv", "sipri_china_tiv")
    known = derive_as_known(
        load_table_facts("sipri", "transfers", snapshot),
        {m: [compute_total(m, years) for years in windows] for m in parts},
        profile,
    )
    shares = {
        f"sipri_rivals_share{years}": (
            (pl.col(f"sipri_russia_tiv_sum{years}") + pl.col(f"sipri_china_tiv_sum{years}"))
            / pl.col(f"sipri_total_tiv_sum{years}")
        )
        .fill_nan(None)
        .clip(0, 1)
        for years in windows
    }
    return known.select("iso3", "origin", **shares)


def _sum_remaining_support(prefix: str) -> pl.Expr:
    """Volume of each past year times the years of support it still needs; this year's volume counts in full."""
    remaining = pl.sum_horizontal(
        pl.col(f"{prefix}_{life}_tiv").shift(age).fill_null(0) * (years - age)
        for life, years in SUPPORT_YEARS.items()
        for age in range(years)
    )
    return remaining.over("state").round(4)
