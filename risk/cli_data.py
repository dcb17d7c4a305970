"""Commands on the snapshot: parsing only."""

import sys
from pathlib import Path
from typing import Annotated

import typer

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

    show_status()
