"""Checking a table for duplicate keys."""

from collections.abc import Sequence

import polars as pl


def has_duplicate_keys(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether any rows share a key; rows sorted by key are only compared with the row before, which is faster."""
    return not frame.select(_check_keys_ascend(keys)).item() and bool(
        frame.select(pl.struct(keys).is_duplicated().any()).item()
    )


def _check_keys_ascend(keys: Sequence[str]) -> pl.Expr:
    """Whether every row's key is greater than that of the row before; a key with a missing part never is."""
    after = pl.lit(False)
    for key in reversed(keys):
        current, previous = pl.col(key), pl.col(key).shift(1)
        after = (current > previous) | ((current == previous) & after)
    return after.slice(1).fill_null(False).all()
