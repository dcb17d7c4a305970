"""Cases of a file reviewed against the last run, with results, rejects, summary and memos in a folder of their own."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from features.bad_input import BadInput
from features.snapshot.snapshot import Snapshot
from models.parallel.cluster import ClusterLink
from risk.cases.reading.fields import FAULT_SCHEMA, FLAG_FIELDS, check_case_fields
from risk.cases.reading.files import (
    YAML_SUFFIXES,
    CasePart,
    list_part_files,
    read_all_parts,
    read_parts,
    read_yaml_cases,
)
from risk.cases.review import ReviewContext, build_review_context
from risk.cases.streaming import RESULTS_FILE, ReviewTally, map_in_order, review_case_parts
from risk.cases.tables.loading import TransferTables, load_transfer_tables
from risk.outputs.last_run import open_last_run
from risk.outputs.run_manifest import RunRecord
from risk.outputs.table_rows import type_rows
from risk.outputs.writing import stage_outputs, write_json
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK_FOLDER, validate_rulebook

if TYPE_CHECKING:
    from risk.report.inputs import ReportInputs

CASES_FOLDER = "cases"
NO_MEMOS = "none"


@dataclass(frozen=True)
class CaseReviewResult:
    """What became of a file: where the results are, how many of each, and the rows themselves where they were few."""

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

    What comes of them moves into out/cases/<name of the file or folder>. YAML is read whole and gets a memo a case in
    the format given; CSV and Parquet are streamed and get none. link: the cluster that reviews, if one does.
    Raises BadInput where the file, the rulebook or the last run cannot be used; earlier results then stay as they were.
    """
    files = list_part_files(path)
    name = _build_folder_name(path if files is None or path.is_dir() else path.resolve().parent)
    with open_last_run(out) as last_run:
        (desk, day), record = load_review_context(out), last_run.manifest
        few = read_yaml_cases(path, desk.keys) if path.suffix.lower() in YAML_SUFFIXES else None
        given = _load_memo_inputs(out, snapshot) if few is not None and form != NO_MEMOS else None
    if files is not None:
        parts = read_all_parts(files)
    else:
        parts = read_parts(path) if few is None else iter([CasePart(few, pl.DataFrame(schema=FAULT_SCHEMA))])
    at, spread = (link.ship_value(desk), link.run_in_order) if link else (desk, map_in_order)
    with stage_outputs(out / CASES_FOLDER) as staging:
        made = staging / name
        made.mkdir()
        tally = review_case_parts(parts, at, made, path.name, strict, files is not None, spread)
        write_json(_build_summary(path, record, day, desk, tally), made / "summary.json")
        if few is not None and given is not None:
            _write_case_memos(made, few, desk, given, form)
    folder = out / CASES_FOLDER / name
    return CaseReviewResult(folder, tally, desk.tables, None if few is None else pl.read_parquet(folder / RESULTS_FILE))


def load_review_context(out: Path) -> tuple[ReviewContext, date]:
    """What the cases of a run are reviewed with, and its day.

    Raises BadInput where there is no run, or where the rules have changed since.
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
        raise BadInput(f"{path.name}: a file of cases needs a name that does not start with a dot")
    return name


def _build_summary(path: Path, record: RunRecord, day: date, desk: ReviewContext, tally: ReviewTally) -> dict[str, Any]:
    return {
        "file": path.name,
        "decided_as_of": day.isoformat(),
        "snapshot": record.get("snapshot"),
        "models": record.get("models"),
        "warning": desk.tables.warning,
        **tally.as_dict(),
    }


def _load_memo_inputs(out: Path, snapshot: Snapshot) -> "ReportInputs":
    # What draws pages takes a while to import, which a large file without memos need not wait for.
    from risk.publishing.report_inputs import load_report_inputs

    return load_report_inputs(out, snapshot)


def _write_case_memos(folder: Path, few: pl.DataFrame, desk: ReviewContext, given: "ReportInputs", form: str) -> None:
    """A memo a case, with what the case gave beyond the columns of the results."""
    from risk.cases.tables.texts import build_transfer_texts
    from risk.publishing.memos import write_memos
    from risk.report.contracts.memo import CaseRow

    beyond = check_case_fields(few, desk.keys).cases.select("id", "note", *FLAG_FIELDS)
    rows = pl.read_parquet(folder / RESULTS_FILE).join(beyond, on="id", how="left", maintain_order="left")
    write_memos(folder, type_rows(rows, CaseRow), given, build_transfer_texts(desk.tables), form)
