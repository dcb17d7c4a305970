"""Rolling origins: which rows may train and calibrate at an origin, and which fits forecast them again."""

from collections.abc import Iterable

import polars as pl

from features.vocabulary import HORIZON_YEARS

FIRST_TRAINING_ORIGIN = 1980
# With fewer years before it to learn from, a forecast made again tells little of how later ones will fare.
FIRST_CALIBRATED = 1986
CALIBRATION_ORIGINS = 18
BLOCK_YEARS = 3


def select_training_rows(rows: pl.DataFrame, origin: int, label_lag: int, horizon: int = HORIZON_YEARS) -> pl.DataFrame:
    """Rows whose horizon had ended, and whose outcome was known, by `origin`.

    Where a horizon is recorded in part, events are known and calm is not: an origin without a calm row is left out.
    """
    last = origin - horizon - label_lag
    known = rows.filter(pl.col("origin").is_between(FIRST_TRAINING_ORIGIN, last), pl.col("observed").is_not_null())
    return known.filter(pl.col("observed").not_().any().over("origin"))


def list_calibration_origins(origin: int, label_lag: int, horizon: int = HORIZON_YEARS) -> range:
    """Past origins forecast again for calibration: the last ones whose outcome was known by `origin`."""
    last = origin - horizon - label_lag
    return range(max(FIRST_CALIBRATED, last - CALIBRATION_ORIGINS + 1), last + 1)


def find_block_start(origin: int) -> int:
    """The year of the fit that forecasts an origin again: blocks of three share one, made as of their first year."""
    return origin - origin % BLOCK_YEARS


def group_origins_by_fit(origins: Iterable[int], label_lag: int, horizon: int = HORIZON_YEARS) -> dict[int, list[int]]:
    """For every year as of which to fit, the origins to forecast: those asked for, and those that calibrate them."""
    wanted: dict[int, set[int]] = {}
    for origin in origins:
        wanted.setdefault(origin, set()).add(origin)
        for past in list_calibration_origins(origin, label_lag, horizon):
            wanted.setdefault(find_block_start(past), set()).add(past)
    return {year: sorted(wanted[year]) for year in sorted(wanted)}
