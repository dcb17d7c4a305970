"""What people put in the ledger about a partner, in words: beside the engine's own figures, never instead of them."""

from collections.abc import Mapping
from typing import Any

from risk.report.formatting import amount, counted, listed, percent, phrase
from risk.report.inputs import Given, Row
from risk.report.labels import SOURCES

# A page shows the latest of each kind; the ledger has all.
SHOWN = 10
KINDS = {"overrides": "override", "disputes": "dispute", "incidents": "incident", "notes": "note"}


def entries(iso3: str, given: Given) -> Row | None:
    """What the page says of a partner's entries, or none where there are none.

    day (of the page), told (a sentence); overrides: outcome, tier, engine, when, because, until; disputes: label,
    value, state, when, because, answer (text or none); incidents: on, what, source, status, clock, overdue, when,
    because (text or none); notes: because, when, until (text or none); more: by kind, how many are not shown.
    """
    found = given.entries.get(iso3)
    if not found:
        return None
    made: Row = {"day": found["day"], "told": _told(found)}
    made["overrides"] = [_override(entry, given) for entry in _latest(found, "overrides")]
    made["disputes"] = [_dispute(entry) for entry in _latest(found, "disputes")]
    made["incidents"] = [_incident(entry) for entry in _latest(found, "incidents")]
    made["notes"] = [_note(entry) for entry in _latest(found, "notes")]
    return made | {"more": {kind: max(0, len(found[kind]) - SHOWN) for kind in KINDS}}


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


def _told(found: Mapping[str, Any]) -> str:
    held = [counted(len(found[kind]), name) for kind, name in KINDS.items() if found[kind]]
    return f"As on {found['day']}: {listed(held)}. The engine's own figures stand unchanged below."


def _latest(found: Mapping[str, Any], kind: str) -> list[Row]:
    return [dict(entry) for entry in found[kind]][::-1][:SHOWN]


def _when(entry: Row) -> str:
    return f"{entry['by']}, {entry['day']}, line {entry['line']}"


def _override(entry: Row, given: Given) -> Row:
    rows = given.scores.get(entry["iso3"], ())
    now = next((row for row in rows if row["outcome"] == entry["outcome"]), entry["engine"])
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


def _figure(row: Mapping[str, Any]) -> str:
    return f"{row['tier']}, {percent(row['probability']) or 'no probability'}"


def _dispute(entry: Row) -> Row:
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


def _incident(entry: Row) -> Row:
    clock = f"{entry['due_for']} by {entry['due']}" if entry["due"] else "nothing more is due"
    return {
        **{key: entry[key] for key in ("on", "what", "source", "overdue")},
        "status": f"{entry['status']} since {entry['since']}",
        "clock": f"overdue: {clock}" if entry["overdue"] else clock,
        "when": _when(entry),
        "because": entry.get("because"),
    }


def _note(entry: Row) -> Row:
    return {"because": entry["because"], "when": _when(entry), "until": entry.get("until")}
