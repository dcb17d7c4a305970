"""What all pages read, loaded from a run or from its outputs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from features.bad_input import BadInput
from features.labels import describe_features
from features.snapshot.freshness import describe_published_cards
from features.snapshot.snapshot import Snapshot
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.state import get_utc_day, load_shown_entries
from risk.outputs.backtest_record import read_backtest_record
from risk.outputs.last_run import MANIFEST_FILE, open_last_run, read_manifest, read_output
from risk.outputs.run_manifest import RunRecord
from risk.outputs.table_rows import PartnerRow, ScoreRow, Standing, type_rows
from risk.publishing.supplement import read_supplement
from risk.publishing.yearly_series import load_history
from risk.report.contracts.input_types import Label, SourceCard
from risk.report.inputs import EarlierRelease, ReportInputs, ReportSupplement, RunContext

# What pages and the next run read of the record.
NEEDED_KEYS = {"base_rates", "decided_as_of"}
RUN_TABLES = ("panel", "scores", "reasons", "decisions", "partners", "standing")
EARLIER_FOLDER = "earlier"


def read_checked_manifest(folder: Path) -> RunRecord | None:
    """The run.json of a folder, None where there is none; BadInput where it lacks what pages need."""
    path = folder / MANIFEST_FILE
    if not path.is_file():
        return None
    try:
        record = read_manifest(folder)
    except ValueError as error:
        raise BadInput(f"{path}: not readable as JSON ({error}); remove it and run `make score` again") from None
    if record is None or not record.keys() >= NEEDED_KEYS:
        raise BadInput(f"{path}: lacks {', '.join(sorted(NEEDED_KEYS))}; remove it and run `make score` again")
    return record


def load_earlier_release(folder: Path) -> EarlierRelease | None:
    """The issue of scores before this one, or none where none was kept."""
    record = read_checked_manifest(folder)
    if record is None:
        return None
    scores = read_output(folder / "scores.parquet").filter(outcome="misuse")
    partners = read_output(folder / "partners.parquet")
    return EarlierRelease(
        record,
        {row["iso3"]: row for row in type_rows(partners, PartnerRow)},
        {row["iso3"]: row for row in type_rows(scores, ScoreRow)},
    )


def load_report_inputs(out: Path, snapshot: Snapshot, ledger: LedgerFiles | None = None) -> ReportInputs:
    """All that summaries read, from the outputs of the last run and the entries of a ledger."""
    with open_last_run(out) as last_run:
        record = read_checked_manifest(out)
        if record is None:
            raise BadInput(f"{out / MANIFEST_FILE}: not there yet; run `make score` first")
        tables = {name: last_run.read_table(name) for name in RUN_TABLES}
        kept = out / "advice.json"
        supplement = read_supplement(kept) if kept.is_file() else ReportSupplement()
        context = build_run_context(tables, record, supplement, out, out / EARLIER_FOLDER, snapshot, ledger)
        return ReportInputs.from_run(tables, context)


def build_run_context(
    tables: Mapping[str, pl.DataFrame],
    manifest: RunRecord,
    supplement: ReportSupplement,
    out: Path,
    earlier: Path,
    snapshot: Snapshot,
    ledger: LedgerFiles | None,
    described: pl.DataFrame | None = None,
) -> RunContext:
    """What a run's tables are read with: the snapshot, the back-test in `out`, the release before, the ledger.

    described: what features.labels says of features, where it is at hand already.
    """
    labels = (describe_features(snapshot) if described is None else described).select(
        "feature", "label", "unit", "source"
    )
    return RunContext(
        rule_inputs={row["iso3"]: cast(Standing, row) for row in tables["standing"].iter_rows(named=True)},
        base_rates=manifest["base_rates"],
        sources=cast(list[SourceCard], describe_published_cards(_read_decision_day(manifest, out), snapshot)),
        past_forecasts=read_backtest_record(out),
        labels={row["feature"]: cast(Label, row) for row in labels.iter_rows(named=True)},
        history=load_history(snapshot),
        supplement=supplement,
        earlier_release=load_earlier_release(earlier),
        manifest=manifest,
        ledger_entries=load_shown_entries(ledger, get_utc_day()) if ledger else {},
    )


def _read_decision_day(record: RunRecord, out: Path) -> date:
    try:
        return date.fromisoformat(record["decided_as_of"])
    except (ValueError, TypeError):
        raise BadInput(f"{out / MANIFEST_FILE}: does not name the last run's day; run `make score` again") from None
