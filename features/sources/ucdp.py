"""Uppsala Conflict Data Program: deaths on a state's territory, by its government and in its government's wars."""

from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from features.partners import map_to_partners
from features.sources.published import read_published

COUNTRY_COLUMNS = {
    "sb_total_deaths_best": "ucdp_battle_deaths",
    "sb_intrastate_deaths_best": "ucdp_intrastate_deaths",
    "ns_total_deaths_best": "ucdp_nonstate_deaths",
    "os_total_deaths_best": "ucdp_onesided_any",
    "os_main_govt_killings_best": "ucdp_home_government_killings",
}
# Governments that killed jointly, without numbers in the file: Eritrea with Ethiopia, Burundi with Rwanda.
JOINT_ACTORS = {7963: "531, 530", 8550: "516, 517"}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `country` by location; `actor`, `warring` and `armed_conflict` by government, wherever it acts."""
    return {
        "country": _compile_country(folder),
        "actor": _compile_actor(folder),
        "warring": _compile_warring(folder),
        "armed_conflict": _compile_armed_conflict(folder),
    }


def _compile_country(folder: Path) -> pl.DataFrame:
    types = {"country_id": pl.Int64, "year": pl.Int64} | dict.fromkeys(COUNTRY_COLUMNS, pl.Float64)
    facts = read_published(folder, "ucdp/ucdp_organizedviolence_cy_v25_1.csv", types).rename(COUNTRY_COLUMNS)
    return map_to_partners(facts, "country_id", "gw", "ucdp")


def _compile_actor(folder: Path) -> pl.DataFrame:
    """Best estimate of civilians killed by each government; joint killings count in full for each."""
    name = "ucdp/OneSided_v25_1.csv"
    integers = dict.fromkeys(["actor_id", "year", "is_government_actor"], pl.Int64)
    facts = read_published(folder, name, {**integers, "best_fatality_estimate": pl.Float64, "gwnoa": pl.String})
    joint = pl.col("actor_id").replace_strict(JOINT_ACTORS, default=None, return_dtype=pl.String)
    governments = facts.filter(is_government_actor=1).with_columns(pl.col("gwnoa").fill_null(joint))
    unnamed = governments.filter(pl.col("gwnoa").is_null())
    if unnamed.height:
        actor, year = unnamed.select("actor_id", "year").row(0)
        raise BadInput(f"{folder / name}: government actor {actor} in {year} has no number in column gwnoa")
    killings = pl.sum("best_fatality_estimate").alias("ucdp_government_killings")
    return _group_by_government(governments, ["gwnoa"], killings)


def _compile_warring(folder: Path) -> pl.DataFrame:
    """Battle deaths, on all sides, of the dyads in which a government is a primary party."""
    types = {"year": pl.Int64, "bd_best": pl.Float64, "gwno_a": pl.String, "gwno_b": pl.String}
    facts = read_published(folder, "ucdp/BattleDeaths_v25_1.csv", types)
    return _group_by_government(facts, ["gwno_a", "gwno_b"], pl.sum("bd_best").alias("ucdp_conflict_deaths"))


def _compile_armed_conflict(folder: Path) -> pl.DataFrame:
    """Conflicts in which a government is a primary party, and the highest intensity (1 minor, 2 war)."""
    types = {"year": pl.Int64, "intensity_level": pl.Float64, "gwno_a": pl.String, "gwno_b": pl.String}
    facts = read_published(folder, "ucdp/ucdp_acd_v25_1_fixed.csv", types)
    conflicts = pl.len().cast(pl.Float64).alias("ucdp_conflicts")
    intensity = pl.max("intensity_level").alias("ucdp_conflict_intensity")
    return _group_by_government(facts, ["gwno_a", "gwno_b"], conflicts, intensity)


def _group_by_government(facts: pl.DataFrame, numbers: list[str], *measures: pl.Expr) -> pl.DataFrame:
    """Aggregate over each government named in a cell such as '432, 365'; each counts in full."""
    named = pl.concat_str(numbers, separator=",", ignore_nulls=True).str.split(",")
    each = facts.with_columns(named.alias("government")).explode("government")
    states = map_to_partners(each, "government", "gw", "ucdp")
    return states.group_by("iso3", "year").agg(*measures).sort("iso3", "year")
