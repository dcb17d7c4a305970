"""The `risk data` commands: parse arguments only."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import AsOfOption, OutOption, convert_to_day

# A held refresh leaves the complete new snapshot here.
CANDIDATE_FOLDER = Path("data") / "candidate"

app = typer.Typer(no_args_is_help=True, help="Refresh, compile, verify and roll back the snapshot in data/raw.")

SourcesOption = Annotated[list[str] | None, typer.Option(help="Only this source; repeatable.")]


@app.command("refresh")
def refresh_data(
    folder: Annotated[
        Path | None, typer.Option("--from", help="Folder of files you downloaded, for any subset of the sources.")
    ] = None,
    source: SourcesOption = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="Accept this source's new issue however much it changes, or `all`; repeatable."),
    ] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="Install nothing: leave the new snapshot in data/candidate.")
    ] = False,
    release: Annotated[
        str, typer.Option(help="Release name of the files in --from, for the card of one --source.")
    ] = "",
) -> None:
    """Fetch the publishers' current files, or read your own, and install sources within their cards' bounds.

    Exit code 1 if any source failed or was refused; its old tables stay in use.
    """
    from features.refresh.refresh import RefreshRequest
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.data import show_refresh

    asked = RefreshRequest(folder, tuple(source or ()), tuple(accept or ()), hold, release)
    if not show_refresh(asked, date.today(), snapshot=CURRENT_SNAPSHOT):
        sys.exit(1)


@app.command("accept")
def accept_held_data(
    sources: Annotated[list[str] | None, typer.Argument(help="Held sources (default: all).")] = None,
) -> None:
    """Put issues that were held in data/candidate in place."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.data import show_accepted_sources

    show_accepted_sources(sources or [], snapshot=CURRENT_SNAPSHOT)


@app.command("rollback")
def roll_back_data(
    source: Annotated[str | None, typer.Argument(help="A source (default: all sources of the last refresh).")] = None,
) -> None:
    """Put back what the last refresh replaced, all of it or one source."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.data import show_rollback

    show_rollback(source, snapshot=CURRENT_SNAPSHOT)


@app.command("compile")
def compile_data_files(
    folder: Annotated[Path, typer.Argument(help="Folder of the publishers' files.")], source: SourcesOption = None
) -> None:
    """Compile published files after a change of a reader or a card, within floors and ceilings, with no comparison."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.data import compile_all_sources

    if not compile_all_sources(folder, source, snapshot=CURRENT_SNAPSHOT):
        sys.exit(1)


@app.command("status")
def show_data_status(as_of: AsOfOption = None, out: OutOption = Path("out")) -> None:
    """Verify the snapshot; say how old each source is, what is overdue by its publisher's calendar, and what drifts."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.data import show_drift, show_status
    from risk.cli.output.own_indicators import show_own_measures

    show_status(convert_to_day(as_of) or date.today(), snapshot=CURRENT_SNAPSHOT)
    show_own_measures(snapshot=CURRENT_SNAPSHOT)
    show_drift(out, snapshot=CURRENT_SNAPSHOT)


@app.command("diff")
def diff_data_snapshots(
    folder: Annotated[Path, typer.Argument(help="A complete snapshot with the layout of data/raw.")] = CANDIDATE_FOLDER,
    out: OutOption = Path("out"),
) -> None:
    """Show what another snapshot would change in scores, tiers and packages, and why, before it is put in place."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.data import show_data_changes

    show_data_changes(folder, out, snapshot=CURRENT_SNAPSHOT)


@app.command("add")
def add_own_indicator(
    folder: Annotated[
        Path, typer.Argument(help="Folder with card.yaml and one CSV per table, with columns iso3,year,<measures>.")
    ],
) -> None:
    """Take in an indicator of your own, or a newer version of one."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.own_indicators import add_own_source

    add_own_source(folder, snapshot=CURRENT_SNAPSHOT)


@app.command("remove")
def remove_own_indicator(source: str) -> None:
    """Leave an indicator of your own out again."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.own_indicators import remove_own_source

    remove_own_source(source, snapshot=CURRENT_SNAPSHOT)
