"""The `risk portfolio` command: parse arguments only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import OutOption

WhatIfOption = Annotated[
    Path | None, typer.Option("--what-if", help="YAML request with budget, floors, caps and priorities.")
]


def summarize_money_flows(out: OutOption = Path("out"), what_if: WhatIfOption = None) -> None:
    """Tell where the money goes, from the last run, or answer a request for what else it could do."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.portfolio import show_portfolio, show_what_if
    from risk.portfolio.tables import rewrite_portfolio_tables
    from risk.portfolio.what_if.output import write_what_if
    from risk.publishing.report_inputs import load_report_inputs

    given = load_report_inputs(out, snapshot=CURRENT_SNAPSHOT)
    if what_if is None:
        show_portfolio(rewrite_portfolio_tables(given, out, snapshot=CURRENT_SNAPSHOT), out)
    else:
        show_what_if(write_what_if(what_if, given, out, snapshot=CURRENT_SNAPSHOT), out)
