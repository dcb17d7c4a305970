"""Whether a key stands twice in a table."""

from collections.abc import Sequence

import polars as pl


def has_duplicate_keys(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether rows share a key; where rows stand in the order of their keys, each is compared with the one before."""
    return not frame.select(_check_keys_ascend(keys)).item() and bool(
        frame.select(pl.struct(keys).is_duplicated().any()).item()
    )


def _check_keys_ascend(keys: Sequence[str]) -> pl.Expr:
    """Whether every row's key comes after the key of the row before; a missing part of a key comes nowhere."""
    after = pl.lit(False)
    for key in reversed(keys):
        now, before = pl.col(key), pl.col(key).shift(1)
        after = (now > before) | ((now == before) & after)
    return after.slice(1).fill_null(False).all()
