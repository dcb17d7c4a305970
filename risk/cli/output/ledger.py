"""Console output of the `risk ledger` commands."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risk.cli.output.table import print_table
from risk.ledger.export_import import read_export
from risk.ledger.ledger_files import LedgerFiles, LedgerHead
from risk.ledger.line import LedgerLine
from risk.ledger.reader import examine_ledger
from risk.ledger.state import LedgerState
from risk.report.formatting import format_amount

# Verification reads models, and the learning libraries take seconds to import.
if TYPE_CHECKING:
    from risk.workflows.verify import VerifiedPart

PROTECTION_LIMITS = (
    "Anyone who can write all the ledger's files can build a new valid chain. Keep this head elsewhere: a rewritten "
    "ledger cannot reproduce it."
)


def show_added_entry(line: LedgerLine, files: LedgerFiles) -> None:
    """Print the added line and the ledger's new head."""
    print(f"Line {line.number} added to {files.database}: {line.kind.replace('_', ' ')} by {line.who}, {line.when}")
    print(f"Head  {line.number} {line.hash}")


def show_disputed_value(body: Mapping[str, Any]) -> None:
    """Print the current value under dispute."""
    year = body["year"] or "no year"
    print(f"{body['label']}: now {format_amount(body['value'], body['unit'])}, {year}, from {body['source']}")


def show_entries(lines: Sequence[LedgerLine], state: LedgerState, only_open: bool) -> None:
    """Print one line per entry with its state today; with `only_open`, only those open or in force."""
    rows = [_format_entry_row(line, state) for line in lines]
    kept = [row for row in rows if not only_open or row[-2]]
    if not kept:
        print("No entries." if not only_open else "Nothing open or in force.")
        return
    print_table(
        ("line", "day", "by", "partner", "kind", "state", "what"),
        [(*row[:5], row[-2] or row[-1], row[5]) for row in kept],
    )


def _format_entry_row(line: LedgerLine, state: LedgerState) -> tuple[str, ...]:
    """Return number, day, by, partner, kind, what, the state if open or in force (else empty), and how it ended."""
    content = line.content
    cells = (str(line.number), line.when[:10], line.who, content["iso3"], line.kind.replace("_", " "))
    return (*cells, _describe_entry(line), *_describe_entry_state(line, state))


def _describe_entry(line: LedgerLine) -> str:
    content = line.content
    match line.kind:
        case "override":
            return f"{content['outcome']} {content['tier']} (engine: {content['engine']['tier']}): {content['because']}"
        case "incident":
            return f"{content['on']}: {content['what']} {content['source']}"
        case "incident_status":
            return f"line {content['incident']} {content['status']}: {content['because']}"
        case "dispute":
            origin = f"{content['year'] or 'undated'}, {content['source']}"
            return f"{content['measure']} = {content['value']} ({origin}): {content['because']}"
        case "answer":
            return f"line {content['dispute']} {'upheld' if content['upheld'] else 'rejected'}: {content['because']}"
        case "withdrawal":
            return f"line {content['withdrawn']}: {content['because']}"
    return str(content["because"])


def _describe_entry_state(line: LedgerLine, state: LedgerState) -> tuple[str, str]:
    number, until = line.number, line.content.get("until")
    if line.kind in ("override", "note"):
        active = state.overrides if line.kind == "override" else state.notes
        ends = f"until {until}" if until else "in force"
        return (
            (ends, "")
            if number in active
            else ("", "expired" if _is_past(until, state.day) else "replaced or withdrawn")
        )
    if line.kind == "incident":
        incident = state.incidents[number]
        due = f"OVERDUE since {incident['due']}" if incident["overdue"] else f"due {incident['due']}"
        return (f"{incident['status']}, {due}", "") if incident["due"] else ("", incident["status"])
    if line.kind == "dispute":
        answer = state.disputes[number]["answer"]
        return ("", "upheld" if answer["upheld"] else "rejected") if answer else ("open", "")
    return "", "–"


def _is_past(until: str | None, day: date) -> bool:
    return until is not None and date.fromisoformat(until) < day


def show_verification(files: LedgerFiles) -> bool:
    """Print the ledger's faults, remarks and head; return whether it is intact."""
    ledger = examine_ledger(files)
    for fault in ledger.faults:
        print(f"FAULT  {fault}")
    for remark in ledger.remarks:
        print(f"Note   {remark}")
    if ledger.faults:
        print(f"{files.database}: {len(ledger.faults)} faults in {len(ledger.lines)} lines")
        return False
    if not ledger.lines:
        print(f"{files.database}: no lines yet")
        return True
    show_head(ledger.head, files.database)
    return True


def show_export(file: Path) -> None:
    """Check an export and print its head; raise BadInput if it is damaged."""
    lines = read_export(file)
    show_head(LedgerHead(lines[-1].number, lines[-1].hash) if lines else LedgerHead(), file)


def show_head(head: LedgerHead, path: Path) -> None:
    """Print the number of lines, the head, and what the head protects against."""
    print(f"{path}: {head.number} lines, the chain is intact\nHead  {head.number} {head.hash}\n{PROTECTION_LIMITS}")


def show_verified_parts(parts: "Sequence[VerifiedPart]") -> bool:
    """Print one line per part checked and one per fault; return whether there are none."""
    for part in parts:
        state = f"{len(part.faults)} faults" if part.faults else "as written"
        print(f"{part.what:10} {part.size:14} {'none' if part.size.startswith('0 ') else state}")
        for line in [*(f"FAULT  {fault}" for fault in part.faults), *filter(None, part.remarks)]:
            print(f"  {line}")
    return not any(part.faults for part in parts)
