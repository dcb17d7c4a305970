"""Entries people add to the ledger, checked before writing: overrides, notes, incidents, disputes, answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from features.bad_input import BadInput
from features.partners import load_partners
from features.snapshot.snapshot import Snapshot
from features.vocabulary import OUTCOMES
from risk.ledger.deadlines import load_statuses
from risk.ledger.issues import record_missed_release
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.line import LedgerLine
from risk.ledger.state import LedgerState, compute_ledger_state, get_utc_day
from risk.ledger.text_checks import check_signature, check_text, check_web_address
from risk.ledger.writer import NewEntry, open_ledger
from risk.outputs.last_run import read_last_table
from risk.vocabulary import REFERRED, TIERS


def build_override_entry(
    iso3: str, outcome: str, tier: str, because: str, until: date, today: date, out: Path
) -> NewEntry:
    """Build an override: a reviewer's tier for one outcome until a day, with the engine's figure of the last run."""
    chosen = _check_choice(outcome, OUTCOMES, "outcome")
    rows = read_last_table(out, "scores").filter(iso3=_check_partner(iso3), outcome=chosen).to_dicts()
    if not rows:
        raise BadInput(f"{out / 'scores.parquet'}: no score of {chosen} for {iso3!r} to override")
    engine = {name: rows[0][name] for name in ("tier", "probability", "low", "high", "origin")}
    reviewed = {"tier": _check_choice(tier, (*TIERS, REFERRED), "tier"), "because": check_text(because, "because")}
    body = {"iso3": rows[0]["iso3"], "outcome": chosen, **reviewed, "until": _check_end_day(until, today)}
    return "override", {**body, "engine": engine}


def build_note_entry(iso3: str, text: str, until: date | None, today: date) -> NewEntry:
    """Build a reviewer's note on a partner, shown until a day or indefinitely."""
    ends = {"until": _check_end_day(until, today)} if until else {}
    return "note", {"iso3": _check_partner(iso3), "because": check_text(text, "note"), **ends}


def build_incident_entry(iso3: str, on: date, what: str, source: str, today: date) -> NewEntry:
    """Build an outside report of an incident on a day, with the report's web address."""
    if on > today:
        raise BadInput(f"--on {on}: is in the future, expected {today} or earlier")
    report = {"what": check_text(what, "what"), "source": check_web_address(source)}
    return "incident", {"iso3": _check_partner(iso3), "on": str(on), **report}


def build_incident_status_entry(number: int, status: str, because: str, state: LedgerState) -> NewEntry:
    """Build a report's next status, if it may follow the current one."""
    incident = state.incidents.get(number)
    if incident is None:
        raise BadInput(_describe_missing_line(number, "incident", list(state.incidents)))
    wanted, allowed = status.replace("_", " ").strip().lower(), load_statuses()[incident["status"]].then
    if wanted not in allowed:
        raise BadInput(f"status {status!r}: cannot follow {incident['status']!r}, expected one of {', '.join(allowed)}")
    return "incident_status", {"incident": number, "iso3": incident["iso3"], "status": wanted} | _build_because(because)


def build_dispute_entry(iso3: str, measure: str, because: str, out: Path, snapshot: Snapshot) -> NewEntry:
    """A challenge to one value that the scores rest on, with the value, its year and its source as they now are."""
    # Measure labels import pandas, which takes seconds and which no other entry needs.
    from features.labels import describe_features

    measures = describe_features(snapshot).filter(feature=measure).to_dicts()
    if not measures:
        close = get_close_matches(measure, describe_features(snapshot)["feature"].to_list(), 3)
        hint = f"; close to it: {', '.join(close)}" if close else ""
        raise BadInput(f"--measure {measure!r}: no measure of the panel{hint}")
    rows = read_last_table(out, "standing").filter(iso3=_check_partner(iso3)).to_dicts()
    if not rows:
        raise BadInput(f"{out / 'standing.parquet'}: no row for {iso3!r}")
    current = {"value": rows[0].get(measure), "year": _compute_fact_year(rows[0], measures[0]["measure"])}
    details = {name: measures[0][name] for name in ("label", "unit", "source")}
    return "dispute", {"iso3": rows[0]["iso3"], "measure": measure, **current, **details} | _build_because(because)


def build_answer_entry(number: int, because: str, upheld: bool, state: LedgerState) -> NewEntry:
    """Build the answer to an open dispute."""
    dispute = state.disputes.get(number)
    if dispute is None:
        raise BadInput(_describe_missing_line(number, "dispute", list(state.disputes)))
    if dispute["answer"]:
        raise BadInput(f"line {number}: already answered by line {dispute['answer']['line']}")
    return "answer", {"dispute": number, "iso3": dispute["iso3"], "upheld": upheld} | _build_because(because)


def build_withdrawal_entry(number: int, because: str, state: LedgerState) -> NewEntry:
    """Build the withdrawal of an override or note in force; its line stays in the ledger."""
    entry = state.overrides.get(number) or state.notes.get(number)
    if entry is None:
        raise BadInput(_describe_missing_line(number, "override or note in force", [*state.overrides, *state.notes]))
    return "withdrawal", {"withdrawn": number, "iso3": entry["iso3"]} | _build_because(because)


def _build_because(because: str) -> dict[str, str]:
    return {"because": check_text(because, "because")}


def _check_partner(iso3: str) -> str:
    code = iso3.upper()
    if load_partners().filter(pl.col("iso3") == code).is_empty():
        raise BadInput(f"no partner {iso3!r}, expected an ISO3 code such as EGY")
    return code


def _check_choice(value: str, accepted: Sequence[str], name: str) -> str:
    if value not in accepted:
        raise BadInput(f"unknown {name} {value!r}, expected one of {', '.join(accepted)}")
    return value


def _check_end_day(until: date, today: date) -> str:
    if until < today:
        raise BadInput(f"--until {until}: is in the past, expected {today} or later")
    return str(until)


def _compute_fact_year(row: Mapping[str, Any], measure: str) -> int | None:
    age = row.get(f"{measure}_age")
    return None if age is None else int(row["origin"] - age)


def _describe_missing_line(number: int, what: str, known: list[int]) -> str:
    hint = f"; known: {', '.join(map(str, sorted(known)[-10:]))}" if known else "; there are none"
    return f"line {number}: no {what} with this number{hint}"


def select_written_lines(iso3: str | None, lines: Sequence[LedgerLine]) -> list[LedgerLine]:
    """Select the lines people wrote, for one partner or all."""
    code = _check_partner(iso3) if iso3 else None
    written = [line for line in lines if line.kind not in ("issue", "figures")]
    return [line for line in written if code in (None, line.content.get("iso3"))]


def record_entry(
    build: Callable[[LedgerState], NewEntry], files: LedgerFiles, out: Path, who: str | None
) -> LedgerLine:
    """Add the entry that `build` returns for the ledger's state, under the lock so that nobody answers twice.

    Outputs that an interrupted run left unrecorded are recorded first. Raises BadInput if the entry is refused or
    the ledger cannot be written.
    """
    by = check_signature(who)
    record_missed_release(out, files, by)
    with open_ledger(files) as ledger:
        return ledger.add_entries([build(compute_ledger_state(ledger.fetch_lines(), get_utc_day()))], by)[0]
