"""Reads the yearly series that pages chart: arms by supplier, US money, neighbors."""

import polars as pl

from features.partners import load_partners
from features.snapshot.snapshot import Snapshot
from risk.report.inputs import PartnerHistory, YearlySeries
from risk.report.labels import MONEY_LABELS, SUPPLIER_LABELS

ARMS_MEASURES = ("sipri_total_tiv", *(f"sipri_{supplier}_tiv" for supplier in SUPPLIER_LABELS))
DRAWN_MEASURES = {
    ("sipri", "transfers"): ARMS_MEASURES,
    ("us_assistance", "military"): ("usmil_assistance_usd",),
    ("us_assistance", "aid"): ("usaid_total_usd",),
    ("us_arms_sales", "totals"): tuple(name for name in MONEY_LABELS if name.startswith("usarms_")),
    ("dsca", "notifications"): ("dsca_notifications",),
}
LAND_BORDER = 1


def load_history(snapshot: Snapshot) -> PartnerHistory:
    """Every series that pages draw, each partner's neighbours by land, and the year each became a state."""
    series: dict[str, YearlySeries] = {}
    for (source, table), measures in DRAWN_MEASURES.items():
        zero = snapshot.read_card(source).tables[table].absent == "zero"
        frame = snapshot.read_table(source, table)
        series |= {name: _build_series(frame, name, zero) for name in measures}
    since = load_partners().select("iso3", "first_year")
    return PartnerHistory(series, _list_neighbors(snapshot), dict(since.iter_rows()))


def _build_series(frame: pl.DataFrame, measure: str, zero: bool) -> YearlySeries:
    """Build a measure's series over the years in which any partner has a value; columns may end in different years."""
    known = frame.select("iso3", "year", measure).drop_nulls()
    values: dict[str, dict[int, float]] = {}
    for iso3, year, value in known.iter_rows():
        values.setdefault(iso3, {})[year] = value
    years = known["year"].unique().sort()
    return YearlySeries(years[0], years[-1], zero, values)


def _list_neighbors(snapshot: Snapshot) -> dict[str, list[str]]:
    borders = snapshot.read_table("alliances", "neighbours")
    lasting = borders.filter(pl.col("contiguity_type") == LAND_BORDER, pl.col("last").is_null())
    pairs = lasting.select("iso3", "neighbour").unique().sort("iso3", "neighbour")
    return dict(pairs.group_by("iso3", maintain_order=True).agg("neighbour").iter_rows())
