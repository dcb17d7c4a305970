"""Political Terror Scale: state violence as reported by the State Department, Amnesty and Human Rights Watch."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

TERROR_COLUMNS = {"PTS_S": "pts_state", "PTS_A": "pts_amnesty", "PTS_H": "pts_hrw"}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `scores`, one row per state and year that any of the three covers, 1 (least terror) to 5."""
    types = {"Country_OLD": pl.String, "Year": pl.Int64} | dict.fromkeys(TERROR_COLUMNS, pl.Float64)
    facts = read_published(folder, "pts/pts_1976_2023.csv", types).rename(TERROR_COLUMNS | {"Year": "year"})
    # The file lists every name in every year; empty rows would give successor states two rows per year.
    scored = facts.filter(~pl.all_horizontal(pl.col(*TERROR_COLUMNS.values()).is_null()))
    return {"scores": map_to_partners(scored, "Country_OLD", "name", "pts")}
