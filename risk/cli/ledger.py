"""The `risk ledger` commands: parse arguments only."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from risk.cli.options import ByOption, LedgerOption, OutOption

if TYPE_CHECKING:
    from risk.ledger.state import LedgerState
    from risk.ledger.writer import NewEntry

app = typer.Typer(
    no_args_is_help=True, help="Record what was released and what people decided and why: add, list, verify, score."
)

DEFAULT_OUT = Path("out")
BecauseOption = Annotated[str, typer.Option("--because", help="The reason, in one or two sentences.")]
UntilOption = Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day in force.")]
OptionalUntilOption = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day shown.")]
NumberArgument = Annotated[int, typer.Argument(help="Number of the ledger line this entry refers to.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE")]


@app.command("override")
def add_tier_override(
    iso3: str,
    outcome: Annotated[str, typer.Option(help="misuse, state_terror, civilian_killing or coup.")],
    tier: Annotated[str, typer.Option(help="low, guarded, elevated, high, severe or referred.")],
    because: BecauseOption,
    until: UntilOption,
    by: ByOption = None,
    out: OutOption = DEFAULT_OUT,
    ledger: LedgerOption = None,
) -> None:
    """Record a reviewer's tier, shown next to the engine's tier until a given day."""
    from risk.ledger.entries import build_override_entry

    _enter_entry(
        lambda state: build_override_entry(iso3, outcome, tier, because, until.date(), state.day, out), by, out, ledger
    )


@app.command("note")
def add_partner_note(
    iso3: str,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    until: OptionalUntilOption = None,
    by: ByOption = None,
    out: OutOption = DEFAULT_OUT,
    ledger: LedgerOption = None,
) -> None:
    """Add a note to a partner's page."""
    from risk.ledger.entries import build_note_entry

    _enter_entry(
        lambda state: build_note_entry(iso3, text, until.date() if until else None, state.day), by, out, ledger
    )


@app.command("withdraw")
def withdraw_ledger_entry(
    number: NumberArgument,
    because: BecauseOption,
    by: ByOption = None,
    out: OutOption = DEFAULT_OUT,
    ledger: LedgerOption = None,
) -> None:
    """End an override or a note early; its line stays in the ledger."""
    from risk.ledger.entries import build_withdrawal_entry

    _enter_entry(lambda state: build_withdrawal_entry(number, because, state), by, out, ledger)


@app.command("incident")
def report_outside_incident(
    iso3: str,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it happened.")],
    what: Annotated[str, typer.Option(help="What is reported, in a sentence or two.")],
    source: Annotated[str, typer.Option(help="The web address of the report.")],
    by: ByOption = None,
    out: OutOption = DEFAULT_OUT,
    ledger: LedgerOption = None,
) -> None:
    """Record an outside report of an incident and start its deadlines."""
    from risk.ledger.entries import build_incident_entry

    _enter_entry(lambda state: build_incident_entry(iso3, on.date(), what, source, state.day), by, out, ledger)


@app.command("incident-status")
def change_incident_status(
    number: NumberArgument,
    status: Annotated[str, typer.Argument(help="acknowledged, 'under review', substantiated, unfounded or closed.")],
    because: BecauseOption,
    by: ByOption = None,
    out: OutOption = DEFAULT_OUT,
    ledger: LedgerOption = None,
) -> None:
    """Change an incident report to its next status."""
    from risk.ledger.entries import build_incident_status_entry

    _enter_entry(lambda state: build_incident_status_entry(number, status, because, state), by, out, ledger)


@app.command("dispute")
def dispute_measure_value(
    iso3: str,
    measure: Annotated[str, typer.Option(help="A panel measure, such as vdem_physical_integrity.")],
    because: BecauseOption,
    by: ByOption = None,
    out: OutOption = DEFAULT_OUT,
    ledger: LedgerOption = None,
) -> None:
    """Challenge a value that the scores rest on; the page shows it as open until it is answered."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.ledger import show_disputed_value
    from risk.ledger.entries import build_dispute_entry

    entry = build_dispute_entry(iso3, measure, because, out, snapshot=CURRENT_SNAPSHOT)
    show_disputed_value(entry[1])
    _enter_entry(lambda state: entry, by, out, ledger)


@app.command("answer")
def answer_open_dispute(
    number: NumberArgument,
    because: BecauseOption,
    upheld: Annotated[bool, typer.Option("--upheld/--rejected", help="Whether the dispute is justified.")],
    by: ByOption = None,
    out: OutOption = DEFAULT_OUT,
    ledger: LedgerOption = None,
) -> None:
    """Answer an open dispute."""
    from risk.ledger.entries import build_answer_entry

    _enter_entry(lambda state: build_answer_entry(number, because, upheld, state), by, out, ledger)


@app.command("list")
def list_ledger_entries(
    iso3: Annotated[str | None, typer.Argument()] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only entries that are open or in force.")] = False,
    ledger: LedgerOption = None,
) -> None:
    """List what people entered and its current state."""
    from risk.cli.output.ledger import show_entries
    from risk.ledger.entries import select_written_lines
    from risk.ledger.ledger_files import locate_ledger
    from risk.ledger.reader import read_lines
    from risk.ledger.state import compute_ledger_state, get_utc_day

    lines = read_lines(locate_ledger(ledger))
    show_entries(select_written_lines(iso3, lines), compute_ledger_state(lines, get_utc_day()), only_open)


@app.command("verify")
def verify_ledger_chain(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Check this export instead of the ledger.")
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Check every line, link and byte, and print the head for you to keep elsewhere."""
    from risk.cli.output.ledger import show_export, show_verification
    from risk.ledger.ledger_files import locate_ledger

    if file is not None:
        show_export(file)
    elif not show_verification(locate_ledger(ledger)):
        sys.exit(1)


@app.command("score")
def score_past_releases(out: OutOption = DEFAULT_OUT, ledger: LedgerOption = None) -> None:
    """Measure every past issue of scores against what has happened since."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.track_record import show_track_record
    from risk.ledger.ledger_files import locate_ledger
    from risk.ledger.reader import read_lines

    show_track_record(read_lines(locate_ledger(ledger)), out, snapshot=CURRENT_SNAPSHOT)


@app.command("export")
def export_ledger_lines(file: FileArgument, ledger: LedgerOption = None) -> None:
    """Export every line as JSON Lines, to keep or check elsewhere."""
    from risk.cli.output.ledger import show_head
    from risk.ledger.export_import import export_lines
    from risk.ledger.ledger_files import locate_ledger

    show_head(export_lines(locate_ledger(ledger), file), file)


@app.command("import")
def import_ledger_export(file: FileArgument, ledger: LedgerOption = None) -> None:
    """Import an export into an empty ledger if its hash chain is intact."""
    from risk.cli.output.ledger import show_head
    from risk.ledger.export_import import import_exported_lines
    from risk.ledger.ledger_files import locate_ledger

    files = locate_ledger(ledger)
    show_head(import_exported_lines(files, file), files.database)


@app.command("backup")
def back_up_ledger(file: FileArgument, ledger: LedgerOption = None) -> None:
    """Back up the ledger, even while it is in use, and check the copy; FILE ends in .db."""
    from risk.cli.output.ledger import show_head
    from risk.ledger.export_import import write_ledger_backup
    from risk.ledger.ledger_files import locate_ledger

    show_head(write_ledger_backup(locate_ledger(ledger), file), file)


def _enter_entry(build: "Callable[[LedgerState], NewEntry]", by: str | None, out: Path, ledger: Path | None) -> None:
    """Add one entry and print its line."""
    from risk.cli.output.ledger import show_added_entry
    from risk.ledger.entries import record_entry
    from risk.ledger.ledger_files import locate_ledger

    files = locate_ledger(ledger)
    show_added_entry(record_entry(build, files, out, by), files)
