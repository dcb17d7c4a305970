"""The `risk replay` command: parse arguments only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import OutOption


def replay_notified_sales(
    out: OutOption = Path("out"),
    to: Annotated[Path, typer.Option(help="The page to write, with its picture beside it.")] = Path(
        "docs/explanation/replay.md"
    ),
) -> None:
    """Replay notified arms sales at what was known before them: packages by today's rules, and what followed."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.replay import show_replay
    from risk.workflows.replay_sales import run_replay

    show_replay(run_replay(out, to, snapshot=CURRENT_SNAPSHOT))
    typer.echo(f"\nPage  {to}\nTables  {out / 'replay'}")
