"""Console output of the back-test."""

from typing import TYPE_CHECKING

import polars as pl

from risk.cli.output.table import print_table
from risk.report.formatting import format_percent

# Output needs no model, and the learning libraries take seconds to import.
if TYPE_CHECKING:
    from risk.workflows.backtest import BacktestResult


def show_backtest(result: "BacktestResult") -> None:
    """Print figures of every estimator, the engine's intervals, its lead over baselines, and its interval coverage."""
    from models.evaluation.metrics import pivot_figures

    show_figures(pivot_figures(result.figures))
    engine = result.figures.filter(
        pl.col("estimator") == "engine", pl.col("figure").is_in(["auc", "average_precision", "skill", "ece"])
    )
    print("\nThe engine, with 95% intervals over partners\n")
    print_table(
        ("profile", "outcome", "subset", "figure", "value", "95%"),
        [_format_interval(row) for row in engine.rows(named=True)],
    )
    lead = result.against.filter(pl.col("subset") == "onset", pl.col("figure") != "log_loss")
    print("\nOnsets: the engine minus each baseline, with 95% intervals over partners\n")
    rows = [
        (
            *_format_interval(row)[:2],
            row["estimator"],
            *_format_interval(row)[3:],
            "ahead" if row["low"] > 0 else "not significant",
        )
        for row in lead.rows(named=True)
    ]
    print_table(("profile", "outcome", "baseline", "figure", "lead", "95%", ""), rows)
    print("\nForecast bins of the engine whose observed rate is inside the mean 90% interval\n")
    bins = result.coverage.group_by("profile", "outcome", maintain_order=True).agg(
        pl.len(), pl.col("inside", "inside_noise").sum()
    )
    print_table(("profile", "outcome", "bins", "inside", "inside, allowing for chance"), bins.rows())


def show_figures(figures: pl.DataFrame) -> None:
    """Print one line per profile, outcome, subset and estimator."""
    rows = [
        (r["profile"], r["outcome"], r["subset"], r["estimator"], r["n"], r["events"], f"{r['base']:.3f}",
         f"{r['auc']:.3f}", f"{r['average_precision']:.3f}", f"{r['skill']:+.3f}", f"{r['ece']:.3f}",
         f"{r['mean_forecast']:.3f}")
        for r in figures.iter_rows(named=True)
    ]  # fmt: skip
    headings = ("profile", "outcome", "subset", "estimator", "n", "events", "base", "AUC", "avg prec", "skill")
    print_table((*headings, "ECE", "mean"), rows)


def show_ablation(figures: pl.DataFrame, added: pl.DataFrame) -> None:
    """Print figures with and without a theme or one of your own sources, and what it adds."""
    show_figures(figures)
    print("\nWhat it adds, with 95% intervals over partners\n")
    print_table(
        ("profile", "outcome", "subset", "figure", "added", "95%"),
        [_format_interval(row) for row in added.rows(named=True)],
    )


def show_readings(figures: pl.DataFrame, ranks: pl.DataFrame) -> None:
    """Print figures of misuse by definition of severe terror, and the partners whose rank changes most."""
    show_figures(figures)
    moved = ranks.with_columns(
        spread=pl.max_horizontal(pl.exclude("iso3")) - pl.min_horizontal(pl.exclude("iso3"))
    ).sort("spread", "iso3", descending=[True, False])
    print(f"\nRanks at the last origin: the 15 of {ranks.height} partners that change most between definitions\n")
    print_table(moved.columns, moved.head(15).rows())
    for other in ranks.columns[2:]:
        agreement = ranks.select(pl.corr("misuse", other, method="spearman")).item()
        print(f"rank correlation of misuse and {other}: {agreement:.3f}")


def show_seeds(figures: pl.DataFrame, ranges: pl.DataFrame) -> None:
    """Print figures by seed, and the partners whose probability varies most between seeds."""
    show_figures(figures)
    moved = ranges.with_columns(points=(pl.col("high") - pl.col("low")) * 100).drop_nulls("points")
    print(f"\nProbabilities at the last origin: the 15 of {moved.height} partners that vary most between seeds\n")
    most = moved.sort("points", "iso3", descending=[True, False]).head(15)
    rows = [
        (iso3, format_percent(low), format_percent(high), f"{points:.1f}") for iso3, low, high, points in most.rows()
    ]
    print_table(("iso3", "lowest", "highest", "range, points"), rows)
    half = moved.select(pl.median("points")).item()
    print(f"\nFor half of all partners the range is below {half:.1f} percentage points.")


def _format_interval(row: dict[str, object]) -> tuple[str, ...]:
    keys = (str(row[key]) for key in ("profile", "outcome", "subset", "figure"))
    return (*keys, f"{row['value']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}")
