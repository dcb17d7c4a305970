"""Console output of scoring, training and reasons: plain text of the same width everywhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from features.bad_input import BadInput
from risk.cli.output.table import print_table
from risk.report.formatting import format_interval, format_percent

# Output needs no model, and the learning libraries take seconds to import.
if TYPE_CHECKING:
    from models.training.train import Model
    from risk.workflows.score import RunResult


def show_run(result: "RunResult", out: Path) -> None:
    """Print the ten riskiest active US partners, the output paths, input drift, and each step's seconds."""
    from risk.publishing.drift_text import describe_drift

    active = result.standing.filter("us_partner").select("iso3")
    referrals = result.decisions.filter(kind="trigger", result="refer").group_by("iso3").agg(referrals=pl.len())
    top = (
        result.partners.join(active, on="iso3")
        .join(result.scores.filter(outcome="misuse").select("iso3", "probability", "low", "high", "rank"), on="iso3")
        .join(referrals, on="iso3", how="left")
        .sort("probability", descending=True, nulls_last=True)
        .head(10)
    )
    print(
        "\nThe ten riskiest active US partners (arms, military aid or notified sales in the last five years of data)\n"
    )
    rows = [
        (
            r["partner"],
            r["tier"],
            format_percent(r["probability"]),
            format_interval(r["low"], r["high"]),
            r["posture"],
            _format_whole(r["leverage"]),
            _format_whole(r["strategic_value"]),
            r["triggers"] or "none",
            r["referrals"] or "",
        )
        for r in top.iter_rows(named=True)
    ]
    print_table(
        ("partner", "tier", "misuse", "90%", "posture", "leverage", "value", "triggers in force", "to look up"), rows
    )
    print(f"\nReports   {out / 'reports' / 'index.html'}\nWorkbook  {out / 'decisions.xlsx'}")
    trained = f"trained now: {', '.join(result.trained)}" if result.trained else "as saved"
    unchanged = "" if result.trained or result.remarks else ": their inputs have not changed"
    print("\n          ".join([f"Models    {trained}{unchanged}", *result.remarks]))
    if lines := describe_drift(result.drift):
        print("\n          ".join([f"Drift     {lines[0]}", *lines[1:]]))
    print("Seconds   " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in result.seconds.items()))


def show_training(models: Sequence["Model"]) -> None:
    """Print one line per model: its training data and calibration."""
    from models.training.train import list_kept_members

    rows = [
        (m.outcome, m.trained_to, len(m.ensemble.columns), f"{m.base_rate:.3f}",
         f"{m.calibration.overall.point[1]:.2f}", ", ".join(list_kept_members(m)))
        for m in models
    ]  # fmt: skip
    print_table(("outcome", "trained on origins to", "features", "base rate", "calibration slope", "members"), rows)


def show_reasons(iso3: str, outcome: str, out: Path) -> None:
    """Print the fifteen largest contributions to one partner's forecast."""
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
    print_table(("log-odds", "measure", "value", "year"), rows)
    print("\nContributions are associations in the model, not causes.")


def _format_whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
