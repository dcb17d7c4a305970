"""The yearly facts that pages draw, read from the snapshot once: arms by supplier, US money, neighbours."""

from pathlib import Path

import polars as pl

from features.partners import load_partners
from features.snapshot.cards import RAW, read_card, read_table
from risk.report.inputs import History, Series
from risk.report.labels import MONEY, SUPPLIERS

ARMS = ("sipri_total_tiv", *(f"sipri_{supplier}_tiv" for supplier in SUPPLIERS))
DRAWN = {
    ("sipri", "transfers"): ARMS,
    ("us_assistance", "military"): ("usmil_assistance_usd",),
    ("us_assistance", "aid"): ("usaid_total_usd",),
    ("us_arms_sales", "totals"): tuple(name for name in MONEY if name.startswith("usarms_")),
    ("dsca", "notifications"): ("dsca_notifications",),
}
BY_LAND = 1


def load_history(raw: Path = RAW) -> History:
    """Every series that pages draw, each partner's neighbours by land, and the year each became a state."""
    series: dict[str, Series] = {}
    for (source, table), measures in DRAWN.items():
        zero = read_card(source, raw).tables[table].absent == "zero"
        frame = read_table(source, table, raw)
        series |= {name: _series(frame, name, zero) for name in measures}
    since = load_partners().select("iso3", "first_year")
    return History(series, _neighbours(raw), dict(since.iter_rows()))


def _series(frame: pl.DataFrame, measure: str, zero: bool) -> Series:
    """A measure covers the years in which any partner has it: columns of one table need not end together."""
    known = frame.select("iso3", "year", measure).drop_nulls()
    values: dict[str, dict[int, float]] = {}
    for iso3, year, value in known.iter_rows():
        values.setdefault(iso3, {})[year] = value
    years = known["year"].unique().sort()
    return Series(years[0], years[-1], zero, values)


def _neighbours(raw: Path) -> dict[str, list[str]]:
    borders = read_table("alliances", "neighbours", raw)
    lasting = borders.filter(pl.col("contiguity_type") == BY_LAND, pl.col("last").is_null())
    pairs = lasting.select("iso3", "neighbour").unique().sort("iso3", "neighbour")
    return dict(pairs.group_by("iso3", maintain_order=True).agg("neighbour").iter_rows())
