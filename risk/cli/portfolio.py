"""The portfolio on the command line: parsing only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import Out

Ask = Annotated[Path | None, typer.Option("--what-if", help="A request in YAML: budget, floors, caps, priorities.")]


def portfolio(out: Out = Path("out"), what_if: Ask = None) -> None:
    """Tell where the money goes, from the last run, or answer a request for what else it could do."""
    from risk.cli.output.portfolio import show_answer, show_portfolio
    from risk.portfolio.tables import renew
    from risk.portfolio.what_if.output import answer
    from risk.publishing.report_inputs import load_given

    given = load_given(out)
    if what_if is None:
        show_portfolio(renew(given, out), out)
    else:
        show_answer(answer(what_if, given, out), out)
