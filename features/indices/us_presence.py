"""US forces and bases in a partner country, corrected for gaps in the publisher's counts."""

import polars as pl

from features.snapshot.snapshot import Snapshot
from features.timing.as_known import derive_as_known, load_table_facts
from features.vocabulary import Profile

# From 2018 the counts exclude forces on temporary deployment: Kuwait falls from 16,197 to 2,112, Qatar from 6,567 to
# 837. Where a force of this size or more fell by more than half that year, the median of the three prior years is used.
BREAK_YEAR, YEARS_BEFORE, SMALLEST_FORCE = 2018, 3, 100
# Years from which zeros and small counts replace forces that the Department of Defense does not publish.
HIDDEN_FROM = {"IRQ": 2022, "SYR": 2021}
# Publicly announced withdrawals, by the year they were completed: earlier forces and bases no longer count.
WITHDRAWN_IN = {"AFG": 2021, "NER": 2024}
# Guantánamo is held against the host's will, and the sites in Syria were not the government's to give.
NOT_GRANTED = ("CUB", "SYR")


def compute_us_forces(profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """us_forces by iso3 and origin: persons, bridged over the break of 2018, null where the publisher hides them."""
    facts = load_table_facts("us_presence", "troops", snapshot)
    bridged = facts.frame.join(_estimate_before_break(facts.frame), on="iso3", how="left").with_columns(
        us_forces=_bridge_forces()
    )
    return derive_as_known(facts._replace(frame=bridged, max_age=0), {"us_forces": []}, profile).select(
        "iso3", "origin", "us_forces"
    )


def compute_us_bases(profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """us_bases by iso3 and origin: large bases about 2018, nought where forces have left or no one granted them."""
    known = derive_as_known(load_table_facts("us_presence", "bases", snapshot), {"usbases_large": []}, profile)
    excluded = _check_listed_since(WITHDRAWN_IN, pl.col("origin")) | pl.col("iso3").is_in(NOT_GRANTED)
    count = pl.when(~excluded).then("usbases_large").when(pl.col("usbases_large").is_not_null()).then(0.0)
    return known.select("iso3", "origin", us_bases=count)


def _estimate_before_break(troops: pl.DataFrame) -> pl.DataFrame:
    """Median forces of 2015 to 2017 by iso3, where the count fell by more than half from 2017 to 2018."""
    count, year = pl.col("ustroops_total"), pl.col("year")
    before = year.is_between(BREAK_YEAR - YEARS_BEFORE, BREAK_YEAR - 1)
    median = count.filter(before).median().alias("before")
    fell = count.filter(year == BREAK_YEAR).first() < count.filter(year == BREAK_YEAR - 1).first() / 2
    return troops.group_by("iso3").agg(median, fell=fell).filter(pl.col("fell"), pl.col("before") >= SMALLEST_FORCE)


def _bridge_forces() -> pl.Expr:
    count, year = pl.col("ustroops_total"), pl.col("year")
    estimated = pl.col("iso3").is_in([*HIDDEN_FROM])  # the publisher's own estimates, until it stopped
    bridge = (
        (year >= BREAK_YEAR) & pl.col("before").is_not_null() & ~estimated & ~_check_listed_since(WITHDRAWN_IN, year)
    )
    return (
        pl.when(pl.col("iso3").is_in(NOT_GRANTED) & ~_check_listed_since(HIDDEN_FROM, year))
        .then(0.0)
        .when(_check_listed_since(HIDDEN_FROM, year))
        .then(None)
        .when(bridge)
        .then(pl.max_horizontal(count, "before"))
        .otherwise(count)
    )


def _check_listed_since(since: dict[str, int], year: pl.Expr) -> pl.Expr:
    """Whether the partner is listed and the year is at or after its listed year."""
    return pl.any_horizontal((pl.col("iso3") == iso3) & (year >= first) for iso3, first in since.items())
