"""Rolling-origin splits: the rows that train and calibrate at an origin, and the fits that forecast them."""

from collections.abc import Iterable

import polars as pl

from features.vocabulary import HORIZON_YEARS

FIRST_TRAINING_ORIGIN = 1980
# With fewer training years before it, a forecast says little about the quality of later ones.
FIRST_CALIBRATED = 1986
CALIBRATION_ORIGINS = 18
BLOCK_YEARS = 3


def select_training_rows(rows: pl.DataFrame, origin: int, label_lag: int, horizon: int = HORIZON_YEARS) -> pl.DataFrame:
    """Rows whose horizon had ended, and whose outcome was known, by `origin`.

    A horizon recorded in part has known events but no known non-events: an origin without non-events is left out.
    """
    last = origin - horizon - label_lag
    known = rows.filter(pl.col("origin").is_between(FIRST_TRAINING_ORIGIN, last), pl.col("observed").is_not_null())
    return known.filter(pl.col("observed").not_().any().over("origin"))


def list_calibration_origins(origin: int, label_lag: int, horizon: int = HORIZON_YEARS) -> range:
    """Past origins to forecast for calibration: the last ones whose outcome was known by `origin`."""
    last = origin - horizon - label_lag
    return range(max(FIRST_CALIBRATED, last - CALIBRATION_ORIGINS + 1), last + 1)


def find_block_start(origin: int) -> int:
    """The year of the fit that forecasts a past origin: each block of three years shares the fit of its first year."""
    return origin - origin % BLOCK_YEARS


def group_origins_by_fit(origins: Iterable[int], label_lag: int, horizon: int = HORIZON_YEARS) -> dict[int, list[int]]:
    """For every fit year, the origins to forecast: the requested ones and those that calibrate them."""
    wanted: dict[int, set[int]] = {}
    for origin in origins:
        wanted.setdefault(origin, set()).add(origin)
        for past in list_calibration_origins(origin, label_lag, horizon):
            wanted.setdefault(find_block_start(past), set()).add(past)
    return {year: sorted(wanted[year]) for year in sorted(wanted)}
