"""Commands on the ledger: parsing only."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from risk.cli.options import By, Ledger, Out

if TYPE_CHECKING:
    from risk.ledger.state import Standing
    from risk.ledger.writer import Entry

app = typer.Typer(
    no_args_is_help=True, help="What was issued, what people decided and why: add, list, verify, measure."
)

OUT = Path("out")
Because = Annotated[str, typer.Option("--because", help="Why, in a sentence or two.")]
Until = Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day it is in force.")]
MaybeUntil = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day it is shown.")]
Number = Annotated[int, typer.Argument(help="The number of the line that it is about.")]
File = Annotated[Path, typer.Argument(metavar="FILE")]


@app.command()
def override(
    iso3: str,
    outcome: Annotated[str, typer.Option(help="misuse, state_terror, civilian_killing or coup.")],
    tier: Annotated[str, typer.Option(help="low, guarded, elevated, high, severe or referred.")],
    because: Because,
    until: Until,
    by: By = None,
    out: Out = OUT,
    ledger: Ledger = None,
) -> None:
    """Put a reviewer's tier beside the engine's own figure until a day."""
    from risk.ledger.entries import override

    _enter(lambda now: override(iso3, outcome, tier, because, until.date(), now.day, out), by, out, ledger)


@app.command()
def note(
    iso3: str,
    said: Annotated[str, typer.Argument(metavar="TEXT")],
    until: MaybeUntil = None,
    by: By = None,
    out: Out = OUT,
    ledger: Ledger = None,
) -> None:
    """Put a note on a partner's page."""
    from risk.ledger.entries import note

    _enter(lambda now: note(iso3, said, until.date() if until else None, now.day), by, out, ledger)


@app.command()
def withdraw(number: Number, because: Because, by: By = None, out: Out = OUT, ledger: Ledger = None) -> None:
    """End an override or a note before its day; the line itself stays."""
    from risk.ledger.entries import withdrawal

    _enter(lambda now: withdrawal(number, because, now), by, out, ledger)


@app.command()
def incident(
    iso3: str,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it happened.")],
    what: Annotated[str, typer.Option(help="What is reported, in a sentence or two.")],
    source: Annotated[str, typer.Option(help="The web address of the report.")],
    by: By = None,
    out: Out = OUT,
    ledger: Ledger = None,
) -> None:
    """Take in an outside report of an incident; from then on a clock runs."""
    from risk.ledger.entries import incident

    _enter(lambda now: incident(iso3, on.date(), what, source, now.day), by, out, ledger)


@app.command("incident-status")
def incident_status(
    number: Number,
    status: Annotated[str, typer.Argument(help="acknowledged, 'under review', substantiated, unfounded or closed.")],
    because: Because,
    by: By = None,
    out: Out = OUT,
    ledger: Ledger = None,
) -> None:
    """Move a report on to its next status."""
    from risk.ledger.entries import incident_status

    _enter(lambda now: incident_status(number, status, because, now), by, out, ledger)


@app.command()
def dispute(
    iso3: str,
    measure: Annotated[str, typer.Option(help="A measure of the panel, such as vdem_physical_integrity.")],
    because: Because,
    by: By = None,
    out: Out = OUT,
    ledger: Ledger = None,
) -> None:
    """Challenge a value that the scores rest on; the page shows it as open until it is answered."""
    from risk.cli.output.ledger import show_disputed
    from risk.ledger.entries import dispute

    entry = dispute(iso3, measure, because, out)
    show_disputed(entry[1])
    _enter(lambda now: entry, by, out, ledger)


@app.command()
def answer(
    number: Number,
    because: Because,
    upheld: Annotated[bool, typer.Option("--upheld/--rejected", help="Whether the challenge is right.")],
    by: By = None,
    out: Out = OUT,
    ledger: Ledger = None,
) -> None:
    """Answer a dispute."""
    from risk.ledger.entries import answer

    _enter(lambda now: answer(number, because, upheld, now), by, out, ledger)


@app.command("list")
def list_entries(
    iso3: Annotated[str | None, typer.Argument()] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only what is open or in force.")] = False,
    ledger: Ledger = None,
) -> None:
    """List what people entered, and how it stands today."""
    from risk.cli.output.ledger import show_list
    from risk.ledger.entries import lines_of
    from risk.ledger.files import locate
    from risk.ledger.reader import read_lines
    from risk.ledger.state import standing_on, today

    lines = read_lines(locate(ledger))
    show_list(lines_of(iso3, lines), standing_on(lines, today()), only_open)


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="An export to check instead.")] = None,
    ledger: Ledger = None,
) -> None:
    """Check every line, link and byte, and print the head to be written down elsewhere."""
    from risk.cli.output.ledger import show_export, show_verified
    from risk.ledger.files import locate

    if file is not None:
        show_export(file)
    elif not show_verified(locate(ledger)):
        sys.exit(1)


@app.command()
def score(out: Out = OUT, ledger: Ledger = None) -> None:
    """Measure every past issue of scores against what has happened since."""
    from risk.cli.output.track_record import show_measured
    from risk.ledger.files import locate
    from risk.ledger.reader import read_lines

    show_measured(read_lines(locate(ledger)), out)


@app.command()
def export(file: File, ledger: Ledger = None) -> None:
    """Write every line as JSON, one a line, to be kept or checked elsewhere."""
    from risk.cli.output.ledger import show_head
    from risk.ledger.export_import import export
    from risk.ledger.files import locate

    show_head(export(locate(ledger), file), file)


@app.command("import")
def import_lines(file: File, ledger: Ledger = None) -> None:
    """Take an export into an empty ledger, if its chain is whole."""
    from risk.cli.output.ledger import show_head
    from risk.ledger.export_import import take_in
    from risk.ledger.files import locate

    place = locate(ledger)
    show_head(take_in(place, file), place.database)


@app.command()
def backup(file: File, ledger: Ledger = None) -> None:
    """Copy the ledger, also while others write, and check the copy; FILE ends in .db."""
    from risk.cli.output.ledger import show_head
    from risk.ledger.export_import import backup
    from risk.ledger.files import locate

    show_head(backup(locate(ledger), file), file)


def _enter(make: "Callable[[Standing], Entry]", by: str | None, out: Path, ledger: Path | None) -> None:
    """Add one entry and print its line."""
    from risk.cli.output.ledger import show_added
    from risk.ledger.entries import enter
    from risk.ledger.files import locate

    place = locate(ledger)
    show_added(enter(make, place, out, by), place)
