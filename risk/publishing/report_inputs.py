"""What all pages read, loaded from a run or from its outputs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parsed
from features.labels import describe
from features.snapshot.cards import RAW
from features.snapshot.freshness import published_facts
from risk.ledger.files import Place
from risk.ledger.state import entries_on, today
from risk.outputs.atomic_swap import steady
from risk.outputs.backtest_record import read_record
from risk.outputs.last_run import read_output
from risk.outputs.run_manifest import RunRecord
from risk.outputs.table_rows import PartnerRow, ScoreRow, Standing, type_rows
from risk.publishing.supplement import read_advice
from risk.publishing.yearly_series import load_history
from risk.report.contracts.input_types import Label, SourceCard
from risk.report.inputs import Advice, Earlier, Given, gather

# What pages and the next run read of the record.
NEEDED = {"base_rates", "decided_as_of"}
TABLES = ("panel", "scores", "reasons", "decisions", "partners", "standing")
EARLIER = "earlier"


def _record(folder: Path) -> RunRecord | None:
    path = folder / "run.json"
    try:
        record: RunRecord | None = parsed(path.read_bytes()) if path.is_file() else None
    except ValueError as error:
        raise BadInput(f"{path}: not readable as JSON ({error}); remove it and run `make score` again") from None
    if record is not None and not (isinstance(record, dict) and record.keys() >= NEEDED):
        raise BadInput(f"{path}: lacks {', '.join(sorted(NEEDED))}; remove it and run `make score` again")
    return record


def load_earlier(folder: Path) -> Earlier | None:
    """The issue of scores before this one, or none where none was kept."""
    record = _record(folder)
    if record is None:
        return None
    scores = read_output(folder / "scores.parquet").filter(outcome="misuse")
    partners = read_output(folder / "partners.parquet")
    return Earlier(
        record,
        {row["iso3"]: row for row in type_rows(partners, PartnerRow)},
        {row["iso3"]: row for row in type_rows(scores, ScoreRow)},
    )


def load_given(out: Path, raw: Path = RAW, ledger: Place | None = None) -> Given:
    """All that summaries read, from the outputs of the last run and the entries of a ledger."""
    with steady(out):
        return _loaded(out, raw, ledger)


def _loaded(out: Path, raw: Path, ledger: Place | None) -> Given:
    record = _record(out)
    if record is None:
        raise BadInput(f"{out / 'run.json'}: not there yet; run `make score` first")
    tables = {name: read_output(out / f"{name}.parquet") for name in TABLES}
    kept = out / "advice.json"
    advice = read_advice(kept) if kept.is_file() else Advice()
    return _given(tables, record, advice, out, out / EARLIER, raw, ledger)


def _given(
    tables: Mapping[str, pl.DataFrame],
    record: RunRecord,
    advice: Advice,
    out: Path,
    earlier: Path,
    raw: Path,
    ledger: Place | None,
    described: pl.DataFrame | None = None,
) -> Given:
    labels = (describe(raw) if described is None else described).select("feature", "label", "unit", "source")
    return gather(
        tables,
        {row["iso3"]: cast(Standing, row) for row in tables["standing"].iter_rows(named=True)},
        cast(list[SourceCard], published_facts(_day(record, out), raw)),
        record["base_rates"],
        read_record(out),
        {row["feature"]: cast(Label, row) for row in labels.iter_rows(named=True)},
        load_history(raw),
        advice,
        load_earlier(earlier),
        record,
        entries_on(ledger, today()) if ledger else None,
    )


def _day(record: RunRecord, out: Path) -> date:
    try:
        return date.fromisoformat(record["decided_as_of"])
    except (ValueError, TypeError):
        raise BadInput(f"{out / 'run.json'}: tells no day of the last run; run `make score` again") from None
