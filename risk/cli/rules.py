"""The `risk rules` commands: parse arguments only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import AsOfOption, OutOption, convert_to_day

app = typer.Typer(no_args_is_help=True, help="Check, list, show and compare rules.")


@app.command("check")
def check_rulebook_folder(
    folder: Annotated[Path | None, typer.Argument(help="Rulebook folder (default: the engine's own).")] = None,
) -> None:
    """Check a rulebook; the first error names its file, rule and line."""
    from risk.cli.output.rules import show_rules

    show_rules(folder, None)


@app.command("list")
def list_all_rules() -> None:
    """List every rule: ID, kind, title."""
    from risk.cli.output.rules import show_rules

    show_rules(None, "")


@app.command("show")
def print_one_rule(rule: str) -> None:
    """Print one complete rule."""
    from risk.cli.output.rules import show_rules

    show_rules(None, rule)


@app.command("diff")
def diff_rulebooks(old: str, new: str, out: OutOption = Path("out"), as_of: AsOfOption = None) -> None:
    """Compare two rulebooks, each a folder or a git revision: rules, then partners decided on otherwise."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.rules import show_rule_changes
    from risk.workflows.compare_rulebooks import compare_rulebooks

    show_rule_changes(compare_rulebooks(old, new, out, CURRENT_SNAPSHOT, convert_to_day(as_of)))
