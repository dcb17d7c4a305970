"""Outcome labels after each origin: the only module that looks forward."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from features.snapshot.compile import compute_table_lag
from features.snapshot.own_sources import list_own_signs
from features.snapshot.snapshot import Snapshot
from features.themes.human_rights import KILLINGS_THRESHOLD, TERROR_THRESHOLD, load_terror_scores
from features.timing.as_known import load_table_facts
from features.vocabulary import HORIZON_YEARS, OUTCOMES, Profile

OUTCOME_SOURCES = {
    "state_terror": [("pts", "scores")],
    "civilian_killing": [("ucdp", "actor")],
    "misuse": [("pts", "scores"), ("ucdp", "actor")],
    "coup": [("coups", "events")],
}
# Other readings of severe terror: the score that the worse, or the milder, of two codings must reach; one alone counts
# as both.
SEVERE_SCORE = 4.0
TERROR_READINGS = {
    "mean": pl.col("pts_mean") >= TERROR_THRESHOLD,
    "worse": pl.max_horizontal("pts_state", "pts_amnesty") >= SEVERE_SCORE,
    "both": pl.min_horizontal("pts_state", "pts_amnesty") >= SEVERE_SCORE,
}
# A grade is a logistic of the terror score: one half at the middle, and smoother than a step, since raters disagree.
GRADE_MIDDLE, GRADE_WIDTH = 3.4, 0.4


@dataclass(frozen=True)
class Outcome:
    """An outcome to forecast: events by state and year, horizon in years, and reporting lag in years.

    `happened` has iso3, year and event for every year of a state's existence, sorted; `current` is whether
    the event is ongoing in a panel row; `grade`, if any, has iso3, origin and how close the horizon came (0-1).
    `signs` are the monotone signs of own indicators: +1 where higher is worse.
    """

    name: str
    happened: pl.DataFrame
    lag: int
    current: pl.Expr
    grade: pl.DataFrame | None = None
    horizon: int = HORIZON_YEARS
    signs: Mapping[str, int] = field(default_factory=dict)


def load_events(snapshot: Snapshot, reading: str = "mean") -> pl.LazyFrame:
    """One row a state and year: iso3, year and whether each outcome's event occurred (null where unknown)."""
    terror = load_terror_scores(snapshot).frame.lazy().select("iso3", "year", state_terror=TERROR_READINGS[reading])
    killing = load_table_facts("ucdp", "actor", snapshot).frame.lazy()
    killing = killing.select("iso3", "year", civilian_killing=pl.col("ucdp_government_killings") >= KILLINGS_THRESHOLD)
    coup = (
        load_table_facts("coups", "events", snapshot)
        .frame.lazy()
        .select("iso3", "year", coup=pl.col("coup_attempts") >= 1)
    )
    joined = coup.join(terror, on=["iso3", "year"], how="left").join(killing, on=["iso3", "year"], how="left")
    # Nobody counted killings before the publisher's first year; until then misuse is state terror by itself.
    recorded = pl.col("year") >= (snapshot.read_card("ucdp").tables["actor"].first_year or 0)
    misuse = pl.when(recorded).then(pl.col("state_terror") | pl.col("civilian_killing")).otherwise("state_terror")
    return joined.with_columns(misuse=misuse).sort("iso3", "year")


def build_outcome(
    name: str, profile: Profile, snapshot: Snapshot, reading: str = "mean", horizon: int = HORIZON_YEARS
) -> Outcome:
    """One of the engine's own outcomes, with severe terror read in one of the ways of READINGS."""
    happened = load_events(snapshot, reading).select("iso3", "year", event=name).collect()
    by_degree = name in ("misuse", "state_terror") and reading == "mean"
    graded = compute_grades(snapshot, name == "misuse", horizon) if by_degree else None
    title = name if reading == "mean" else f"{name}_{reading}"
    lag_of_labels = find_label_lag(name, profile, snapshot)
    return Outcome(
        title,
        happened,
        lag_of_labels,
        _build_current_expression(name, reading),
        graded,
        horizon,
        list_own_signs(snapshot.folder),
    )


def find_events_ahead(happened: pl.DataFrame, horizon: int = HORIZON_YEARS) -> pl.DataFrame:
    """For each state and origin, whether an event falls in origin+1 to origin+horizon: iso3, origin, observed.

    True if one does, false if every year is known to have none, otherwise null.
    """
    any_event = pl.any_horizontal(pl.col("event").shift(-step).over("iso3") for step in range(1, horizon + 1))
    return happened.select("iso3", pl.col("year").alias("origin"), observed=any_event)


def label_panel(panel: pl.DataFrame, outcome: Outcome) -> pl.DataFrame:
    """Panel rows with `observed` (null if unknown), `grade` (0-1; `observed` if the outcome has no grade), `status` as
    known at the origin, and `fact`, the status at the origin as now known."""
    keys = ["iso3", "origin"]
    fact = outcome.happened.select("iso3", pl.col("year").alias("origin"), fact=convert_to_status(pl.col("event")))
    rows = panel.join(find_events_ahead(outcome.happened, outcome.horizon), on=keys, how="left", maintain_order="left")
    rows = rows.join(fact, on=keys, how="left", maintain_order="left").with_columns(
        status=convert_to_status(outcome.current), fact=pl.col("fact").fill_null("unknown")
    )
    happened = pl.col("observed").cast(pl.Float64)
    if outcome.grade is None:
        return rows.with_columns(grade=happened)
    graded = rows.join(outcome.grade, on=keys, how="left", maintain_order="left")
    # The mean of event and grade, so that the event stays what is forecast.
    return graded.with_columns(grade=(happened + pl.coalesce("grade", happened)) / 2)


def compute_grades(snapshot: Snapshot, killings: bool = False, horizon: int = HORIZON_YEARS) -> pl.DataFrame:
    """How near each horizon came to severe terror, from 0 to 1: iso3, origin, grade (null where unknown).

    The highest score of the horizon on a logistic scale; killings of civilians, where they count, stand on the same
    scale: 25 at the threshold, and a quarter of a point more for each doubling.
    """
    scores = load_terror_scores(snapshot).frame.select("iso3", "year", score="pts_mean")
    if killings:
        killed = load_table_facts("ucdp", "actor", snapshot).frame.select(
            "iso3", "year", killed="ucdp_government_killings"
        )
        as_score = TERROR_THRESHOLD + (pl.col("killed") / KILLINGS_THRESHOLD).log(2) / 4
        severe = pl.when(pl.col("killed") >= KILLINGS_THRESHOLD).then(as_score)
        joined = scores.join(killed, on=["iso3", "year"], how="left")
        scores = joined.select("iso3", "year", score=pl.max_horizontal("score", severe))
    worst = pl.max_horizontal(pl.col("score").shift(-step).over("iso3") for step in range(1, horizon + 1))
    grade = 1 / (1 + ((GRADE_MIDDLE - worst) / GRADE_WIDTH).exp())
    return scores.sort("iso3", "year").select("iso3", pl.col("year").alias("origin"), grade=grade)


def build_outcome_labels(snapshot: Snapshot) -> pl.DataFrame:
    """Every outcome of each state and origin, side by side: iso3, origin, misuse, state_terror, ..."""
    happened = load_events(snapshot).collect()
    label_columns = [
        find_events_ahead(happened.select("iso3", "year", event=name)).rename({"observed": name}).select(name)
        for name in OUTCOMES
    ]
    return pl.concat([happened.select("iso3", pl.col("year").alias("origin")), *label_columns], how="horizontal")


def build_status_expression(outcome: str) -> pl.Expr:
    """The status of a panel row's partner by its last known values: ongoing, clear or unknown."""
    return convert_to_status(_build_current_expression(outcome))


def _build_current_expression(name: str, reading: str = "mean") -> pl.Expr:
    terror, killing = TERROR_READINGS[reading], pl.col("ucdp_government_killings") >= KILLINGS_THRESHOLD
    coup = pl.col("coup_attempts") >= 1
    return {"state_terror": terror, "civilian_killing": killing, "misuse": terror | killing, "coup": coup}[name]


def convert_to_status(event: pl.Expr) -> pl.Expr:
    """A boolean as a status: ongoing if true, clear if false, unknown if null."""
    return pl.when(event).then(pl.lit("ongoing")).when(~event).then(pl.lit("clear")).otherwise(pl.lit("unknown"))


def find_label_lag(outcome: str, profile: Profile, snapshot: Snapshot) -> int:
    """Years after which an outcome's events are known: none in `calendar`, the slowest source's lag in `snapshot`."""
    if profile == "calendar":
        return 0
    return max(
        compute_table_lag(snapshot.read_card(source).tables[table]) for source, table in OUTCOME_SOURCES[outcome]
    )
