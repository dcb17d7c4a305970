"""How the entries stand on a day: which overrides and notes are in force, which disputes and incidents are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

from risk.ledger.deadlines import FIRST_STATUS, compute_deadline, describe_next_step
from risk.ledger.files import LedgerFiles
from risk.ledger.line import LedgerLine
from risk.ledger.reader import read_lines
from risk.report.contracts.shown_entries import ShownEntries

LedgerEntry = dict[str, Any]


@dataclass
class LedgerState:
    """Entries by the number of their line, as plain values.

    overrides: in force, the last of each partner and outcome; notes: in force. Of both: line, by, day, iso3, because
    and until, if it ends. incidents: all, with status, since, due, due_for and overdue. disputes: all, with answer, or
    none while it is open.
    """

    day: date
    overrides: dict[int, LedgerEntry] = field(default_factory=dict)
    notes: dict[int, LedgerEntry] = field(default_factory=dict)
    incidents: dict[int, LedgerEntry] = field(default_factory=dict)
    disputes: dict[int, LedgerEntry] = field(default_factory=dict)


def compute_ledger_state(lines: Sequence[LedgerLine], day: date) -> LedgerState:
    """What the lines come to, the later ones deciding."""
    made = LedgerState(day)
    for line in lines:
        if line.kind in APPLY_BY_KIND:
            APPLY_BY_KIND[line.kind](made, _build_entry_values(line))
    made.overrides = {number: entry for number, entry in made.overrides.items() if _is_in_force(entry, day)}
    made.notes = {number: entry for number, entry in made.notes.items() if _is_in_force(entry, day)}
    for entry in made.incidents.values():
        entry |= _compute_deadlines(entry, day)
    return made


def group_shown_entries(standing: LedgerState) -> dict[str, ShownEntries]:
    """By partner, what its page shows.

    A report that ended without being substantiated, and a dispute that was rejected, are no longer shown.
    """
    kept = {
        "overrides": standing.overrides.values(),
        "notes": standing.notes.values(),
        "incidents": [entry for entry in standing.incidents.values() if entry["due"] or entry["substantiated"]],
        "disputes": [entry for entry in standing.disputes.values() if not entry["answer"] or entry["answer"]["upheld"]],
    }
    made: dict[str, LedgerEntry] = {}
    for kind, entries in kept.items():
        for entry in entries:
            empty: LedgerEntry = {"day": str(standing.day), **{name: [] for name in kept}}
            made.setdefault(entry["iso3"], empty)[kind].append(entry)
    return cast(dict[str, ShownEntries], made)


def load_shown_entries(place: LedgerFiles, day: date) -> dict[str, ShownEntries]:
    """By partner, what the pages show of a ledger on a day."""
    return group_shown_entries(compute_ledger_state(read_lines(place), day))


def get_utc_day() -> date:
    """The day by the clock, in UTC as the lines are."""
    return datetime.now(UTC).date()


def _build_entry_values(line: LedgerLine) -> LedgerEntry:
    return {**line.content, "line": line.number, "by": line.who, "day": line.when[:10]}


def _apply_override(made: LedgerState, entry: LedgerEntry) -> None:
    same = [
        number
        for number, other in made.overrides.items()
        if (other["iso3"], other["outcome"]) == (entry["iso3"], entry["outcome"])
    ]
    for number in same:
        del made.overrides[number]
    made.overrides[entry["line"]] = entry


def _apply_note(made: LedgerState, entry: LedgerEntry) -> None:
    made.notes[entry["line"]] = entry


def _apply_withdrawal(made: LedgerState, entry: LedgerEntry) -> None:
    for entries in (made.overrides, made.notes):
        entries.pop(entry["withdrawn"], None)


def _apply_incident(made: LedgerState, entry: LedgerEntry) -> None:
    made.incidents[entry["line"]] = entry | {"status": FIRST_STATUS, "since": entry["day"], "substantiated": False}


def _apply_incident_status(made: LedgerState, entry: LedgerEntry) -> None:
    if found := made.incidents.get(entry["incident"]):
        found |= {"status": entry["status"], "since": entry["day"], "because": entry["because"]}
        # A later review may find otherwise.
        found["substantiated"] = entry["status"] == "substantiated" or (
            found["substantiated"] and entry["status"] != "unfounded"
        )


def _apply_dispute(made: LedgerState, entry: LedgerEntry) -> None:
    made.disputes[entry["line"]] = entry | {"answer": None}


def _apply_answer(made: LedgerState, entry: LedgerEntry) -> None:
    if found := made.disputes.get(entry["dispute"]):
        found["answer"] = {name: entry[name] for name in ("line", "by", "day", "because", "upheld")}


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
