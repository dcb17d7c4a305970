"""Ideal points estimated from votes in the United Nations General Assembly."""

from pathlib import Path

import polars as pl

from features.partners import SUPPLIER_CODE, map_to_partners
from features.sources.published import read_published


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `ideal_points`: position on the main line of division, and distance from the USA that year."""
    # By number, since the file's letter codes are the same for both Yemens and missing in some rows.
    types = {"ccode": pl.Int64, "year": pl.Int64, "idealpointfp": pl.Float64}
    facts = read_published(folder, "alignment/IdealpointsJuly2025.csv", types).drop_nulls("idealpointfp")
    points = map_to_partners(facts.rename({"idealpointfp": "unga_ideal_point"}), "ccode", "cow", "alignment")
    american = points.filter(pl.col("iso3") == SUPPLIER_CODE).select("year", american="unga_ideal_point")
    distance = (pl.col("unga_ideal_point") - pl.col("american")).abs().round(6).alias("unga_distance_usa")
    measured = points.join(american, on="year", how="left").with_columns(distance)
    return {"ideal_points": measured.drop("american")}
