"""Gaps in the sources: described in a note and never counted as zero."""

from collections.abc import Sequence

import polars as pl

from risk.portfolio.policy_types import DataGap


def is_unreadable(gaps: Sequence[DataGap], series: str) -> pl.Expr:
    """Whether a row (iso3, year) is in a gap with no usable figure."""
    return pl.any_horizontal(
        pl.lit(False), *(_is_within_gap(gap) for gap in gaps if gap.series == series and not gap.lower_bound)
    )


def is_lower_bound(gaps: Sequence[DataGap], series: str) -> pl.Expr:
    """Whether the figure of a row (iso3, year) is known to be incomplete."""
    return pl.any_horizontal(
        pl.lit(False), *(_is_within_gap(gap) for gap in gaps if gap.series == series and gap.lower_bound)
    )


def describe_data_gap(gaps: Sequence[DataGap]) -> pl.Expr:
    """The note on the data gap of a row (iso3, year, measure), or null."""
    worst_first = sorted(gaps, key=lambda gap: gap.lower_bound)
    return pl.coalesce(
        pl.lit(None, pl.String),
        *(
            pl.when((pl.col("measure") == gap.series) & _is_within_gap(gap)).then(pl.lit(gap.told))
            for gap in worst_first
        ),
    )


def _is_within_gap(gap: DataGap) -> pl.Expr:
    years = pl.col("year").is_between(gap.first, gap.last)
    return years & (pl.col("iso3") == gap.partner) if gap.partner else years
