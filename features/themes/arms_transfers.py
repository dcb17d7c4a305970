"""Arms-transfer theme: how much comes in, from whom, and how concentrated the suppliers are."""

import polars as pl

from features.timing.as_known import Record
from features.timing.derived import total

GROUPS = ("us", "russia", "china", "europe", "other")
CATEGORIES = ("sipri_aircraft_tiv", "sipri_armoured_vehicles_tiv", "sipri_missiles_tiv")


def arms_transfers() -> list[Record]:
    """Deliveries of major weapons in SIPRI trend-indicator values (millions), by supplier group."""
    groups = {f"sipri_{group}_tiv": [total(f"sipri_{group}_tiv", 10)] for group in GROUPS}
    in_full = {m: [total(m, years) for years in (5, 10, 30)] for m in ("sipri_total_tiv", "sipri_us_tiv")}
    deliveries = {"sipri_total_tiv": in_full["sipri_total_tiv"], **groups, "sipri_us_tiv": in_full["sipri_us_tiv"]}
    shares = [_share(group, 10) for group in ("us", "russia", "china", "europe")]
    return [
        Record("sipri", "transfers", deliveries, shares=[*shares, _share("us", 30)]),
        Record("sipri", "exports", {"sipri_exports_tiv": [total("sipri_exports_tiv", 10)]}),
        Record("sipri", "categories", {m: [total(m, 10)] for m in CATEGORIES}),
    ]


def _share(group: str, years: int) -> pl.Expr:
    share = pl.col(f"sipri_{group}_tiv_sum{years}") / pl.col(f"sipri_total_tiv_sum{years}")
    return share.fill_nan(None).clip(0, 1).alias(f"sipri_{group}_share{years}")
