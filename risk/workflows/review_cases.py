"""Reviews a file of cases against the last run and writes results, rejects, summary and memos to one folder."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from features.bad_input import BadInput
from features.snapshot.snapshot import Snapshot
from models.parallel.cluster import ClusterLink
from risk.cases.reading.case_files import (
    YAML_SUFFIXES,
    CasePart,
    list_part_files,
    read_all_parts,
    read_parts,
    read_yaml_cases,
)
from risk.cases.reading.fields import FAULT_SCHEMA, FLAG_FIELDS, check_case_fields
from risk.cases.review import ReviewContext, build_review_context
from risk.cases.streaming import RESULTS_FILE, ReviewTally, map_in_order, review_case_parts
from risk.cases.tables.loading import TransferTables, load_transfer_tables
from risk.outputs.last_run import open_last_run
from risk.outputs.run_manifest import RunRecord
from risk.outputs.table_rows import type_rows
from risk.outputs.writing import stage_outputs, write_json
from risk.rules.loading import RULEBOOK_FOLDER, validate_rulebook
from risk.rules.rulebook_files import read_rulebook

if TYPE_CHECKING:
    from risk.report.inputs import ReportInputs

CASES_FOLDER = "cases"
NO_MEMOS = "none"


@dataclass(frozen=True)
class CaseReviewResult:
    """The result of a file: the results folder, the counts, and the rows of a short file."""

    folder: Path
    tally: ReviewTally
    tables: TransferTables
    results: pl.DataFrame | None


def review_case_file(
    path: Path,
    out: Path,
    snapshot: Snapshot,
    strict: bool = False,
    form: str = "html",
    link: ClusterLink | None = None,
) -> CaseReviewResult:
    """Review every case of a file, of a folder of Parquet files, or of those that a pattern names.

    Results move into out/cases/<name of the file or folder>. YAML is read whole and gets one memo per case in the
    requested format; CSV and Parquet are streamed and get none. link: the cluster, if any.
    Raises BadInput if the file, the rulebook or the last run cannot be used; earlier results then stay unchanged.
    """
    files = list_part_files(path)
    name = _build_folder_name(path if files is None or path.is_dir() else path.resolve().parent)
    with open_last_run(out) as last_run:
        (context, day), manifest = load_review_context(out), last_run.manifest
        yaml_cases = read_yaml_cases(path, context.keys) if path.suffix.lower() in YAML_SUFFIXES else None
        inputs = _load_memo_inputs(out, snapshot) if yaml_cases is not None and form != NO_MEMOS else None
    if files is not None:
        parts = read_all_parts(files)
    else:
        parts = (
            read_parts(path) if yaml_cases is None else iter([CasePart(yaml_cases, pl.DataFrame(schema=FAULT_SCHEMA))])
        )
    shared_context, map_parts = (link.ship_value(context), link.run_in_order) if link else (context, map_in_order)
    with stage_outputs(out / CASES_FOLDER) as staging:
        staged = staging / name
        staged.mkdir()
        tally = review_case_parts(parts, shared_context, staged, path.name, strict, files is not None, map_parts)
        write_json(_build_summary(path, manifest, day, context, tally), staged / "summary.json")
        if yaml_cases is not None and inputs is not None:
            _write_case_memos(staged, yaml_cases, context, inputs, form)
    folder = out / CASES_FOLDER / name
    return CaseReviewResult(
        folder, tally, context.tables, None if yaml_cases is None else pl.read_parquet(folder / RESULTS_FILE)
    )


def load_review_context(out: Path) -> tuple[ReviewContext, date]:
    """Load the review context of the last run, and its day.

    Raises BadInput if there is no run, or if the rules have changed since.
    """
    with open_last_run(out) as last_run:
        standing, decisions, day = last_run.rule_inputs, last_run.read_table("decisions"), last_run.day
        followed = last_run.manifest.get("rules")
    files = read_rulebook(RULEBOOK_FOLDER)
    if followed is not None and followed != files.rules_checksum:
        raise BadInput(
            f"{out}: the rules have changed since the last run; run `make score` so that decisions follow them"
        )
    book = validate_rulebook(files, standing.schema)
    return build_review_context(standing, decisions, book, load_transfer_tables(files, book), day), day


def _build_folder_name(path: Path) -> str:
    name = path.resolve().name if path.is_dir() else path.stem
    if not name or name.startswith("."):
        raise BadInput(f"{path.name}: the name of a case file must not be empty or start with a dot")
    return name


def _build_summary(
    path: Path, manifest: RunRecord, day: date, context: ReviewContext, tally: ReviewTally
) -> dict[str, Any]:
    return {
        "file": path.name,
        "decided_as_of": day.isoformat(),
        "snapshot": manifest.get("snapshot"),
        "models": manifest.get("models"),
        "warning": context.tables.warning,
        **tally.as_dict(),
    }


def _load_memo_inputs(out: Path, snapshot: Snapshot) -> "ReportInputs":
    # What draws pages takes a while to import, which a large file without memos need not wait for.
    from risk.publishing.report_inputs import load_report_inputs

    return load_report_inputs(out, snapshot)


def _write_case_memos(
    folder: Path, yaml_cases: pl.DataFrame, context: ReviewContext, inputs: "ReportInputs", form: str
) -> None:
    """Write one memo per case, including the case's fields that are not result columns."""
    from risk.cases.tables.texts import build_transfer_texts
    from risk.publishing.memos import write_memos
    from risk.report.contracts.memo import CaseRow

    extra = check_case_fields(yaml_cases, context.keys).cases.select("id", "note", *FLAG_FIELDS)
    rows = pl.read_parquet(folder / RESULTS_FILE).join(extra, on="id", how="left", maintain_order="left")
    write_memos(folder, type_rows(rows, CaseRow), inputs, build_transfer_texts(context.tables), form)
