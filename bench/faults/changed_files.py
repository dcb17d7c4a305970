"""Published files of two sources as in the snapshot, with one value of each raised."""

from pathlib import Path

import polars as pl

from features.partners import load_partners
from features.snapshot.cards import read_source_table

PTS_FILE, COUPS_FILE = "pts/pts_1976_2023.csv", "coups/ptcoups_gwyear_1950-2025.csv"


def write_published_files(folder: Path, raw: Path, more: int) -> None:
    """Write both publishers' files of a snapshot, Norway's values of 2010 higher by `more`."""
    names = load_partners().select("iso3", "name", "gw")
    is_raised = (pl.col("year") == 2010) & (pl.col("iso3") == "NOR")
    scores = read_source_table("pts", "scores", raw).join(names, on="iso3")
    events = read_source_table("coups", "events", raw).join(names, on="iso3")
    terror, attempts = (
        pl.col(name) + pl.when(is_raised).then(more).otherwise(0) for name in ("pts_state", "coup_attempts")
    )
    scored = scores.select(Country_OLD="name", Year="year", PTS_S=terror, PTS_A="pts_amnesty", PTS_H="pts_hrw")
    counted = events.select("year", gwcode="gw", pt_attempt_num=attempts, pt_coup_num="coup_successes")
    for name, table in ((PTS_FILE, scored), (COUPS_FILE, counted)):
        (folder / name).parent.mkdir(parents=True)
        table.write_csv(folder / name)
