"""Options that several commands share."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

OutOption = Annotated[Path, typer.Option(help="Folder for the outputs.")]
AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Decide as of this day; by default the day of the snapshot."),
]
LedgerOption = Annotated[
    Path | None, typer.Option(help="The ledger's folder, or its file *.db; by default RISK_LEDGER, or else ledger/.")
]
ByOption = Annotated[str | None, typer.Option(help="Who says so; by default the name of the system's user.")]
ClusterOption = Annotated[
    str | None,
    typer.Option(help="Work on a Dask cluster: tcp://HOST:PORT, or local, local:WORKERS; by default own processes."),
]


def convert_to_day(moment: datetime | None) -> date | None:
    """The day of a moment, or none."""
    return moment.date() if moment else None
