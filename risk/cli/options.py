"""Options that several commands share."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

OutOption = Annotated[Path, typer.Option(help="Output folder.")]
AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Decide as of this day (default: the snapshot's day)."),
]
LedgerOption = Annotated[
    Path | None, typer.Option(help="Ledger folder or .db file (default: RISK_LEDGER, or ledger/).")
]
ByOption = Annotated[str | None, typer.Option(help="Name to sign the entry with (default: your system user name).")]
ClusterOption = Annotated[
    str | None,
    typer.Option(help="Run on a Dask cluster: tcp://HOST:PORT, local or local:WORKERS (default: local processes)."),
]


def convert_to_day(moment: datetime | None) -> date | None:
    """Return the day of a moment, or None."""
    return moment.date() if moment else None
