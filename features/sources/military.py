"""Correlates of War, National Material Capabilities: military spending, personnel, share of world power."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

CAPABILITY_COLUMNS = {"milex": "nmc_spending_usd", "milper": "nmc_personnel", "cinc": "nmc_share"}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `capabilities`: spending in current US dollars, persons under arms, world share (0 to 1)."""
    types = {"ccode": pl.Int64, "year": pl.Int64} | dict.fromkeys(CAPABILITY_COLUMNS, pl.Float64)
    facts = read_published(folder, "military/cow_nmc.csv", types).rename(CAPABILITY_COLUMNS)
    thousands = pl.col("nmc_spending_usd", "nmc_personnel")
    states = map_to_partners(facts, "ccode", "cow", "military").with_columns((thousands * 1000).round(0))
    return {"capabilities": states.filter(~pl.all_horizontal(pl.col(*CAPABILITY_COLUMNS.values()).is_null()))}
