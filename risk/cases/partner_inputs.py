"""Partner inputs to case review: tier, posture, pressures and record, one row per partner."""

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
# In years: a fact this old may no longer be true, so the reviewer is warned.
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


def build_partner_inputs(rule_inputs: pl.DataFrame, book: Rulebook, tables: TransferTables, on: date) -> pl.DataFrame:
    """Build one row per partner, by iso3: iso3, partner, region, partner_tier, partner_probability, posture,
    strategic_value, leverage, group (15 days and higher thresholds; null if unknown), <risk>_pressure,
    <risk>_recorded, <risk>_shown (the value behind the record) and <risk>_old (which facts of a judged pressure are
    old, in words).
    """
    _check_input_columns(rule_inputs, tables.pressures)
    facts = unknown_as_null(rule_inputs.sort("iso3"))
    return facts.select(
        "iso3",
        "partner",
        "region",
        pl.col("tier").fill_null(REFERRED).alias("partner_tier"),
        pl.col("misuse_probability").alias("partner_probability"),
        build_posture_expr(book, on).alias("posture"),
        pl.col("strategic_value", "leverage").cast(pl.Float64),
        pl.col(NOTICE_LIST).alias("group"),
        *(build_pressure_expr(pressure).alias(f"{pressure.id}_pressure") for pressure in tables.pressures),
        *(_build_record_flag(pressure).alias(f"{pressure.id}_recorded") for pressure in tables.pressures),
        *(_select_shown_value(pressure).alias(f"{pressure.id}_shown") for pressure in tables.pressures),
        *(_describe_old_facts(pressure, facts.columns).alias(f"{pressure.id}_old") for pressure in tables.pressures),
    )


def build_pressure_expr(entry: RiskPressure) -> pl.Expr:
    """Build the pressure of one risk, 0 to 1; null if a fact it needs is missing."""
    if entry.forecast is not None:
        return pl.col(entry.forecast).cast(pl.Float64)
    # pl.sum_horizontal would skip nulls: adding one by one keeps the sum of an unknown part unknown.
    total = pl.lit(0.0)
    for part in entry.parts:
        total = total + part.weight * _scale_pressure_part(part)
    return total


def _scale_pressure_part(part: PressurePart) -> pl.Expr:
    """Scale one fact to 0..1 between its low and high value; 0 if its condition is known to be false."""
    value = pl.col(part.column).cast(pl.Float64)
    if part.less is not None:
        value = value - pl.col(part.less).cast(pl.Float64)
    low, high = part.low, part.high
    if part.scale == "log":
        value, low, high = value.clip(lower_bound=low).log(), log(low), log(high)
    share = ((value - low) / (high - low)).clip(0.0, 1.0)
    # A missing fact stays null, and an unknown condition lowers nothing.
    return share if part.only_when is None else share * pl.sql_expr(part.only_when).fill_null(True).cast(pl.Float64)


def _build_record_flag(entry: RiskPressure) -> pl.Expr:
    return pl.sql_expr(entry.record.applies_when).fill_null(False) if entry.record else pl.lit(False)


def _select_shown_value(entry: RiskPressure) -> pl.Expr:
    return (pl.col(entry.record.shows) if entry.record else pl.lit(None)).cast(pl.Float64)


def _describe_old_facts(entry: RiskPressure, columns: Sequence[str]) -> pl.Expr:
    """Describe each fact above zero that is OLD_YEARS or older, as 'strategic rivals: 4, as counted to 2020'."""
    parts = {part.column: part for part in reversed(entry.parts) if f"{part.column}_age" in columns}
    texts = [
        pl.when((pl.col(f"{name}_age") >= OLD_YEARS) & (pl.col(name) > 0)).then(
            pl.format(
                f"{part.because}: {{}}, as counted to {{}}",
                pl.col(name).cast(pl.Int64),
                (pl.col("origin") - pl.col(f"{name}_age")).cast(pl.Int64),
            )
        )
        for name, part in parts.items()
    ]
    return pl.concat_str(texts, separator=", ", ignore_nulls=True) if texts else pl.lit("")


def _check_input_columns(rule_inputs: pl.DataFrame, pressures: Sequence[RiskPressure]) -> None:
    needed = [*INPUT_COLUMNS, *(pressure.forecast for pressure in pressures if pressure.forecast)]
    needed += [name for pressure in pressures for part in pressure.parts for name in (part.column, part.less) if name]
    needed += [pressure.record.shows for pressure in pressures if pressure.record]
    missing = [name for name in needed if name not in rule_inputs.columns]
    if missing:
        raise BadInput(
            f"the rule inputs have no column {missing[0]!r}, which case review needs; run `make score` again"
        )
    repeated = rule_inputs["iso3"].is_duplicated()
    if repeated.any():
        raise BadInput(f"the rule inputs have two rows for {rule_inputs['iso3'].filter(repeated)[0]!r}")
