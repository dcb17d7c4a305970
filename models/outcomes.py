"""What happened after an origin: the only file that looks forward."""

from pathlib import Path

import polars as pl

from features.cards import RAW, read_card
from features.human_rights import KILLINGS, STATE_TERROR, terror_scores
from features.snapshot import lag
from features.timing import load_facts
from features.vocabulary import HORIZON_YEARS, OUTCOMES, Profile

SOURCES_OF = {
    "state_terror": [("pts", "scores")],
    "civilian_killing": [("ucdp", "actor")],
    "misuse": [("pts", "scores"), ("ucdp", "actor")],
    "coup": [("coups", "events")],
}
# Outcomes that are a matter of degree on the terror scale; for killings a grade lost skill on origins up to 1999.
GRADED = ("misuse", "state_terror")


def events(raw: Path = RAW) -> pl.LazyFrame:
    """One row a state and year: iso3, year and whether each outcome's event occurred (null where unknown)."""
    terror = terror_scores(raw).frame.select("iso3", "year", state_terror=pl.col("pts_mean") >= STATE_TERROR)
    killing = load_facts("ucdp", "actor", raw).frame
    killing = killing.select("iso3", "year", civilian_killing=pl.col("ucdp_government_killings") >= KILLINGS)
    coup = load_facts("coups", "events", raw).frame.select("iso3", "year", coup=pl.col("coup_attempts") >= 1)
    joined = coup.join(terror, on=["iso3", "year"], how="left").join(killing, on=["iso3", "year"], how="left")
    # Nobody counted killings before the publisher's first year; until then misuse is state terror by itself.
    recorded = pl.col("year") >= (read_card("ucdp", raw).tables["actor"].first_year or 0)
    misuse = pl.when(recorded).then(pl.col("state_terror") | pl.col("civilian_killing")).otherwise("state_terror")
    return joined.with_columns(misuse=misuse).sort("iso3", "year")


def outcomes(happened: pl.LazyFrame, horizon: int = HORIZON_YEARS) -> pl.LazyFrame:
    """For each state and origin, whether an event falls in origin+1 to origin+horizon.

    True if one does, false if every year is known to be without, otherwise null. `happened` has every year of a
    state's existence, sorted.
    """
    ahead = {
        outcome: pl.any_horizontal(pl.col(outcome).shift(-step).over("iso3") for step in range(1, horizon + 1))
        for outcome in OUTCOMES
    }
    return happened.select("iso3", pl.col("year").alias("origin"), **ahead)


def labels(raw: Path = RAW) -> pl.DataFrame:
    """All outcomes and the severity of each state and origin, as training and back-test read them."""
    return outcomes(events(raw)).join(severity(raw), on=["iso3", "origin"], how="left").collect()


def severity(raw: Path = RAW, horizon: int = HORIZON_YEARS) -> pl.LazyFrame:
    """The highest terror score of each horizon (1 to 5, null where unknown): iso3, origin, severity."""
    scores = terror_scores(raw).frame.sort("iso3", "year")
    worst = pl.max_horizontal(pl.col("pts_mean").shift(-step).over("iso3") for step in range(1, horizon + 1))
    return scores.select("iso3", pl.col("year").alias("origin"), severity=worst)


def status(outcome: str) -> pl.Expr:
    """Whether a panel row's partner is in an event by its last known values: ongoing, clear or unknown."""
    terror, killing = pl.col("pts_mean") >= STATE_TERROR, pl.col("ucdp_government_killings") >= KILLINGS
    current = {
        "state_terror": terror,
        "civilian_killing": killing,
        "misuse": terror | killing,
        "coup": pl.col("coup_attempts") >= 1,
    }
    return in_words(current[outcome])


def in_words(event: pl.Expr) -> pl.Expr:
    """A boolean as a status: ongoing, clear, or unknown where it is null."""
    return pl.when(event).then(pl.lit("ongoing")).when(~event).then(pl.lit("clear")).otherwise(pl.lit("unknown"))


def label_lag(outcome: str, profile: Profile, raw: Path = RAW) -> int:
    """Years after which an outcome's events are known: none in `calendar`, the slowest source's lag in `snapshot`."""
    if profile == "calendar":
        return 0
    return max(lag(read_card(source, raw).tables[table]) for source, table in SOURCES_OF[outcome])
