"""The results of a run written to the output folder: tables, workbook, pages and the record of the run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import Popen
from typing import Literal

import polars as pl

from features.snapshot.snapshot import Snapshot
from features.vocabulary import OUTCOME_LABELS
from risk.ledger.ledger_files import LedgerFiles
from risk.outputs.last_run import MANIFEST_FILE
from risk.outputs.run_manifest import RunRecord
from risk.outputs.writing import stage_outputs, write_csv, write_json, write_parquet
from risk.portfolio.policy import PortfolioPolicy
from risk.publishing.pages import write_pages
from risk.publishing.report_inputs import EARLIER_FOLDER, RUN_TABLES, build_run_context, read_checked_manifest
from risk.report.inputs import ReportInputs, ReportSupplement
from risk.report.page_worker import draw_pages
from risk.report.workbook import WorkbookTables

WRITTEN_TABLES = (*RUN_TABLES, "recourse", "cautions", "drift")
CSV_TABLES = ("scores", "decisions")
# What tells one issue of scores from another.
RELEASE_KEYS: tuple[Literal["decided_as_of", "snapshot", "models", "rulebook"], ...]
RELEASE_KEYS = ("decided_as_of", "snapshot", "models", "rulebook")


@dataclass(frozen=True)
class RunOutputs:
    """What a run has to publish.

    tables: those of WRITTEN_TABLES by name; manifest: run.json; supplement: what pages say beside the tables, kept so
    that they can be written again; policy: what the portfolio goes by; described: features.labels on every feature.
    """

    tables: Mapping[str, pl.DataFrame]
    manifest: RunRecord
    supplement: ReportSupplement
    policy: PortfolioPolicy
    described: pl.DataFrame | None = None


def publish_outputs(
    out: Path,
    outputs: RunOutputs,
    snapshot: Snapshot,
    ledger: LedgerFiles | None = None,
    page_worker: "Popen[bytes] | None" = None,
) -> None:
    """Write everything aside and move it into `out` at once; an earlier run's outputs stay whole on any failure.

    `page_worker` is a process that waits to draw pages. The tables of the last other release are kept in `earlier`, so
    that a run repeated says again what it said.
    """
    tables, manifest = outputs.tables, outputs.manifest
    partners = tables["partners"].height
    with stage_outputs(out) as staging, draw_pages(staging / "reports", partners, page_worker) as pages:
        pages.queue_workbook(staging, _build_workbook_content(tables, manifest))
        _keep_earlier_release(out, staging / EARLIER_FOLDER, manifest)
        earlier = staging / EARLIER_FOLDER if (staging / EARLIER_FOLDER).is_dir() else out / EARLIER_FOLDER
        context = build_run_context(
            tables, manifest, outputs.supplement, out, earlier, snapshot, ledger, outputs.described
        )
        inputs = ReportInputs.from_run(tables, context)
        write_pages(staging / "reports", inputs, out, pages, snapshot, outputs.policy)
        for name in WRITTEN_TABLES:
            write_parquet(tables[name], staging / f"{name}.parquet")
        for name in CSV_TABLES:
            write_csv(tables[name], staging / f"{name}.csv")
        write_json(asdict(outputs.supplement), staging / "advice.json")
        write_json(manifest, staging / MANIFEST_FILE)


def _keep_earlier_release(out: Path, folder: Path, record: RunRecord) -> None:
    """Keep the issue that this run replaces, unless it is the same issue again."""
    before = read_checked_manifest(out)
    kept = [out / name for name in ("partners.parquet", "scores.parquet", MANIFEST_FILE)]
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
