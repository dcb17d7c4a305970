"""Powell and Thyne: attempted and successful coups."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

COUNT_COLUMNS = {"pt_attempt_num": "coup_attempts", "pt_coup_num": "coup_successes"}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `events`: coup attempts and successful coups in every state and year, mostly zero."""
    types = {"gwcode": pl.Int64, "year": pl.Int64} | dict.fromkeys(COUNT_COLUMNS, pl.Float64)
    facts = read_published(folder, "coups/ptcoups_gwyear_1950-2025.csv", types).rename(COUNT_COLUMNS)
    return {"events": map_to_partners(facts, "gwcode", "gw", "coups")}
