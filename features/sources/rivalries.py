"""Strategic rivalries between states, counted by year."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

RIVALRIES_FILE = "alliances/tss_rivalries.csv"
FIRST_YEAR = 1946
RUSSIA_NUMBER, CHINA_NUMBER = 365, 710
# In this rivalry the publisher gives South Yemen, its first state, the number of the other Yemen.
MISNUMBERED_RIVALRY, SOUTH_YEMEN_NUMBER = "Oman-S. Yemen", 680


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `rivalries` by state and year: the number of rivals, and whether Russia or China is among them."""
    rival = pl.col("rival")
    tidy = map_to_partners(_list_rival_years(folder), "state", "cow", "rivalries")
    rivalries = tidy.group_by("iso3", "year").agg(
        rivalries=rival.n_unique(),
        rival_russia=(rival == RUSSIA_NUMBER).any().cast(pl.Int8),
        rival_china=(rival == CHINA_NUMBER).any().cast(pl.Int8),
    )
    return {"rivalries": rivalries}


def _list_rival_years(folder: Path) -> pl.DataFrame:
    """state, rival, year: each pair in both directions, in every year of its spell from 1946."""
    types: dict[str, type[pl.DataType]] = dict.fromkeys(["ccode1", "ccode2", "start", "end"], pl.Int64)
    spells = read_published(folder, RIVALRIES_FILE, {"rivalry": pl.String} | types)
    years = pl.int_ranges(pl.col("start").clip(lower_bound=FIRST_YEAR), pl.col("end") + 1)
    pairs = (
        spells.filter(pl.col("end") >= FIRST_YEAR)
        .select(
            state=pl.when(pl.col("rivalry") == MISNUMBERED_RIVALRY).then(SOUTH_YEMEN_NUMBER).otherwise("ccode1"),
            rival="ccode2",
            year=years,
        )
        .explode("year")
    )
    return pl.concat([pairs, pairs.select(state="rival", rival="state", year="year")])
