"""Counterfactual features of an origin: as if a measure's last known value had been different.

The value is replaced and its features are derived again; earlier years, ages of values, all other measures and the
neighbors' averages do not change.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import polars as pl

from features.snapshot.snapshot import Snapshot
from features.themes.governance import derive_democracy_features
from features.themes.human_rights import (
    combine_codings,
    derive_integrity_features,
    derive_killings_features,
    derive_terror_features,
    load_terror_scores,
)
from features.themes.rule_of_law import derive_courts_features
from features.timing.as_known import DerivedColumns, TableFacts, derive_as_known, load_table_facts
from features.vocabulary import Profile

PTS_CODERS = ("pts_state", "pts_amnesty")


class MeasureSource(NamedTuple):
    """How to load a measure's facts, and the columns derived from it."""

    facts: Callable[[Snapshot], TableFacts]
    derived: Callable[[], DerivedColumns]


def _load_core_facts(snapshot: Snapshot) -> TableFacts:
    return load_table_facts("vdem", "core", snapshot)


def _select_measure(measure: str, derive: Callable[[], DerivedColumns]) -> DerivedColumns:
    return {measure: derive()[measure]}


CHANGEABLE_MEASURES = {
    "pts_mean": MeasureSource(load_terror_scores, derive_terror_features),
    "ucdp_government_killings": MeasureSource(partial(load_table_facts, "ucdp", "actor"), derive_killings_features),
    "vdem_physical_integrity": MeasureSource(_load_core_facts, derive_integrity_features),
    "vdem_rule_of_law": MeasureSource(
        _load_core_facts, partial(_select_measure, "vdem_rule_of_law", derive_courts_features)
    ),
    "vdem_corruption": MeasureSource(
        _load_core_facts, partial(_select_measure, "vdem_corruption", derive_courts_features)
    ),
    "vdem_civil_liberties": MeasureSource(
        _load_core_facts, partial(_select_measure, "vdem_civil_liberties", derive_democracy_features)
    ),
}


def derive_counterfactual_features(
    asked: Mapping[str, pl.DataFrame], origin: int, profile: Profile, snapshot: Snapshot
) -> dict[str, pl.DataFrame]:
    """By measure, one row for each of what is asked of it (iso3, step, value): iso3, step and every feature of the
    measure at the origin, sorted.

    The value stands in place of the last one known by the origin. Values that cannot be are left out: a mean of whole
    codings is a half or a whole point.
    """
    read = {
        reader: reader(snapshot) for reader in dict.fromkeys(CHANGEABLE_MEASURES[measure].facts for measure in asked)
    }
    return {
        measure: _derive_changed_features(measure, steps, read[CHANGEABLE_MEASURES[measure].facts], origin, profile)
        for measure, steps in asked.items()
    }


def _derive_changed_features(
    measure: str, steps: pl.DataFrame, facts: TableFacts, origin: int, profile: Profile
) -> pl.DataFrame:
    last_known_year = origin - (facts.lag if profile == "snapshot" else 0)
    past = facts.frame.filter(pl.col("year") <= origin).join(steps, on="iso3")
    is_known = pl.col(measure).is_not_null() & (pl.col("year") <= last_known_year)
    last = pl.col("year").filter(is_known).max().over("iso3")
    # The expressions work within each state, so each case is treated as its own state.
    cases = past.with_columns(last=pl.col("year") == last).with_columns(iso3=pl.format("{}/{}", "iso3", "step"))
    changed = (
        _replace_last_codings(cases) if measure == "pts_mean" else cases.with_columns(_replace_last_value(measure))
    )
    known = derive_as_known(
        facts._replace(frame=changed.sort("iso3", "year")), CHANGEABLE_MEASURES[measure].derived(), profile
    )
    parts = pl.col("iso3").str.split("/")
    return (
        known.filter(pl.col("origin") == origin)
        .drop("origin")
        .with_columns(iso3=parts.list.get(0), step=parts.list.get(1).cast(pl.Int64))
        .sort("iso3", "step")
    )


def _replace_last_value(measure: str) -> pl.Expr:
    return pl.when("last").then("value").otherwise(measure).alias(measure)


def _replace_last_codings(cases: pl.DataFrame) -> pl.DataFrame:
    """Two codings whose mean is the requested value: the worse one improves first, then both in turn."""
    better, total = pl.min_horizontal(PTS_CODERS), 2 * pl.col("value")
    worse = pl.when(total >= 2 * better).then(total - better).otherwise((total / 2).ceil())
    both = pl.all_horizontal(pl.col(coder).is_not_null() for coder in PTS_CODERS)
    state_is_worse = pl.col("pts_state") >= pl.col("pts_amnesty")
    new = {
        "pts_state": pl.when(~both).then("value").when(state_is_worse).then(worse).otherwise(total - worse),
        "pts_amnesty": pl.when(~both).then("value").when(state_is_worse).then(total - worse).otherwise(worse),
    }
    codings = [pl.when(pl.col("last") & pl.col(c).is_not_null()).then(e).otherwise(c).alias(c) for c, e in new.items()]
    whole = pl.all_horizontal(pl.col(coder).fill_null(0) % 1 == 0 for coder in PTS_CODERS)
    return cases.with_columns(codings).filter(whole.all().over("iso3")).with_columns(combine_codings())
