"""Neighbourhood theme: the average over states that share a land border or a strait, as known at the same origin."""

from pathlib import Path

import polars as pl

from features.cards import RAW, read_table

AVERAGED = (
    "pts_mean",
    "vdem_physical_integrity",
    "vdem_polyarchy",
    "ucdp_battle_deaths_sum5",
    "ucdp_government_killings_sum5",
    "coup_attempts_sum5",
    "wgi_stability",
)


def neighbourhood(known: pl.DataFrame, raw: Path = RAW) -> pl.DataFrame:
    """Neighbours' averages of what is already in the panel `known`: iso3, origin, `<measure>_nb`, row by row."""
    borders = read_table("alliances", "neighbours", raw).select("iso3", "neighbour", "first", "last")
    values = known.select("iso3", "origin", *AVERAGED)
    pairs = (
        values.select("iso3", "origin")
        .join(borders, on="iso3")
        .filter(pl.col("origin") >= pl.col("first"), pl.col("origin") <= pl.col("last").fill_null(9999))
        .select("iso3", "origin", "neighbour")
        .unique()
    )
    near = (
        pairs.join(values, left_on=["neighbour", "origin"], right_on=["iso3", "origin"])
        .group_by("iso3", "origin")
        # A mean of floats moves with their order in its last digits: rounded, the same inputs give the same bytes.
        .agg(pl.col(measure).mean().round(9).alias(f"{measure}_nb") for measure in AVERAGED)
    )
    return values.select("iso3", "origin").join(near, on=["iso3", "origin"], how="left", maintain_order="left")
