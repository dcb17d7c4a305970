"""State Department tiers of effort against trafficking in persons."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `tiers`: Tier 1 as 1, Tier 2 as 2, Tier 2 Watch List as 3 and Tier 3 as 4, by year of the report."""
    types = {"iso": pl.String, "year": pl.Int64, "tier": pl.Float64}
    facts = read_published(folder, "trafficking/tip_tiers_1999_2015.csv", types).drop_nulls("tier")
    return {"tiers": map_to_partners(facts.rename({"tier": "tip_tier"}), "iso", "iso3", "trafficking")}
