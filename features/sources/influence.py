"""Formal Bilateral Influence Capacity: the influence of China and Russia on each state."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

# Of the two security parts, dependence (secd) measures influence; bandwidth (secb) measures the volume of ties.
INFLUENCE_COLUMNS = {
    "fbic_chn": "fbic_china",
    "fbic_rus": "fbic_russia",
    "secd_chn": "fbic_china_security",
    "secd_rus": "fbic_russia_security",
}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `index`, one row per influenced state and year; neither power has a value for itself."""
    types = {"iso3": pl.String, "year": pl.Int64} | dict.fromkeys(INFLUENCE_COLUMNS, pl.Float64)
    facts = read_published(folder, "alignment/FBIC.csv", types).rename(INFLUENCE_COLUMNS)
    index = map_to_partners(facts, "iso3", "iso3", "influence").with_columns(
        pl.col(*INFLUENCE_COLUMNS.values()).round(6)
    )
    return {"index": index.filter(~pl.all_horizontal(pl.col(*INFLUENCE_COLUMNS.values()).is_null()))}
