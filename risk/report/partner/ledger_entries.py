"""A partner's ledger entries in words, shown with the engine's own figures, never instead of them."""

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
from risk.report.formatting import format_amount, format_count, format_list, format_name, format_percent
from risk.report.inputs import ReportInputs
from risk.report.labels import SOURCE_LABELS

Entry = TypeVar("Entry", OverrideEntry, DisputeEntry, IncidentEntry, NoteEntry)

# A page shows the latest of each kind; the ledger has all.
SHOWN_ENTRIES = 10
ENTRY_KINDS: Mapping[EntryKind, str]
ENTRY_KINDS = {
    "overrides": "override",
    "disputes": "dispute",
    "incidents": "incident",
    "notes": "note",
}


def describe_entries(iso3: str, inputs: ReportInputs) -> Entries | None:
    """Describe a partner's entries, or return None if there are none."""
    entries = inputs.ledger_entries.get(iso3)
    if not entries:
        return None
    return {
        "day": entries["day"],
        "told": _describe_counts(entries),
        "overrides": [_describe_override(entry, inputs) for entry in _select_latest(entries["overrides"])],
        "disputes": [_describe_dispute(entry) for entry in _select_latest(entries["disputes"])],
        "incidents": [_describe_incident(entry) for entry in _select_latest(entries["incidents"])],
        "notes": [_describe_note(entry) for entry in _select_latest(entries["notes"])],
        "more": {
            "overrides": _more(entries["overrides"]),
            "disputes": _more(entries["disputes"]),
            "incidents": _more(entries["incidents"]),
            "notes": _more(entries["notes"]),
        },
    }


def mark_partner(iso3: str, inputs: ReportInputs) -> str | None:
    """Format a partner's mark in the index: overrides in force, open disputes and reports; None if there are none."""
    entries = inputs.ledger_entries.get(iso3)
    if not entries:
        return None
    numbers = {
        "override": len(entries["overrides"]),
        "open dispute": sum(not entry["answer"] for entry in entries["disputes"]),
        "incident report": len(entries["incidents"]),
    }
    return ", ".join(format_count(number, name) for name, number in numbers.items() if number) or None


def _describe_counts(entries: ShownEntries) -> str:
    counts = [format_count(len(entries[kind]), name) for kind, name in ENTRY_KINDS.items() if entries[kind]]
    return f"As on {entries['day']}: {format_list(counts)}. The engine's own figures stand unchanged below."


def _select_latest(entries: Sequence[Entry]) -> list[Entry]:
    return list(entries)[::-1][:SHOWN_ENTRIES]


def _more(entries: Sequence[Entry]) -> int:
    return max(0, len(entries) - SHOWN_ENTRIES)


def _format_signature(entry: Signed) -> str:
    return f"{entry['by']}, {entry['day']}, line {entry['line']}"


def _describe_override(entry: OverrideEntry, inputs: ReportInputs) -> Override:
    rows = inputs.scores.get(entry["iso3"], ())
    now: Figure = next((row for row in rows if row["outcome"] == entry["outcome"]), entry["engine"])
    then = entry["engine"]
    engine = _format_figure(now)
    if _format_figure(then) != engine:
        engine += f"; when it was overridden: {_format_figure(then)}"
    return {
        "outcome": format_name(entry["outcome"]),
        "tier": entry["tier"],
        "engine": engine,
        "when": _format_signature(entry),
        "because": entry["because"],
        "until": entry["until"],
    }


def _format_figure(row: Figure) -> str:
    return f"{row['tier']}, {format_percent(row['probability']) or 'no probability'}"


def _describe_dispute(entry: DisputeEntry) -> Dispute:
    answer = entry["answer"]
    year = f" in {entry['year']}" if entry["year"] else ""
    upheld = f"Upheld by {_format_signature(answer)}: {answer['because']}" if answer else None
    return {
        "label": entry["label"],
        "value": f"{format_amount(entry['value'], entry['unit'])}{year}, from "
        f"{SOURCE_LABELS.get(entry['source'], entry['source'])}",
        "state": "upheld: the value is held to be wrong and still in use" if answer else "open",
        "when": _format_signature(entry),
        "because": entry["because"],
        "answer": upheld,
    }


def _describe_incident(entry: IncidentEntry) -> Incident:
    clock = f"{entry['due_for']} by {entry['due']}" if entry["due"] else "nothing more is due"
    return {
        "on": entry["on"],
        "what": entry["what"],
        "source": entry["source"],
        "overdue": entry["overdue"],
        "status": f"{entry['status']} since {entry['since']}",
        "clock": f"overdue: {clock}" if entry["overdue"] else clock,
        "when": _format_signature(entry),
        "because": entry.get("because"),
    }


def _describe_note(entry: NoteEntry) -> Note:
    return {"because": entry["because"], "when": _format_signature(entry), "until": entry.get("until")}
