"""From pairs and pressures to exposure and tier, for any number of cases at once."""

from collections.abc import Sequence

import polars as pl

from risk.cases.reading.fields import TERM_FIELDS
from risk.cases.tables.pressure_schema import RiskPressure
from risk.cases.tables.schema import HIGHEST_SCORE, RISKS
from risk.vocabulary import REFERRED, TIERS

# More than any exposure divided by where severe starts, so that a worse tier always comes first.
RANK_STEP = 1_000.0


def build_raised_columns(pressures: Sequence[RiskPressure]) -> list[pl.Expr]:
    """<risk>_raised, whether the record raises the pair of a row, for every risk."""
    exprs = []
    for one in pressures:
        user, item = (
            (one.record.users_from, one.record.items_from) if one.record else (HIGHEST_SCORE + 1, HIGHEST_SCORE + 1)
        )
        own = (pl.col(f"{one.id}_user") >= user) & (pl.col(f"{one.id}_item") >= item)
        holds = pl.col(f"{one.id}_recorded") & own & (pl.col(f"{one.id}_base") > 0)
        exprs.append(holds.fill_null(False).alias(f"{one.id}_raised"))
    return exprs


def build_pair_columns() -> list[pl.Expr]:
    """<risk>_pair, 0 to 4, after record and terms; a zero stays zero, and one that is not expected stays null."""
    terms = pl.all_horizontal(TERM_FIELDS).cast(pl.Int8)
    return [
        (pl.col(f"{risk}_base") + pl.col(f"{risk}_raised").cast(pl.Int8) - terms)
        .clip(0, HIGHEST_SCORE)
        .alias(f"{risk}_pair")
        for risk in RISKS
    ]


def build_exposure_columns() -> list[pl.Expr]:
    """<risk>_exposure, 0 to 100: a quarter of the pair times the pressure; null where either is not known."""
    return [
        (pl.col(f"{risk}_pair").cast(pl.Float64) * (100 / HIGHEST_SCORE) * pl.col(f"{risk}_pressure"))
        .round(4)
        .alias(f"{risk}_exposure")
        for risk in RISKS
    ]


def build_rank_columns(pressures: Sequence[RiskPressure]) -> list[pl.Expr]:
    """<risk>_rank: how bad a risk is beside the others; a worse tier first, then the nearer to where severe starts."""
    return [_build_rank(one).alias(f"{one.id}_rank") for one in pressures]


def build_tier_columns() -> list[pl.Expr]:
    """case_exposure, case_driver and case_tier: the worst risk sets the tier.

    A risk that is not known refers the case, unless a known one is severe already.
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
    """worst_rank: that of the worst risk known."""
    return pl.max_horizontal(f"{risk}_rank" for risk in RISKS).alias("worst_rank")


def _build_rank(one: RiskPressure) -> pl.Expr:
    value = pl.col(f"{one.id}_exposure")
    level = pl.sum_horizontal((value >= one.starts[name]).cast(pl.Float64) for name in TIERS[1:])
    return pl.when(value.is_not_null()).then(level * RANK_STEP + value / one.starts["severe"])
