"""Where the sources are silent: a gap is told, and never counted as a zero."""

from collections.abc import Sequence

import polars as pl

from risk.portfolio.policy_types import DataGap


def is_unreadable(gaps: Sequence[DataGap], series: str) -> pl.Expr:
    """Whether a row (iso3, year) lies in a gap that leaves nothing to read."""
    return pl.any_horizontal(
        pl.lit(False), *(_lies_within(one) for one in gaps if one.series == series and not one.lower_bound)
    )


def is_lower_bound(gaps: Sequence[DataGap], series: str) -> pl.Expr:
    """Whether a row (iso3, year) is known to lack a part."""
    return pl.any_horizontal(
        pl.lit(False), *(_lies_within(one) for one in gaps if one.series == series and one.lower_bound)
    )


def describe_data_gap(gaps: Sequence[DataGap]) -> pl.Expr:
    """What lacks in a row (iso3, year, measure), in words; nothing where nothing does."""
    worst_first = sorted(gaps, key=lambda one: one.lower_bound)
    return pl.coalesce(
        pl.lit(None, pl.String),
        *(pl.when((pl.col("measure") == one.series) & _lies_within(one)).then(pl.lit(one.told)) for one in worst_first),
    )


def _lies_within(one: DataGap) -> pl.Expr:
    years = pl.col("year").is_between(one.first, one.last)
    return years & (pl.col("iso3") == one.partner) if one.partner else years
