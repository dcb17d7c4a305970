"""Commands on the snapshot: parsing only."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import AsOf, Out, day

# Where a refresh that was held leaves the whole new snapshot.
CANDIDATE = Path("data") / "candidate"

app = typer.Typer(no_args_is_help=True, help="Refresh, compile, verify and put back the snapshot in data/raw.")

Sources = Annotated[list[str] | None, typer.Option(help="Only this source; may be repeated.")]


@app.command("refresh")
def data_refresh(
    given: Annotated[
        Path | None, typer.Option("--from", help="Folder of files that a person downloaded; any subset of the sources.")
    ] = None,
    source: Sources = None,
    accept: Annotated[
        list[str] | None, typer.Option(help="Take this source's issue however far it moves, or `all`; repeatable.")
    ] = None,
    hold: Annotated[bool, typer.Option("--hold", help="Put nothing in place: leave it in data/candidate.")] = False,
    release: Annotated[str, typer.Option(help="The release of the files given, for the card of one --source.")] = "",
) -> None:
    """Fetch the publishers' current files, or take given ones; put in place what is within the cards' bounds.

    Exit code 1 if any source failed or was refused; its old tables stand.
    """
    from features.refresh.refresh import Asked
    from risk.cli.output.data import show_refresh

    asked = Asked(given, tuple(source or ()), tuple(accept or ()), hold, release)
    if not show_refresh(asked, date.today()):
        sys.exit(1)


@app.command("accept")
def data_accept(
    sources: Annotated[list[str] | None, typer.Argument(help="Held sources; by default all.")] = None,
) -> None:
    """Put issues that were held in data/candidate in place."""
    from risk.cli.output.data import show_accepted

    show_accepted(sources or [])


@app.command("rollback")
def data_rollback(
    source: Annotated[str | None, typer.Argument(help="A source; by default the last refresh.")] = None,
) -> None:
    """Put back what the last refresh replaced, all of it or one source."""
    from risk.cli.output.data import show_rollback

    show_rollback(source)


@app.command("compile")
def data_compile(
    folder: Annotated[Path, typer.Argument(help="Folder of published files.")], source: Sources = None
) -> None:
    """Compile published files after a change of a reader or a card, within floors and ceilings, with no comparison."""
    from risk.cli.output.data import compile_all

    if not compile_all(folder, source):
        sys.exit(1)


@app.command("status")
def data_status(as_of: AsOf = None, out: Out = Path("out")) -> None:
    """Verify the snapshot; say how old each source is, what is overdue by its publisher's calendar, and what drifts."""
    from risk.cli.output.data import show_drift, show_status
    from risk.cli.output.own_indicators import show_own

    show_status(day(as_of) or date.today())
    show_own()
    show_drift(out)


@app.command("diff")
def data_diff(
    folder: Annotated[Path, typer.Argument(help="A whole snapshot, laid out as data/raw is.")] = CANDIDATE,
    out: Out = Path("out"),
) -> None:
    """Show what another snapshot would change in scores, tiers and packages, and why, before it is put in place."""
    from risk.cli.output.data import show_data_changes

    show_data_changes(folder, out)


@app.command("add")
def data_add(
    folder: Annotated[Path, typer.Argument(help="Folder of card.yaml and a CSV of iso3,year,<measures> a table.")],
) -> None:
    """Take in an indicator of your own, or a newer version of one."""
    from risk.cli.output.own_indicators import add_own

    add_own(folder)


@app.command("remove")
def data_remove(source: str) -> None:
    """Leave an indicator of your own out again."""
    from risk.cli.output.own_indicators import remove_own

    remove_own(source)
