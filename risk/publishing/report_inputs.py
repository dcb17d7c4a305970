"""What all pages read, loaded from a run or from its outputs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from features.labels import describe_features
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.freshness import describe_published_cards
from risk.ledger.files import LedgerFiles
from risk.ledger.state import get_utc_day, load_shown_entries
from risk.outputs.atomic_swap import hold_read_lock
from risk.outputs.backtest_record import read_backtest_record
from risk.outputs.last_run import read_output
from risk.outputs.run_manifest import RunRecord
from risk.outputs.table_rows import PartnerRow, ScoreRow, Standing, type_rows
from risk.publishing.supplement import read_supplement
from risk.publishing.yearly_series import load_history
from risk.report.contracts.input_types import Label, SourceCard
from risk.report.inputs import EarlierRelease, ReportInputs, ReportSupplement, build_report_inputs

# What pages and the next run read of the record.
NEEDED_KEYS = {"base_rates", "decided_as_of"}
RUN_TABLES = ("panel", "scores", "reasons", "decisions", "partners", "standing")
EARLIER_FOLDER = "earlier"


def _read_manifest(folder: Path) -> RunRecord | None:
    path = folder / "run.json"
    try:
        record: RunRecord | None = parse_json(path.read_bytes()) if path.is_file() else None
    except ValueError as error:
        raise BadInput(f"{path}: not readable as JSON ({error}); remove it and run `make score` again") from None
    if record is not None and not (isinstance(record, dict) and record.keys() >= NEEDED_KEYS):
        raise BadInput(f"{path}: lacks {', '.join(sorted(NEEDED_KEYS))}; remove it and run `make score` again")
    return record


def load_earlier_release(folder: Path) -> EarlierRelease | None:
    """The issue of scores before this one, or none where none was kept."""
    record = _read_manifest(folder)
    if record is None:
        return None
    scores = read_output(folder / "scores.parquet").filter(outcome="misuse")
    partners = read_output(folder / "partners.parquet")
    return EarlierRelease(
        record,
        {row["iso3"]: row for row in type_rows(partners, PartnerRow)},
        {row["iso3"]: row for row in type_rows(scores, ScoreRow)},
    )


def load_report_inputs(out: Path, raw: Path = RAW_FOLDER, ledger: LedgerFiles | None = None) -> ReportInputs:
    """All that summaries read, from the outputs of the last run and the entries of a ledger."""
    with hold_read_lock(out):
        return _load_inputs(out, raw, ledger)


def _load_inputs(out: Path, raw: Path, ledger: LedgerFiles | None) -> ReportInputs:
    record = _read_manifest(out)
    if record is None:
        raise BadInput(f"{out / 'run.json'}: not there yet; run `make score` first")
    tables = {name: read_output(out / f"{name}.parquet") for name in RUN_TABLES}
    kept = out / "advice.json"
    advice = read_supplement(kept) if kept.is_file() else ReportSupplement()
    return _build_report_inputs(tables, record, advice, out, out / EARLIER_FOLDER, raw, ledger)


def _build_report_inputs(
    tables: Mapping[str, pl.DataFrame],
    record: RunRecord,
    advice: ReportSupplement,
    out: Path,
    earlier: Path,
    raw: Path,
    ledger: LedgerFiles | None,
    described: pl.DataFrame | None = None,
) -> ReportInputs:
    labels = (describe_features(raw) if described is None else described).select("feature", "label", "unit", "source")
    return build_report_inputs(
        tables,
        {row["iso3"]: cast(Standing, row) for row in tables["standing"].iter_rows(named=True)},
        cast(list[SourceCard], describe_published_cards(_read_decision_day(record, out), raw)),
        record["base_rates"],
        read_backtest_record(out),
        {row["feature"]: cast(Label, row) for row in labels.iter_rows(named=True)},
        load_history(raw),
        advice,
        load_earlier_release(earlier),
        record,
        load_shown_entries(ledger, get_utc_day()) if ledger else None,
    )


def _read_decision_day(record: RunRecord, out: Path) -> date:
    try:
        return date.fromisoformat(record["decided_as_of"])
    except (ValueError, TypeError):
        raise BadInput(f"{out / 'run.json'}: tells no day of the last run; run `make score` again") from None
