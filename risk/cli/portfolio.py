"""The `risk portfolio` command: parse arguments only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import OutOption

WhatIfOption = Annotated[
    Path | None, typer.Option("--what-if", help="YAML request with budget, floors, caps and priorities.")
]


def summarize_money_flows(out: OutOption = Path("out"), what_if: WhatIfOption = None) -> None:
    """Summarize where the money goes in the last run, or solve a what-if request."""
    from risk.cli.output.portfolio import show_portfolio, show_what_if
    from risk.portfolio.tables import rewrite_portfolio_tables
    from risk.portfolio.what_if.output import write_what_if
    from risk.publishing.report_inputs import load_report_inputs

    inputs = load_report_inputs(out)
    if what_if is None:
        show_portfolio(rewrite_portfolio_tables(inputs, out), out)
    else:
        show_what_if(write_what_if(what_if, inputs, out), out)
