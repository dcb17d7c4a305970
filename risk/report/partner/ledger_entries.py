"""What people put in the ledger about a partner, in words: beside the engine's own figures, never instead of them."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from risk.report.contracts.entry import Dispute, Entries, Incident, Note, Override
from risk.report.contracts.shown_entries import (
    DisputeEntry,
    EntryKind,
    Figure,
    IncidentEntry,
    NoteEntry,
    OverrideEntry,
    ShownEntries,
    Signed,
)
from risk.report.formatting import amount, counted, listed, percent, phrase
from risk.report.inputs import Given
from risk.report.labels import SOURCES

Entry = TypeVar("Entry", OverrideEntry, DisputeEntry, IncidentEntry, NoteEntry)

# A page shows the latest of each kind; the ledger has all.
SHOWN = 10
KINDS: Mapping[EntryKind, str]
KINDS = {
    "overrides": "override",
    "disputes": "dispute",
    "incidents": "incident",
    "notes": "note",
}


def entries(iso3: str, given: Given) -> Entries | None:
    """What the page says of a partner's entries, or none where there are none."""
    found = given.entries.get(iso3)
    if not found:
        return None
    return {
        "day": found["day"],
        "told": _told(found),
        "overrides": [_override(entry, given) for entry in _latest(found["overrides"])],
        "disputes": [_dispute(entry) for entry in _latest(found["disputes"])],
        "incidents": [_incident(entry) for entry in _latest(found["incidents"])],
        "notes": [_note(entry) for entry in _latest(found["notes"])],
        "more": {
            "overrides": _more(found["overrides"]),
            "disputes": _more(found["disputes"]),
            "incidents": _more(found["incidents"]),
            "notes": _more(found["notes"]),
        },
    }


def mark(iso3: str, given: Given) -> str | None:
    """The few words that mark a partner in the index: overrides in force, open disputes and reports, or none."""
    found = given.entries.get(iso3)
    if not found:
        return None
    numbers = {
        "override": len(found["overrides"]),
        "open dispute": sum(not entry["answer"] for entry in found["disputes"]),
        "incident report": len(found["incidents"]),
    }
    return ", ".join(counted(number, name) for name, number in numbers.items() if number) or None


def _told(found: ShownEntries) -> str:
    held = [counted(len(found[kind]), name) for kind, name in KINDS.items() if found[kind]]
    return f"As on {found['day']}: {listed(held)}. The engine's own figures stand unchanged below."


def _latest(entries: Sequence[Entry]) -> list[Entry]:
    return list(entries)[::-1][:SHOWN]


def _more(entries: Sequence[Entry]) -> int:
    return max(0, len(entries) - SHOWN)


def _when(entry: Signed) -> str:
    return f"{entry['by']}, {entry['day']}, line {entry['line']}"


def _override(entry: OverrideEntry, given: Given) -> Override:
    rows = given.scores.get(entry["iso3"], ())
    now: Figure = next((row for row in rows if row["outcome"] == entry["outcome"]), entry["engine"])
    then = entry["engine"]
    engine = _figure(now)
    if _figure(then) != engine:
        engine += f"; when it was overridden: {_figure(then)}"
    return {
        "outcome": phrase(entry["outcome"]),
        "tier": entry["tier"],
        "engine": engine,
        "when": _when(entry),
        "because": entry["because"],
        "until": entry["until"],
    }


def _figure(row: Figure) -> str:
    return f"{row['tier']}, {percent(row['probability']) or 'no probability'}"


def _dispute(entry: DisputeEntry) -> Dispute:
    answer = entry["answer"]
    year = f" in {entry['year']}" if entry["year"] else ""
    upheld = f"Upheld by {_when(answer)}: {answer['because']}" if answer else None
    return {
        "label": entry["label"],
        "value": f"{amount(entry['value'], entry['unit'])}{year}, from {SOURCES.get(entry['source'], entry['source'])}",
        "state": "upheld: the value is held to be wrong and still in use" if answer else "open",
        "when": _when(entry),
        "because": entry["because"],
        "answer": upheld,
    }


def _incident(entry: IncidentEntry) -> Incident:
    clock = f"{entry['due_for']} by {entry['due']}" if entry["due"] else "nothing more is due"
    return {
        "on": entry["on"],
        "what": entry["what"],
        "source": entry["source"],
        "overdue": entry["overdue"],
        "status": f"{entry['status']} since {entry['since']}",
        "clock": f"overdue: {clock}" if entry["overdue"] else clock,
        "when": _when(entry),
        "because": entry.get("because"),
    }


def _note(entry: NoteEntry) -> Note:
    return {"because": entry["because"], "when": _when(entry), "until": entry.get("until")}
