"""What a case takes from its partner: tier, posture, pressures and record, one row a partner."""

from collections.abc import Sequence
from datetime import date
from math import log

import polars as pl

from features.bad_input import BadInput
from risk.assessment.evaluate import unknown_as_null
from risk.assessment.tiers import build_posture_expr
from risk.cases.tables.loading import TransferTables
from risk.cases.tables.pressure_schema import PressurePart, RiskPressure
from risk.rules.rulebook import Rulebook
from risk.vocabulary import REFERRED

NOTICE_LIST = "listed_notify_15_day"
# In years: a fact of this age may no longer be so, and a reviewer is told.
OLD_YEARS = 3
INPUT_COLUMNS = (
    "iso3",
    "partner",
    "region",
    "tier",
    "misuse_probability",
    "strategic_value",
    "leverage",
    "origin",
    NOTICE_LIST,
)


def build_partner_inputs(standing: pl.DataFrame, book: Rulebook, tables: TransferTables, on: date) -> pl.DataFrame:
    """One row a partner, by iso3: iso3, partner, region, partner_tier, partner_probability, posture, strategic_value,
    leverage, group (15 days and higher thresholds; null if not known), <risk>_pressure, <risk>_recorded,
    <risk>_shown (the value behind the record) and <risk>_old (which facts of a judged pressure are old, in words).
    """
    _check_input_columns(standing, tables.pressures)
    facts = unknown_as_null(standing.sort("iso3"))
    return facts.select(
        "iso3",
        "partner",
        "region",
        pl.col("tier").fill_null(REFERRED).alias("partner_tier"),
        pl.col("misuse_probability").alias("partner_probability"),
        build_posture_expr(book, on).alias("posture"),
        pl.col("strategic_value", "leverage").cast(pl.Float64),
        pl.col(NOTICE_LIST).alias("group"),
        *(build_pressure_expr(one).alias(f"{one.id}_pressure") for one in tables.pressures),
        *(_build_record_flag(one).alias(f"{one.id}_recorded") for one in tables.pressures),
        *(_select_shown_value(one).alias(f"{one.id}_shown") for one in tables.pressures),
        *(_describe_old_facts(one, facts.columns).alias(f"{one.id}_old") for one in tables.pressures),
    )


def build_pressure_expr(entry: RiskPressure) -> pl.Expr:
    """The pressure of one risk, 0 to 1; null where a fact it needs is missing."""
    if entry.forecast is not None:
        return pl.col(entry.forecast).cast(pl.Float64)
    # A sum over an expression list would skip nulls: adding one by one keeps an unknown part unknown.
    total = pl.lit(0.0)
    for part in entry.parts:
        total = total + part.weight * _scale_pressure_part(part)
    return total


def _scale_pressure_part(part: PressurePart) -> pl.Expr:
    """One fact brought to 0..1 between its low and its high value; 0 where its condition is known not to hold."""
    value = pl.col(part.column).cast(pl.Float64)
    if part.less is not None:
        value = value - pl.col(part.less).cast(pl.Float64)
    low, high = part.low, part.high
    if part.scale == "log":
        value, low, high = value.clip(lower_bound=low).log(), log(low), log(high)
    share = ((value - low) / (high - low)).clip(0.0, 1.0)
    # A fact that is missing stays missing, and a condition that is not known lowers nothing.
    return share if part.only_when is None else share * pl.sql_expr(part.only_when).fill_null(True).cast(pl.Float64)


def _build_record_flag(entry: RiskPressure) -> pl.Expr:
    return pl.sql_expr(entry.record.applies_when).fill_null(False) if entry.record else pl.lit(False)


def _select_shown_value(entry: RiskPressure) -> pl.Expr:
    return (pl.col(entry.record.shows) if entry.record else pl.lit(None)).cast(pl.Float64)


def _describe_old_facts(entry: RiskPressure, columns: Sequence[str]) -> pl.Expr:
    """'strategic rivals: 4, as counted to 2020' for each fact above nought of OLD years or more, or nothing."""
    parts = {part.column: part for part in reversed(entry.parts) if f"{part.column}_age" in columns}
    told = [
        pl.when((pl.col(f"{name}_age") >= OLD_YEARS) & (pl.col(name) > 0)).then(
            pl.format(
                f"{part.because}: {{}}, as counted to {{}}",
                pl.col(name).cast(pl.Int64),
                (pl.col("origin") - pl.col(f"{name}_age")).cast(pl.Int64),
            )
        )
        for name, part in parts.items()
    ]
    return pl.concat_str(told, separator=", ", ignore_nulls=True) if told else pl.lit("")


def _check_input_columns(standing: pl.DataFrame, pressures: Sequence[RiskPressure]) -> None:
    needed = [*INPUT_COLUMNS, *(one.forecast for one in pressures if one.forecast)]
    needed += [name for one in pressures for part in one.parts for name in (part.column, part.less) if name]
    needed += [one.record.shows for one in pressures if one.record]
    missing = [name for name in needed if name not in standing.columns]
    if missing:
        raise BadInput(
            f"the standing has no column {missing[0]!r}, which cases are reviewed by; run `make score` again"
        )
    twice = standing["iso3"].is_duplicated()
    if twice.any():
        raise BadInput(f"the standing has {standing['iso3'].filter(twice)[0]!r} twice")
