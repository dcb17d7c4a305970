"""The results of a run written to the output folder: tables, workbook, pages and the record of the run."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from subprocess import Popen
from typing import Literal

import polars as pl

from features.snapshot.cards import RAW
from features.vocabulary import OUTCOME_LABELS
from risk.ledger.files import Place
from risk.outputs.run_manifest import RunRecord
from risk.outputs.writing import staged_outputs, write_csv, write_json, write_parquet
from risk.portfolio.policy import PortfolioPolicy, read_portfolio_policy
from risk.publishing.pages import write_pages
from risk.publishing.report_inputs import EARLIER, TABLES, _given, _record
from risk.report.inputs import Advice
from risk.report.page_worker import drawing
from risk.report.workbook import WorkbookTables
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK

WRITTEN = (*TABLES, "recourse", "cautions", "drift")
AS_CSV = ("scores", "decisions")
# What tells one issue of scores from another.
ISSUE: tuple[Literal["decided_as_of", "snapshot", "models", "rulebook"], ...]
ISSUE = ("decided_as_of", "snapshot", "models", "rulebook")


def publish(
    out: Path,
    tables: Mapping[str, pl.DataFrame],
    base_rates: Mapping[str, float],
    record: RunRecord,
    raw: Path = RAW,
    advice: Advice | None = None,
    ledger: Place | None = None,
    second: "Popen[bytes] | None" = None,
    described: pl.DataFrame | None = None,
    policy: PortfolioPolicy | None = None,
) -> None:
    """Write everything aside and move it into `out` at once; an earlier run's outputs stay whole on any failure.

    `second` is a process that stands by to draw pages, `described` what features.labels says of features, where it was
    asked already, `policy` what the portfolio goes by (the engine's own where none is given). advice is kept beside the
    tables, so that pages can be written again. The tables of the last other issue are kept in `earlier`, so that a run
    repeated says again what it said.
    """
    partners = tables["partners"].height
    with staged_outputs(out) as staging, drawing(staging / "reports", partners, second) as pages:
        pages.write_workbook(staging, _workbook(tables, record))
        _keep_earlier(out, staging / EARLIER, record)
        kept = staging / EARLIER if (staging / EARLIER).is_dir() else out / EARLIER
        given = _given(
            tables, {**record, "base_rates": base_rates}, advice or Advice(), out, kept, raw, ledger, described
        )
        write_pages(
            staging / "reports", given, out, pages, raw, policy or read_portfolio_policy(read_rulebook(RULEBOOK))
        )
        for name in WRITTEN:
            write_parquet(tables[name], staging / f"{name}.parquet")
        for name in AS_CSV:
            write_csv(tables[name], staging / f"{name}.csv")
        write_json(asdict(advice or Advice()), staging / "advice.json")
        write_json(record, staging / "run.json")


def _keep_earlier(out: Path, folder: Path, record: RunRecord) -> None:
    """Keep the issue that this run replaces, unless it is the same issue again."""
    before = _record(out)
    kept = [out / name for name in ("partners.parquet", "scores.parquet", "run.json")]
    if (
        before is None
        or not all(path.is_file() for path in kept)
        or all(before.get(name) == record.get(name) for name in ISSUE)
    ):
        return
    folder.mkdir()
    for path in kept:
        (folder / path.name).write_bytes(path.read_bytes())


def _workbook(tables: Mapping[str, pl.DataFrame], record: RunRecord) -> WorkbookTables:
    """Plain columns, and notes."""
    return {
        "decisions": tables["decisions"].to_dict(as_series=False),
        "partners": tables["partners"].to_dict(as_series=False),
        "scores": tables["scores"].to_dict(as_series=False),
        "notes": _notes(record),
    }


def _notes(record: RunRecord) -> list[tuple[str, str]]:
    outcomes = "; ".join(f"{name}: {label}" for name, label in OUTCOME_LABELS.items())
    return [
        (
            "What this is",
            "Forecast risk of misuse for each partner, and the plan that follows. It advises; a person decides.",
        ),
        ("Decided as of", str(record["decided_as_of"])),
        ("Outcomes", f"Each over {record['origin'] + 1} to {record['horizon_end']}. {outcomes}."),
        (
            "Probability",
            "Between 0 and 1, with a 90% interval (low, high). Empty where the partner is referred for want of data.",
        ),
        (
            "Triggers",
            "Law that binds whatever the probability. Where the status is 'verify', check the source first.",
        ),
        ("Snapshot", str(record["snapshot"])),
        ("Models", str(record["models"])),
        ("Rulebook", str(record["rulebook"])),
    ]
