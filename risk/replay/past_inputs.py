"""Rule inputs at a past origin from the data available then: for a replay only, never for a decision.

Forecasts come from the back-test, facts from the panel at that origin, lists from its last day.
"""

from datetime import date

import polars as pl

from features.indices.index_inputs import build_index_inputs
from features.panel import list_rated_columns
from features.partners import load_partners
from features.snapshot.snapshot import Snapshot
from risk.assessment.rule_inputs import build_rule_inputs
from risk.assessment.tiers import build_outcome_tier_expr
from risk.rules.designations import Designation, build_designation_columns
from risk.rules.rulebook import Rulebook


def build_past_inputs(
    record: pl.DataFrame, panel: pl.DataFrame, origin: int, book: Rulebook, on: date, snapshot: Snapshot
) -> pl.DataFrame:
    """One row a partner, as the rules read it, at a past origin.

    record: what the back-test said (schema of risk.outputs.backtest_record); panel: any origins; `on`: the day whose
    tier cuts hold. A list that does not reach back to the origin is unknown for everyone.
    """
    then = panel.filter(pl.col("origin") == origin)
    scores = _build_scores(record.filter(pl.col("origin") == origin), then, book, on, snapshot)
    # As far behind as the sources are today, like the panel that scores are issued from.
    indexed = build_index_inputs("snapshot", snapshot)
    return build_rule_inputs(scores, then, build_past_designations(book, date(origin, 12, 31)), indexed)


def build_past_designations(book: Rulebook, day: date) -> pl.DataFrame:
    """Return one row per partner: each list on a past day; null for a list that does not cover that day."""
    unread = [name for name, designation in book.designations.items() if not covers_past_day(designation, day)]
    nulls = [pl.lit(None, pl.Boolean).alias(f"{what}_{name}") for name in unread for what in ("listed", "waived")]
    return build_designation_columns(book.designations.values(), load_partners()["iso3"].to_list(), day).with_columns(
        nulls
    )


def covers_past_day(designation: Designation, day: date) -> bool:
    """Whether a list covers a past day: its entries had begun, and the day is not in a gap."""
    first = min(row.first for row in designation.memberships)
    complete = designation.complete_from.day if designation.complete_from else first
    return day >= max(first, complete) and not any(gap.is_in_force(day) for gap in designation.gaps)


def _build_scores(
    record: pl.DataFrame, then: pl.DataFrame, book: Rulebook, on: date, snapshot: Snapshot
) -> pl.DataFrame:
    """The record of one origin in the shape of the table of scores; `observed`, which was not known, is left behind."""
    known = pl.mean_horizontal(pl.col(level).is_not_null() for level in list_rated_columns(then, snapshot)).round(3)
    names = load_partners().select("iso3", "region", partner="name")
    rank = pl.col("probability").rank("min", descending=True).over("outcome").cast(pl.Int64)
    return (
        record.drop("observed")
        .join(then.select("iso3", coverage=known), on="iso3")
        .join(names, on="iso3", how="left")
        .with_columns(tier=build_outcome_tier_expr(book, on), rank=rank)
        .sort("iso3", "outcome")
    )
