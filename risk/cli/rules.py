"""Commands on the rulebook: parsing only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import AsOf, Out, day

app = typer.Typer(no_args_is_help=True, help="Check, list, show and compare the rules of the rulebook.")


@app.command("check")
def rules_check(
    folder: Annotated[Path | None, typer.Argument(help="A rulebook; by default the engine's own.")] = None,
) -> None:
    """Read a rulebook and refuse it with file, rule and line if anything in it does not hold."""
    from risk.cli.output.rules import show_rules

    show_rules(folder, None)


@app.command("list")
def rules_list() -> None:
    """List every rule: id, kind, title."""
    from risk.cli.output.rules import show_rules

    show_rules(None, "")


@app.command("show")
def rules_show(rule: str) -> None:
    """Print one rule whole."""
    from risk.cli.output.rules import show_rules

    show_rules(None, rule)


@app.command("diff")
def rules_diff(old: str, new: str, out: Out = Path("out"), as_of: AsOf = None) -> None:
    """Compare two rulebooks, each a folder or a git revision: rules, then partners decided on otherwise."""
    from risk.cli.output.rules import show_changes
    from risk.workflows.compare_rulebooks import rule_changes

    show_changes(rule_changes(old, new, out, day(as_of)))
