"""What the commands print: plain lines and tables, widths fixed so that they read the same everywhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from features.bad_input import BadInput
from risk.report.words import percent, spread

# Reading outputs needs no model, and the learning libraries take seconds to import.
if TYPE_CHECKING:
    from models.train import Model
    from risk.backtesting import Tested
    from risk.pipeline import Result

Row = Sequence[object]


def show_run(result: "Result", out: Path) -> None:
    """The ten riskiest active US partners, where the outputs are, drift of the inputs, and the seconds of each step."""
    from risk.drift_words import drift_lines

    active = result.standing.filter("us_partner").select("iso3")
    asked = result.decisions.filter(kind="trigger", result="refer").group_by("iso3").agg(asked=pl.len())
    top = (
        result.partners.join(active, on="iso3")
        .join(result.scores.filter(outcome="misuse").select("iso3", "probability", "low", "high", "rank"), on="iso3")
        .join(asked, on="iso3", how="left")
        .sort("probability", descending=True, nulls_last=True)
        .head(10)
    )
    print(
        "\nThe ten riskiest active US partners (arms, military aid or notified sales in the last five years of data)\n"
    )
    rows = [
        (r["partner"], r["tier"], percent(r["probability"]), spread(r["low"], r["high"]),
         r["posture"], _whole(r["leverage"]), _whole(r["strategic_value"]), r["triggers"] or "none", r["asked"] or "")
        for r in top.iter_rows(named=True)
    ]  # fmt: skip
    show(("partner", "tier", "misuse", "90%", "posture", "leverage", "value", "triggers in force", "to look up"), rows)
    print(f"\nReports   {out / 'reports' / 'index.html'}\nWorkbook  {out / 'decisions.xlsx'}")
    trained = f"trained now: {', '.join(result.trained)}" if result.trained else "as saved"
    unchanged = "" if result.trained or result.remarks else ": nothing that decides them has changed"
    print("\n          ".join([f"Models    {trained}{unchanged}", *result.remarks]))
    if told := drift_lines(result.drift):
        print("\n          ".join([f"Drift     {told[0]}", *told[1:]]))
    print("Seconds   " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in result.seconds.items()))


def show_training(models: Sequence["Model"]) -> None:
    """One line a model: what it was trained on and how it is calibrated."""
    from risk.training import kept_members

    rows = [
        (m.outcome, m.trained_to, len(m.ensemble.columns), f"{m.base_rate:.3f}",
         f"{m.calibration.overall.point[1]:.2f}", ", ".join(kept_members(m)))
        for m in models
    ]  # fmt: skip
    show(("outcome", "trained on origins to", "features", "base rate", "calibration slope", "members"), rows)


def show_backtest(tested: "Tested") -> None:
    """Figures of every estimator, the engine's with intervals, its lead over baselines, and its intervals' worth."""
    from models.metrics import wide

    show_figures(wide(tested.figures))
    engine = tested.figures.filter(
        pl.col("estimator") == "engine", pl.col("figure").is_in(["auc", "average_precision", "skill", "ece"])
    )
    print("\nThe engine, with 95% intervals over partners\n")
    show(
        ("profile", "outcome", "subset", "figure", "value", "95%"), [_interval(row) for row in engine.rows(named=True)]
    )
    lead = tested.against.filter(pl.col("subset") == "onset", pl.col("figure") != "log_loss")
    print("\nOnsets: the engine less each baseline, with 95% intervals over partners\n")
    rows = [
        (*_interval(row)[:2], row["estimator"], *_interval(row)[3:], "ahead" if row["low"] > 0 else "not sure")
        for row in lead.rows(named=True)
    ]
    show(("profile", "outcome", "baseline", "figure", "lead", "95%", ""), rows)
    print("\nBins of the engine's forecasts whose observed rate lies in the mean 90% interval\n")
    bins = tested.coverage.group_by("profile", "outcome", maintain_order=True).agg(
        pl.len(), pl.col("inside", "inside_noise").sum()
    )
    show(("profile", "outcome", "bins", "inside", "inside, allowing for chance"), bins.rows())


def show_figures(figures: pl.DataFrame) -> None:
    """One line a profile, outcome, subset and estimator."""
    rows = [
        (r["profile"], r["outcome"], r["subset"], r["estimator"], r["n"], r["events"], f"{r['base']:.3f}",
         f"{r['auc']:.3f}", f"{r['average_precision']:.3f}", f"{r['skill']:+.3f}", f"{r['ece']:.3f}",
         f"{r['mean_forecast']:.3f}")
        for r in figures.iter_rows(named=True)
    ]  # fmt: skip
    headings = ("profile", "outcome", "subset", "estimator", "n", "events", "base", "AUC", "avg prec", "skill")
    show((*headings, "ECE", "mean"), rows)


def show_without(figures: pl.DataFrame, added: pl.DataFrame) -> None:
    """Figures with and without a theme or an own source, and what it adds."""
    show_figures(figures)
    print("\nWhat it adds, with 95% intervals over partners\n")
    show(("profile", "outcome", "subset", "figure", "added", "95%"), [_interval(row) for row in added.rows(named=True)])


def show_readings(figures: pl.DataFrame, ranks: pl.DataFrame) -> None:
    """Figures of misuse by reading of severe terror, and the partners whose rank moves most."""
    show_figures(figures)
    moved = ranks.with_columns(
        spread=pl.max_horizontal(pl.exclude("iso3")) - pl.min_horizontal(pl.exclude("iso3"))
    ).sort("spread", "iso3", descending=[True, False])
    print(f"\nRanks at the last origin: the 15 of {ranks.height} that move most between readings\n")
    show(moved.columns, moved.head(15).rows())
    for other in ranks.columns[2:]:
        agreement = ranks.select(pl.corr("misuse", other, method="spearman")).item()
        print(f"rank correlation of misuse and {other}: {agreement:.3f}")


def show_seeds(figures: pl.DataFrame, apart: pl.DataFrame) -> None:
    """Figures by seed, and the partners whose probability the draws move most."""
    show_figures(figures)
    moved = apart.with_columns(points=(pl.col("high") - pl.col("low")) * 100).drop_nulls("points")
    print(f"\nProbabilities at the last origin: the 15 of {moved.height} that lie furthest apart between seeds\n")
    most = moved.sort("points", "iso3", descending=[True, False]).head(15)
    rows = [(iso3, percent(low), percent(high), f"{points:.1f}") for iso3, low, high, points in most.rows()]
    show(("iso3", "lowest", "highest", "points apart"), rows)
    half = moved.select(pl.median("points")).item()
    print(f"\nHalf of all partners lie less than {half:.1f} points apart.")


def _interval(row: dict[str, object]) -> tuple[str, ...]:
    keys = (str(row[key]) for key in ("profile", "outcome", "subset", "figure"))
    return (*keys, f"{row['value']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}")


def show_reasons(iso3: str, outcome: str, out: Path) -> None:
    """The fifteen largest contributions to one partner's forecast."""
    from risk import reasons

    chosen = reasons(out).filter(iso3=iso3, outcome=outcome).sort("position").head(15)
    if chosen.is_empty():
        raise BadInput(f"{out / 'reasons.parquet'}: no reasons for partner {iso3!r} and outcome {outcome!r}")
    rows = [
        (
            f"{r['contribution_logodds']:+.2f}",
            r["label"],
            "not known" if r["value"] is None else f"{r['value']:.4g}",
            r["value_year"] or "",
        )
        for r in chosen.iter_rows(named=True)
    ]
    show(("log-odds", "measure", "value", "year"), rows)
    print("\nContributions are associations in the model, not causes.")


def show(headings: Row, rows: Sequence[Row]) -> None:
    """Print rows under their headings in aligned columns."""
    table = [[str(cell) for cell in row] for row in [headings, *rows]]
    widths = [max(len(row[i]) for row in table) for i in range(len(headings))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
