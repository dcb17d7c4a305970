"""Raises benchmarks of positive conditions to the model's recourse where that asks for more than the rulebook."""

from datetime import date

import polars as pl

from risk.rules.validity import add_years

BENCHMARK_OUTCOME = "misuse"


def raise_benchmarks(decisions: pl.DataFrame, recourse: pl.DataFrame, on: date) -> pl.DataFrame:
    """Replace `benchmark_asked` and `benchmark_by` by recourse's where improving that one measure suffices.

    It suffices if improving the benchmark's measure alone goes with a lower tier of misuse for that partner. Where the
    rulebook asks for as much or more, its value and day are kept: recourse never asks for less.
    """
    days = {years: add_years(on, years).isoformat() for years in recourse["within_years"].unique()}
    route = ["iso3", "outcome", "route"]
    alone = recourse.filter(
        pl.len().over(route) == 1, pl.col("outcome") == BENCHMARK_OUTCOME, pl.col("tier_after") != pl.col("tier_before")
    ).select(
        "iso3",
        benchmark_measure="measure",
        asked="asked",
        better=(pl.col("asked") - pl.col("now")).sign(),
        by=pl.col("within_years").replace_strict(days, return_dtype=pl.String),
    )
    joined = decisions.join(alone, on=["iso3", "benchmark_measure"], how="left", maintain_order="left")
    further = (pl.col("asked") - pl.col("benchmark_asked")) * pl.col("better") > 0
    return joined.with_columns(
        benchmark_asked=pl.when(further).then("asked").otherwise("benchmark_asked"),
        benchmark_by=pl.when(further).then("by").otherwise("benchmark_by"),
    ).select(decisions.columns)
