"""The results of a run written to the output folder: tables, workbook, pages and the record of the run."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from subprocess import Popen
from typing import Literal

import polars as pl

from features.snapshot.cards import RAW_FOLDER
from features.vocabulary import OUTCOME_LABELS
from risk.ledger.files import LedgerFiles
from risk.outputs.run_manifest import RunRecord
from risk.outputs.writing import stage_outputs, write_csv, write_json, write_parquet
from risk.portfolio.policy import PortfolioPolicy, read_portfolio_policy
from risk.publishing.pages import write_pages
from risk.publishing.report_inputs import EARLIER_FOLDER, RUN_TABLES, _build_report_inputs, _read_manifest
from risk.report.inputs import ReportSupplement
from risk.report.page_worker import draw_pages
from risk.report.workbook import WorkbookTables
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK_FOLDER

WRITTEN_TABLES = (*RUN_TABLES, "recourse", "cautions", "drift")
CSV_TABLES = ("scores", "decisions")
# What tells one issue of scores from another.
RELEASE_KEYS: tuple[Literal["decided_as_of", "snapshot", "models", "rulebook"], ...]
RELEASE_KEYS = ("decided_as_of", "snapshot", "models", "rulebook")


def publish_outputs(
    out: Path,
    tables: Mapping[str, pl.DataFrame],
    base_rates: Mapping[str, float],
    record: RunRecord,
    raw: Path = RAW_FOLDER,
    advice: ReportSupplement | None = None,
    ledger: LedgerFiles | None = None,
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
    with stage_outputs(out) as staging, draw_pages(staging / "reports", partners, second) as pages:
        pages.queue_workbook(staging, _build_workbook_content(tables, record))
        _keep_earlier_release(out, staging / EARLIER_FOLDER, record)
        kept = staging / EARLIER_FOLDER if (staging / EARLIER_FOLDER).is_dir() else out / EARLIER_FOLDER
        given = _build_report_inputs(
            tables,
            {**record, "base_rates": base_rates},
            advice or ReportSupplement(),
            out,
            kept,
            raw,
            ledger,
            described,
        )
        write_pages(
            staging / "reports", given, out, pages, raw, policy or read_portfolio_policy(read_rulebook(RULEBOOK_FOLDER))
        )
        for name in WRITTEN_TABLES:
            write_parquet(tables[name], staging / f"{name}.parquet")
        for name in CSV_TABLES:
            write_csv(tables[name], staging / f"{name}.csv")
        write_json(asdict(advice or ReportSupplement()), staging / "advice.json")
        write_json(record, staging / "run.json")


def _keep_earlier_release(out: Path, folder: Path, record: RunRecord) -> None:
    """Keep the issue that this run replaces, unless it is the same issue again."""
    before = _read_manifest(out)
    kept = [out / name for name in ("partners.parquet", "scores.parquet", "run.json")]
    if (
        before is None
        or not all(path.is_file() for path in kept)
        or all(before.get(name) == record.get(name) for name in RELEASE_KEYS)
    ):
        return
    folder.mkdir()
    for path in kept:
        (folder / path.name).write_bytes(path.read_bytes())


def _build_workbook_content(tables: Mapping[str, pl.DataFrame], record: RunRecord) -> WorkbookTables:
    """Plain columns, and notes."""
    return {
        "decisions": tables["decisions"].to_dict(as_series=False),
        "partners": tables["partners"].to_dict(as_series=False),
        "scores": tables["scores"].to_dict(as_series=False),
        "notes": _list_workbook_notes(record),
    }


def _list_workbook_notes(record: RunRecord) -> list[tuple[str, str]]:
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
