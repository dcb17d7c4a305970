"""The `risk replay` command: parse arguments only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import OutOption


def replay_notified_sales(
    out: OutOption = Path("out"),
    to: Annotated[Path, typer.Option(help="Page to write; its chart goes in the same folder.")] = Path(
        "docs/replay.md"
    ),
) -> None:
    """Replay notified arms sales from the data available before each: packages by today's rules, and what followed."""
    from risk.cli.output.replay import show_replay
    from risk.workflows.replay_sales import run_replay

    show_replay(run_replay(out, to))
    typer.echo(f"\nPage  {to}\nTables  {out / 'replay'}")
