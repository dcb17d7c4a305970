"""What the commands on the ledger print."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risk.cli.output.table import print_table
from risk.ledger.export_import import read_export
from risk.ledger.files import LedgerFiles, LedgerHead
from risk.ledger.line import LedgerLine
from risk.ledger.reader import examine_ledger
from risk.ledger.state import LedgerState
from risk.report.formatting import format_amount

# Checking everything reads models, and the learning libraries take seconds to import.
if TYPE_CHECKING:
    from risk.workflows.verify import VerifiedPart

PROTECTION_LIMITS = (
    "Whoever can write all the ledger's files can make a new whole chain. Write this head down elsewhere: a ledger "
    "that was written anew cannot have it."
)


def show_added_entry(line: LedgerLine, place: LedgerFiles) -> None:
    """What was added, and the head that now stands for the whole ledger."""
    print(f"Line {line.number} added to {place.database}: {line.kind.replace('_', ' ')} by {line.who}, {line.when}")
    print(f"Head  {line.number} {line.hash}")


def show_disputed_value(body: Mapping[str, Any]) -> None:
    """The value that is contested, as it now is."""
    year = body["year"] or "no year"
    print(f"{body['label']}: now {format_amount(body['value'], body['unit'])}, {year}, from {body['source']}")


def show_entries(lines: Sequence[LedgerLine], standing: LedgerState, only_open: bool) -> None:
    """One line an entry, with how it stands today; only those in force or open where asked."""
    rows = [_format_entry_row(line, standing) for line in lines]
    kept = [row for row in rows if not only_open or row[-2]]
    if not kept:
        print("No entries." if not only_open else "Nothing open or in force.")
        return
    print_table(
        ("line", "day", "by", "partner", "kind", "stands", "what"),
        [(*row[:5], row[-2] or row[-1], row[5]) for row in kept],
    )


def _format_entry_row(line: LedgerLine, standing: LedgerState) -> tuple[str, ...]:
    """Number, day, by, partner, kind, what, how it is open or in force (empty if it is not), how it ended."""
    said = line.content
    shown = (str(line.number), line.when[:10], line.who, said["iso3"], line.kind.replace("_", " "))
    return (*shown, _describe_entry(line), *_describe_entry_state(line, standing))


def _describe_entry(line: LedgerLine) -> str:
    said = line.content
    match line.kind:
        case "override":
            return f"{said['outcome']} {said['tier']} (engine: {said['engine']['tier']}): {said['because']}"
        case "incident":
            return f"{said['on']}: {said['what']} {said['source']}"
        case "incident_status":
            return f"line {said['incident']} {said['status']}: {said['because']}"
        case "dispute":
            dated = f"{said['year'] or 'undated'}, {said['source']}"
            return f"{said['measure']} = {said['value']} ({dated}): {said['because']}"
        case "answer":
            return f"line {said['dispute']} {'upheld' if said['upheld'] else 'rejected'}: {said['because']}"
        case "withdrawal":
            return f"line {said['withdrawn']}: {said['because']}"
    return str(said["because"])


def _describe_entry_state(line: LedgerLine, standing: LedgerState) -> tuple[str, str]:
    number, until = line.number, line.content.get("until")
    if line.kind in ("override", "note"):
        held = standing.overrides if line.kind == "override" else standing.notes
        ends = f"until {until}" if until else "in force"
        return (
            (ends, "")
            if number in held
            else ("", "expired" if _is_past(until, standing.day) else "replaced or withdrawn")
        )
    if line.kind == "incident":
        found = standing.incidents[number]
        late = f"OVERDUE since {found['due']}" if found["overdue"] else f"due {found['due']}"
        return (f"{found['status']}, {late}", "") if found["due"] else ("", found["status"])
    if line.kind == "dispute":
        answered = standing.disputes[number]["answer"]
        return ("", "upheld" if answered["upheld"] else "rejected") if answered else ("open", "")
    return "", "–"


def _is_past(until: str | None, day: date) -> bool:
    return until is not None and date.fromisoformat(until) < day


def show_verification(place: LedgerFiles) -> bool:
    """Say whether the ledger is whole, what is wrong with it and what is its head; whether all is well."""
    found = examine_ledger(place)
    for fault in found.faults:
        print(f"FAULT  {fault}")
    for remark in found.remarks:
        print(f"Note   {remark}")
    if found.faults:
        print(f"{place.database}: {len(found.faults)} faults in {len(found.lines)} lines")
        return False
    if not found.lines:
        print(f"{place.database}: no lines yet")
        return True
    show_head(found.head, place.database)
    return True


def show_export(file: Path) -> None:
    """Check an export and print its head; BadInput where it is not whole."""
    lines = read_export(file)
    show_head(LedgerHead(lines[-1].number, lines[-1].hash) if lines else LedgerHead(), file)


def show_head(head: LedgerHead, of: Path) -> None:
    """How many lines there are, the head, and what it is good for."""
    print(f"{of}: {head.number} lines, the chain is whole\nHead  {head.number} {head.hash}\n{PROTECTION_LIMITS}")


def show_verified_parts(checked: "Sequence[VerifiedPart]") -> bool:
    """One line a thing checked and one a fault; whether all is well."""
    for one in checked:
        state = f"{len(one.faults)} faults" if one.faults else "as written"
        print(f"{one.what:10} {one.size:14} {'none' if one.size.startswith('0 ') else state}")
        for line in [*(f"FAULT  {fault}" for fault in one.faults), *filter(None, one.remarks)]:
            print(f"  {line}")
    return not any(one.faults for one in checked)
