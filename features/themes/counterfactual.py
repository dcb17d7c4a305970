"""The features of an origin as they would read had a measure's last value been another.

The facts are changed and the features derived from them anew; the years before, the ages of the values, all other
measures and the neighbours' averages stay as they are.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import polars as pl

from features.snapshot.cards import RAW
from features.themes.governance import democracy_record
from features.themes.human_rights import combined, integrity_record, killings_record, terror_record, terror_scores
from features.themes.rule_of_law import courts_record
from features.timing.as_known import Derived, Facts, as_known, load_facts
from features.vocabulary import Profile

CODERS = ("pts_state", "pts_amnesty")


class Table(NamedTuple):
    """Where a measure's facts come from, and what derives from it."""

    facts: Callable[[Path], Facts]
    derived: Callable[[], Derived]


def _core(raw: Path) -> Facts:
    return load_facts("vdem", "core", raw)


def _only(measure: str, record: Callable[[], Derived]) -> Derived:
    return {measure: record()[measure]}


CHANGEABLE = {
    "pts_mean": Table(terror_scores, terror_record),
    "ucdp_government_killings": Table(partial(load_facts, "ucdp", "actor"), killings_record),
    "vdem_physical_integrity": Table(_core, integrity_record),
    "vdem_rule_of_law": Table(_core, partial(_only, "vdem_rule_of_law", courts_record)),
    "vdem_corruption": Table(_core, partial(_only, "vdem_corruption", courts_record)),
    "vdem_civil_liberties": Table(_core, partial(_only, "vdem_civil_liberties", democracy_record)),
}


def as_if(asked: Mapping[str, pl.DataFrame], origin: int, profile: Profile, raw: Path = RAW) -> dict[str, pl.DataFrame]:
    """By measure, one row for each of what is asked of it (iso3, step, value): iso3, step and every feature of the
    measure at the origin, sorted.

    The value stands in place of the last one known by the origin. Values that cannot be are left out: a mean of whole
    codings is a half or a whole point.
    """
    read = {reader: reader(raw) for reader in dict.fromkeys(CHANGEABLE[measure].facts for measure in asked)}
    return {
        measure: _changed(measure, steps, read[CHANGEABLE[measure].facts], origin, profile)
        for measure, steps in asked.items()
    }


def _changed(measure: str, asked: pl.DataFrame, facts: Facts, origin: int, profile: Profile) -> pl.DataFrame:
    known_to = origin - (facts.lag if profile == "snapshot" else 0)
    past = facts.frame.filter(pl.col("year") <= origin).join(asked, on="iso3")
    seen = pl.col(measure).is_not_null() & (pl.col("year") <= known_to)
    last = pl.col("year").filter(seen).max().over("iso3")
    # Each case is a state of its own for the expressions, which work state by state.
    cases = past.with_columns(last=pl.col("year") == last).with_columns(iso3=pl.format("{}/{}", "iso3", "step"))
    changed = _with_codings(cases) if measure == "pts_mean" else cases.with_columns(_in_place_of(measure))
    known = as_known(facts._replace(frame=changed.sort("iso3", "year")), CHANGEABLE[measure].derived(), profile)
    parts = pl.col("iso3").str.split("/")
    return (
        known.filter(pl.col("origin") == origin)
        .drop("origin")
        .with_columns(iso3=parts.list.get(0), step=parts.list.get(1).cast(pl.Int64))
        .sort("iso3", "step")
    )


def _in_place_of(measure: str) -> pl.Expr:
    return pl.when("last").then("value").otherwise(measure).alias(measure)


def _with_codings(cases: pl.DataFrame) -> pl.DataFrame:
    """The two codings whose mean is the value asked: the worse one improves first, then both by turns."""
    better, total = pl.min_horizontal(CODERS), 2 * pl.col("value")
    worse = pl.when(total >= 2 * better).then(total - better).otherwise((total / 2).ceil())
    both = pl.all_horizontal(pl.col(coder).is_not_null() for coder in CODERS)
    state_is_worse = pl.col("pts_state") >= pl.col("pts_amnesty")
    new = {
        "pts_state": pl.when(~both).then("value").when(state_is_worse).then(worse).otherwise(total - worse),
        "pts_amnesty": pl.when(~both).then("value").when(state_is_worse).then(total - worse).otherwise(worse),
    }
    coded = [pl.when(pl.col("last") & pl.col(c).is_not_null()).then(e).otherwise(c).alias(c) for c, e in new.items()]
    whole = pl.all_horizontal(pl.col(coder).fill_null(0) % 1 == 0 for coder in CODERS)
    return cases.with_columns(coded).filter(whole.all().over("iso3")).with_columns(combined())
