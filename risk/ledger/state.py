"""How the entries stand on a day: which overrides and notes are in force, which disputes and incidents are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

from risk.ledger.deadlines import FIRST, due, due_for
from risk.ledger.files import Place
from risk.ledger.line import Line
from risk.ledger.reader import read_lines
from risk.report.contracts.shown_entries import ShownEntries

Entry = dict[str, Any]


@dataclass
class Standing:
    """Entries by the number of their line, as plain values.

    overrides: in force, the last of each partner and outcome; notes: in force. Of both: line, by, day, iso3, because
    and until, if it ends. incidents: all, with status, since, due, due_for and overdue. disputes: all, with answer, or
    none while it is open.
    """

    day: date
    overrides: dict[int, Entry] = field(default_factory=dict)
    notes: dict[int, Entry] = field(default_factory=dict)
    incidents: dict[int, Entry] = field(default_factory=dict)
    disputes: dict[int, Entry] = field(default_factory=dict)


def standing_on(lines: Sequence[Line], day: date) -> Standing:
    """What the lines come to, the later ones deciding."""
    made = Standing(day)
    for line in lines:
        if line.kind in STEPS:
            STEPS[line.kind](made, _entry(line))
    made.overrides = {number: entry for number, entry in made.overrides.items() if _in_force(entry, day)}
    made.notes = {number: entry for number, entry in made.notes.items() if _in_force(entry, day)}
    for entry in made.incidents.values():
        entry |= _clock(entry, day)
    return made


def shown(standing: Standing) -> dict[str, ShownEntries]:
    """By partner, what its page shows.

    A report that ended without being substantiated, and a dispute that was rejected, are no longer shown.
    """
    kept = {
        "overrides": standing.overrides.values(),
        "notes": standing.notes.values(),
        "incidents": [entry for entry in standing.incidents.values() if entry["due"] or entry["substantiated"]],
        "disputes": [entry for entry in standing.disputes.values() if not entry["answer"] or entry["answer"]["upheld"]],
    }
    made: dict[str, Entry] = {}
    for kind, entries in kept.items():
        for entry in entries:
            empty: Entry = {"day": str(standing.day), **{name: [] for name in kept}}
            made.setdefault(entry["iso3"], empty)[kind].append(entry)
    return cast(dict[str, ShownEntries], made)


def entries_on(place: Place, day: date) -> dict[str, ShownEntries]:
    """By partner, what the pages show of a ledger on a day."""
    return shown(standing_on(read_lines(place), day))


def today() -> date:
    """The day by the clock, in UTC as the lines are."""
    return datetime.now(UTC).date()


def _entry(line: Line) -> Entry:
    return {**line.said, "line": line.number, "by": line.who, "day": line.when[:10]}


def _override(made: Standing, entry: Entry) -> None:
    same = [
        number
        for number, other in made.overrides.items()
        if (other["iso3"], other["outcome"]) == (entry["iso3"], entry["outcome"])
    ]
    for number in same:
        del made.overrides[number]
    made.overrides[entry["line"]] = entry


def _note(made: Standing, entry: Entry) -> None:
    made.notes[entry["line"]] = entry


def _withdrawal(made: Standing, entry: Entry) -> None:
    for entries in (made.overrides, made.notes):
        entries.pop(entry["withdrawn"], None)


def _incident(made: Standing, entry: Entry) -> None:
    made.incidents[entry["line"]] = entry | {"status": FIRST, "since": entry["day"], "substantiated": False}


def _incident_status(made: Standing, entry: Entry) -> None:
    if found := made.incidents.get(entry["incident"]):
        found |= {"status": entry["status"], "since": entry["day"], "because": entry["because"]}
        # A later review may find otherwise.
        found["substantiated"] = entry["status"] == "substantiated" or (
            found["substantiated"] and entry["status"] != "unfounded"
        )


def _dispute(made: Standing, entry: Entry) -> None:
    made.disputes[entry["line"]] = entry | {"answer": None}


def _answer(made: Standing, entry: Entry) -> None:
    if found := made.disputes.get(entry["dispute"]):
        found["answer"] = {name: entry[name] for name in ("line", "by", "day", "because", "upheld")}


STEPS = {
    "override": _override,
    "note": _note,
    "withdrawal": _withdrawal,
    "incident": _incident,
    "incident_status": _incident_status,
    "dispute": _dispute,
    "answer": _answer,
}


def _in_force(entry: Mapping[str, Any], day: date) -> bool:
    return "until" not in entry or date.fromisoformat(entry["until"]) >= day


def _clock(entry: Mapping[str, Any], day: date) -> Entry:
    by = due(entry["status"], date.fromisoformat(entry["since"]))
    return {"due": str(by) if by else None, "due_for": due_for(entry["status"]), "overdue": bool(by and by < day)}
