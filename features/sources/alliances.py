"""Defense pacts with the great powers, neighbors by land or near waters, distances to the great powers."""

from pathlib import Path

import polars as pl

from features.partners import load_partners, map_to_partners
from features.sources.published import read_published

PACTS_FILE = "alliances/atop_alliance.csv.gz"
CONTIGUITY_FILE = "alliances/cow_contdir.csv"
DISTANCES_FILE = "alliances/mindist_usa_rus_chn_1990_2019.csv"
GREAT_POWERS = {"us": 2, "russia": 365, "china": 710}
FIRST_YEAR = 1946
LAST_COVERED_MONTH = "2016-12"
LAND_TO_24_MILES = (1, 3)


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `pacts` (0 or 1) and `distances` (km) by state and year, `neighbours` by pair and spell."""
    return {
        "pacts": _compile_pacts(folder),
        "neighbours": _compile_neighbors(folder),
        "distances": _compile_distances(folder),
    }


def _compile_pacts(folder: Path) -> pl.DataFrame:
    rows = read_published(folder, PACTS_FILE, dict.fromkeys(["ccode1", "ccode2", "year", "atop_defense"], pl.Int64))
    power = pl.col("ccode1")
    pacts = rows.filter(
        power.is_in([*GREAT_POWERS.values()]), pl.col("atop_defense") == 1, pl.col("year") >= FIRST_YEAR
    )
    tidy = map_to_partners(pacts, "ccode2", "cow", "alliances")
    return tidy.group_by("iso3", "year").agg(
        (power == number).any().cast(pl.Int8).alias(f"atop_{name}_defense") for name, number in GREAT_POWERS.items()
    )


def _compile_neighbors(folder: Path) -> pl.DataFrame:
    """Spells of contiguity; `last` is null if the spell was ongoing when the publisher's data end."""
    types: dict[str, type[pl.DataType]] = {
        "ccode1": pl.Int64,
        "ccode2": pl.Int64,
        "conttype": pl.Float64,
        "stdate": pl.String,
        "enddate": pl.String,
    }
    spells = read_published(folder, CONTIGUITY_FILE, types).select(
        "ccode1",
        "ccode2",
        first=pl.col("stdate").str.slice(0, 4).cast(pl.Int64),
        # Both states are sure to exist in a spell's last year, so it decides which state a number means.
        year=pl.col("enddate").str.slice(0, 4).cast(pl.Int64),
        open=pl.col("enddate").str.starts_with(LAST_COVERED_MONTH),
        contiguity_type="conttype",
    )
    near = spells.filter(pl.col("contiguity_type").is_between(*LAND_TO_24_MILES), pl.col("year") >= FIRST_YEAR)
    other = map_to_partners(near, "ccode2", "cow", "alliances").rename({"iso3": "neighbour"})
    pairs = map_to_partners(other, "ccode1", "cow", "alliances")
    first_years = load_partners().select("iso3", "first_year")
    return (
        pairs.join(first_years, on="iso3")
        .join(first_years.rename({"iso3": "neighbour"}), on="neighbour", suffix="_neighbour")
        .with_columns(
            first=pl.max_horizontal("first", "first_year", "first_year_neighbour"),
            last=pl.when(~pl.col("open")).then("year"),
        )
        .select("iso3", "neighbour", "first", "last", "contiguity_type")
    )


def _compile_distances(folder: Path) -> pl.DataFrame:
    """Kilometers between nearest points; the publisher lists each pair once, in either order."""
    types: dict[str, type[pl.DataType]] = dict.fromkeys(["ccode1", "ccode2", "year"], pl.Int64)
    rows = read_published(folder, DISTANCES_FILE, types | {"mindist": pl.Float64})
    reversed_rows = rows.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(rows.columns)
    power = pl.col("ccode1")
    both = pl.concat([rows, reversed_rows]).filter(power.is_in([*GREAT_POWERS.values()]))
    tidy = map_to_partners(both, "ccode2", "cow", "alliances")
    names = GREAT_POWERS | {"usa": GREAT_POWERS["us"]}
    return tidy.group_by("iso3", "year").agg(
        pl.col("mindist").filter(power == names[name]).min().round(3).alias(f"distance_{name}_km")
        for name in ("usa", "russia", "china")
    )
