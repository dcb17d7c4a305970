"""Rolling origins: which rows may train, calibrate and be forecast at an origin."""

from collections.abc import Iterator

import polars as pl

from features.vocabulary import HORIZON_YEARS

FIRST_TRAINING_ORIGIN = 1980
CALIBRATION_ORIGINS = 12
BLOCK = 3


def training_rows(rows: pl.DataFrame, origin: int, label_lag: int, horizon: int = HORIZON_YEARS) -> pl.DataFrame:
    """Rows whose horizon had ended, and whose outcome was known, by `origin`.

    Where a horizon is recorded in part, events are known and calm is not: an origin without a calm row is left out.
    """
    last = origin - horizon - label_lag
    known = rows.filter(pl.col("origin").is_between(FIRST_TRAINING_ORIGIN, last), pl.col("observed").is_not_null())
    return known.filter(pl.col("observed").not_().any().over("origin"))


def calibration_blocks(origin: int, label_lag: int, horizon: int = HORIZON_YEARS) -> Iterator[range]:
    """Past origins to forecast again for calibration, in blocks that share one model trained before the block.

    The last calibrated origin is the last whose outcome was known by `origin`.
    """
    last = origin - horizon - label_lag
    for start in range(last - CALIBRATION_ORIGINS + 1, last + 1, BLOCK):
        yield range(start, start + BLOCK)
