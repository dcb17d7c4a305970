"""Computes exposure and tier from pair scores and pressures, for any number of cases at once."""

from collections.abc import Sequence

import polars as pl

from risk.cases.reading.fields import TERM_FIELDS
from risk.cases.tables.entry_types import HIGHEST_SCORE, RISKS
from risk.cases.tables.pressure_schema import RiskPressure
from risk.vocabulary import REFERRED, TIERS

# More than any exposure divided by the start of severe, so that a worse tier always ranks first.
RANK_STEP = 1_000.0


def build_raised_columns(pressures: Sequence[RiskPressure]) -> list[pl.Expr]:
    """Build <risk>_raised for every risk: whether the record raises the pair of a row."""
    exprs = []
    for pressure in pressures:
        user, item = (
            (pressure.record.users_from, pressure.record.items_from)
            if pressure.record
            else (HIGHEST_SCORE + 1, HIGHEST_SCORE + 1)
        )
        own = (pl.col(f"{pressure.id}_user") >= user) & (pl.col(f"{pressure.id}_item") >= item)
        holds = pl.col(f"{pressure.id}_recorded") & own & (pl.col(f"{pressure.id}_base") > 0)
        exprs.append(holds.fill_null(False).alias(f"{pressure.id}_raised"))
    return exprs


def build_pair_columns() -> list[pl.Expr]:
    """Build <risk>_pair, 0 to 4, after record and terms; zero stays zero, and an unexpected pair stays null."""
    terms = pl.all_horizontal(TERM_FIELDS).cast(pl.Int8)
    return [
        (pl.col(f"{risk}_base") + pl.col(f"{risk}_raised").cast(pl.Int8) - terms)
        .clip(0, HIGHEST_SCORE)
        .alias(f"{risk}_pair")
        for risk in RISKS
    ]


def build_exposure_columns() -> list[pl.Expr]:
    """Build <risk>_exposure, 0 to 100: 25 times the pair times the pressure; null if either is unknown."""
    return [
        (pl.col(f"{risk}_pair").cast(pl.Float64) * (100 / HIGHEST_SCORE) * pl.col(f"{risk}_pressure"))
        .round(4)
        .alias(f"{risk}_exposure")
        for risk in RISKS
    ]


def build_rank_columns(pressures: Sequence[RiskPressure]) -> list[pl.Expr]:
    """Build <risk>_rank, for comparing risks: by tier, then by exposure relative to the start of severe."""
    return [_build_rank(pressure).alias(f"{pressure.id}_rank") for pressure in pressures]


def build_tier_columns() -> list[pl.Expr]:
    """Build case_exposure, case_driver and case_tier: the worst risk sets the tier.

    An unknown risk refers the case, unless a known one is already severe.
    """
    worst, ranks = pl.col("worst_rank"), [f"{risk}_rank" for risk in RISKS]
    unknown = pl.any_horizontal(pl.col(ranks).is_null())
    tier = (
        (worst // RANK_STEP).cast(pl.Int8).replace_strict(dict(enumerate(TIERS)), default=None, return_dtype=pl.String)
    )
    return [
        pl.max_horizontal(f"{risk}_exposure" for risk in RISKS).alias("case_exposure"),
        pl.when(worst > 0)
        .then(pl.coalesce(pl.when(pl.col(f"{risk}_rank") == worst).then(pl.lit(risk)) for risk in RISKS))
        .alias("case_driver"),
        pl.when(unknown & (tier != TIERS[-1]).fill_null(True))
        .then(pl.lit(REFERRED))
        .otherwise(tier)
        .alias("case_tier"),
    ]


def build_worst_rank() -> pl.Expr:
    """Build worst_rank, the rank of the worst known risk."""
    return pl.max_horizontal(f"{risk}_rank" for risk in RISKS).alias("worst_rank")


def _build_rank(pressure: RiskPressure) -> pl.Expr:
    value = pl.col(f"{pressure.id}_exposure")
    level = pl.sum_horizontal((value >= pressure.starts[name]).cast(pl.Float64) for name in TIERS[1:])
    return pl.when(value.is_not_null()).then(level * RANK_STEP + value / pressure.starts["severe"])
