"""Arms-transfer theme: volume of deliveries, suppliers and their shares."""

import polars as pl

from features.timing.as_known import TableFeatures
from features.timing.derived import compute_total

SUPPLIER_GROUPS = ("us", "russia", "china", "europe", "other")
CATEGORY_MEASURES = ("sipri_aircraft_tiv", "sipri_armoured_vehicles_tiv", "sipri_missiles_tiv")


def list_arms_transfer_features() -> list[TableFeatures]:
    """Deliveries of major weapons in SIPRI trend-indicator values (millions), by supplier group."""
    groups = {f"sipri_{group}_tiv": [compute_total(f"sipri_{group}_tiv", 10)] for group in SUPPLIER_GROUPS}
    all_windows = {m: [compute_total(m, years) for years in (5, 10, 30)] for m in ("sipri_total_tiv", "sipri_us_tiv")}
    deliveries = {
        "sipri_total_tiv": all_windows["sipri_total_tiv"],
        **groups,
        "sipri_us_tiv": all_windows["sipri_us_tiv"],
    }
    shares = [_compute_supplier_share(group, 10) for group in ("us", "russia", "china", "europe")]
    return [
        TableFeatures("sipri", "transfers", deliveries, shares=[*shares, _compute_supplier_share("us", 30)]),
        TableFeatures("sipri", "exports", {"sipri_exports_tiv": [compute_total("sipri_exports_tiv", 10)]}),
        TableFeatures("sipri", "categories", {m: [compute_total(m, 10)] for m in CATEGORY_MEASURES}),
    ]


def _compute_supplier_share(group: str, years: int) -> pl.Expr:
    share = pl.col(f"sipri_{group}_tiv_sum{years}") / pl.col(f"sipri_total_tiv_sum{years}")
    return share.fill_nan(None).clip(0, 1).alias(f"sipri_{group}_share{years}")
