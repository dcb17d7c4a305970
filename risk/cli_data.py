"""Commands on the snapshot: parsing only."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from risk.cli_options import Out

# Where a refresh that was held leaves the whole new snapshot.
CANDIDATE = Path("data") / "candidate"

app = typer.Typer(no_args_is_help=True, help="Compile and verify the snapshot in data/raw.")


@app.command("compile")
def data_compile(
    folder: Annotated[Path, typer.Argument(help="Folder of published files.")], source: list[str] | None = None
) -> None:
    """Compile published files into data/raw, one publisher after another; a refused one keeps its old tables."""
    from risk.console import compile_all

    if not compile_all(folder, source):
        sys.exit(1)


@app.command("status")
def data_status() -> None:
    """Verify the snapshot and say how old each source is."""
    from risk.console import show_status
    from risk.console_own import show_own

    show_status()
    show_own()


@app.command("diff")
def data_diff(
    folder: Annotated[Path, typer.Argument(help="A whole snapshot, laid out as data/raw is.")] = CANDIDATE,
    out: Out = Path("out"),
) -> None:
    """Show what another snapshot would change in scores, tiers and packages, and why, before it is put in place."""
    from risk.console_changes import show_data_changes

    show_data_changes(folder, out)


@app.command("add")
def data_add(
    folder: Annotated[Path, typer.Argument(help="Folder of card.yaml and a CSV of iso3,year,<measures> a table.")],
) -> None:
    """Take in an indicator of your own, or a newer version of one."""
    from risk.console_own import add_own

    add_own(folder)


@app.command("remove")
def data_remove(source: str) -> None:
    """Leave an indicator of your own out again."""
    from risk.console_own import remove_own

    remove_own(source)
