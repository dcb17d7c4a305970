"""Panel rows as the matrix a model reads."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]
NOT_INPUTS = {"iso3", "origin", "observed", "grade", "status", "fact"}


def list_feature_columns(rows: pl.DataFrame) -> list[str]:
    """The columns a model may use: every number known at the origin with more than one value in `rows`."""
    numbers = [name for name, dtype in rows.schema.items() if dtype == pl.Float64 and name not in NOT_INPUTS]
    if not numbers or rows.is_empty():
        return []
    varies = rows.select(pl.col(name).min() < pl.col(name).max() for name in numbers).row(0)
    return [name for name, varied in zip(numbers, varies, strict=True) if varied]


def build_matrix(rows: pl.DataFrame, columns: Sequence[str]) -> Array:
    """Rows × columns as floats, missing as NaN."""
    return rows.select(columns).fill_null(float("nan")).to_numpy()
