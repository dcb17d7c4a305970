"""The ledger's state on a day: overrides and notes in force, open disputes and incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

from risk.ledger.deadlines import FIRST_STATUS, compute_deadline, describe_next_step
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.line import LedgerLine
from risk.ledger.reader import read_lines
from risk.report.contracts.shown_entries import ShownEntries

LedgerEntry = dict[str, Any]


@dataclass
class LedgerState:
    """Entries by line number, as plain values.

    overrides: in force, the last of each partner and outcome; notes: in force. Both have line, by, day, iso3, because
    and, if limited, until. incidents: all, with status, since, due, due_for and overdue. disputes: all, with answer,
    or None while open.
    """

    day: date
    overrides: dict[int, LedgerEntry] = field(default_factory=dict)
    notes: dict[int, LedgerEntry] = field(default_factory=dict)
    incidents: dict[int, LedgerEntry] = field(default_factory=dict)
    disputes: dict[int, LedgerEntry] = field(default_factory=dict)


def compute_ledger_state(lines: Sequence[LedgerLine], day: date) -> LedgerState:
    """Compute the state after all lines; later lines take precedence."""
    state = LedgerState(day)
    for line in lines:
        if line.kind in APPLY_BY_KIND:
            APPLY_BY_KIND[line.kind](state, _build_entry_values(line))
    state.overrides = {number: entry for number, entry in state.overrides.items() if _is_in_force(entry, day)}
    state.notes = {number: entry for number, entry in state.notes.items() if _is_in_force(entry, day)}
    for entry in state.incidents.values():
        entry |= _compute_deadlines(entry, day)
    return state


def group_shown_entries(state: LedgerState) -> dict[str, ShownEntries]:
    """Group the entries shown on each partner's page.

    Closed reports that were not substantiated, and rejected disputes, are not shown.
    """
    shown = {
        "overrides": state.overrides.values(),
        "notes": state.notes.values(),
        "incidents": [entry for entry in state.incidents.values() if entry["due"] or entry["substantiated"]],
        "disputes": [entry for entry in state.disputes.values() if not entry["answer"] or entry["answer"]["upheld"]],
    }
    groups: dict[str, LedgerEntry] = {}
    for kind, entries in shown.items():
        for entry in entries:
            empty: LedgerEntry = {"day": str(state.day), **{name: [] for name in shown}}
            groups.setdefault(entry["iso3"], empty)[kind].append(entry)
    return cast(dict[str, ShownEntries], groups)


def load_shown_entries(files: LedgerFiles, day: date) -> dict[str, ShownEntries]:
    """Load the ledger entries that pages show on a day, by partner."""
    return group_shown_entries(compute_ledger_state(read_lines(files), day))


def get_utc_day() -> date:
    """Return today's date in UTC, like the lines' times."""
    return datetime.now(UTC).date()


def _build_entry_values(line: LedgerLine) -> LedgerEntry:
    return {**line.content, "line": line.number, "by": line.who, "day": line.when[:10]}


def _apply_override(state: LedgerState, entry: LedgerEntry) -> None:
    same = [
        number
        for number, other in state.overrides.items()
        if (other["iso3"], other["outcome"]) == (entry["iso3"], entry["outcome"])
    ]
    for number in same:
        del state.overrides[number]
    state.overrides[entry["line"]] = entry


def _apply_note(state: LedgerState, entry: LedgerEntry) -> None:
    state.notes[entry["line"]] = entry


def _apply_withdrawal(state: LedgerState, entry: LedgerEntry) -> None:
    for entries in (state.overrides, state.notes):
        entries.pop(entry["withdrawn"], None)


def _apply_incident(state: LedgerState, entry: LedgerEntry) -> None:
    state.incidents[entry["line"]] = entry | {"status": FIRST_STATUS, "since": entry["day"], "substantiated": False}


def _apply_incident_status(state: LedgerState, entry: LedgerEntry) -> None:
    if incident := state.incidents.get(entry["incident"]):
        incident |= {"status": entry["status"], "since": entry["day"], "because": entry["because"]}
        # A later review may reverse the finding.
        incident["substantiated"] = entry["status"] == "substantiated" or (
            incident["substantiated"] and entry["status"] != "unfounded"
        )


def _apply_dispute(state: LedgerState, entry: LedgerEntry) -> None:
    state.disputes[entry["line"]] = entry | {"answer": None}


def _apply_answer(state: LedgerState, entry: LedgerEntry) -> None:
    if dispute := state.disputes.get(entry["dispute"]):
        dispute["answer"] = {name: entry[name] for name in ("line", "by", "day", "because", "upheld")}


APPLY_BY_KIND = {
    "override": _apply_override,
    "note": _apply_note,
    "withdrawal": _apply_withdrawal,
    "incident": _apply_incident,
    "incident_status": _apply_incident_status,
    "dispute": _apply_dispute,
    "answer": _apply_answer,
}


def _is_in_force(entry: Mapping[str, Any], day: date) -> bool:
    return "until" not in entry or date.fromisoformat(entry["until"]) >= day


def _compute_deadlines(entry: Mapping[str, Any], day: date) -> LedgerEntry:
    by = compute_deadline(entry["status"], date.fromisoformat(entry["since"]))
    return {
        "due": str(by) if by else None,
        "due_for": describe_next_step(entry["status"]),
        "overdue": bool(by and by < day),
    }
