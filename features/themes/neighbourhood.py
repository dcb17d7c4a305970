"""Neighborhood theme: averages over states that share a land border or a strait, as known at the same origin."""

import polars as pl

from features.snapshot.snapshot import Snapshot

AVERAGED_MEASURES = (
    "pts_mean",
    "vdem_physical_integrity",
    "vdem_polyarchy",
    "ucdp_battle_deaths_sum5",
    "ucdp_government_killings_sum5",
    "coup_attempts_sum5",
    "wgi_stability",
)


def average_neighbors(known: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """Neighbours' averages of what is already in the panel `known`, row by row: `<measure>_nb`."""
    borders = snapshot.read_table("alliances", "neighbours").select("iso3", "neighbour", "first", "last")
    rows = known.select("iso3", "origin", row=pl.int_range(pl.len()))
    pairs = (
        rows.join(borders, on="iso3")
        .filter(pl.col("origin").is_between("first", pl.col("last").fill_null(9999)))
        .join(rows, left_on=["neighbour", "origin"], right_on=["iso3", "origin"], suffix="_near")
        .select("row", "row_near")
        .unique()
    )
    neighbors = known.select(pl.col(AVERAGED_MEASURES).gather(pairs["row_near"])).with_columns(pairs["row"])
    # The last digits of a mean depend on the order of its terms; rounding makes the same inputs give the same bytes.
    means = neighbors.group_by("row").agg(pl.col(AVERAGED_MEASURES).mean().round(9).name.suffix("_nb"))
    return rows.select("row").join(means, on="row", how="left", maintain_order="left").drop("row")
