"""Arms-transfer theme: how much comes in, from whom, and how concentrated the suppliers are."""

from pathlib import Path

import polars as pl

from features.cards import RAW
from features.derived import total
from features.timing import as_known, load_facts
from features.vocabulary import Profile

GROUPS = ("us", "russia", "china", "europe", "other")
CATEGORIES = ("sipri_aircraft_tiv", "sipri_armoured_vehicles_tiv", "sipri_missiles_tiv")


def arms_transfers(profile: Profile, raw: Path = RAW) -> list[pl.LazyFrame]:
    """Deliveries of major weapons in SIPRI trend-indicator values (millions), by supplier group, iso3 and origin."""
    total_tiv = "sipri_total_tiv"
    groups = {f"sipri_{group}_tiv": [total(f"sipri_{group}_tiv", 10)] for group in GROUPS}
    deliveries = as_known(
        load_facts("sipri", "transfers", raw),
        {total_tiv: [total(total_tiv, 5), total(total_tiv, 10), total(total_tiv, 30)]}
        | groups
        | {"sipri_us_tiv": [total("sipri_us_tiv", 5), total("sipri_us_tiv", 10), total("sipri_us_tiv", 30)]},
        profile,
    )
    shares = [
        (pl.col(f"sipri_{group}_tiv_sum10") / pl.col("sipri_total_tiv_sum10"))
        .fill_nan(None)
        .clip(0, 1)
        .alias(f"sipri_{group}_share10")
        for group in ("us", "russia", "china", "europe")
    ]
    stock = (
        (pl.col("sipri_us_tiv_sum30") / pl.col("sipri_total_tiv_sum30"))
        .fill_nan(None)
        .clip(0, 1)
        .alias("sipri_us_share30")
    )
    return [
        deliveries.with_columns(*shares, stock),
        as_known(load_facts("sipri", "exports", raw), {"sipri_exports_tiv": [total("sipri_exports_tiv", 10)]}, profile),
        as_known(load_facts("sipri", "categories", raw), {m: [total(m, 10)] for m in CATEGORIES}, profile),
    ]
