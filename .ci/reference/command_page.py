"""docs/reference/commands.md: every command with its arguments, options, defaults and help, from the command line."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from markdown_parts import join_lines, make_table, open_page
from typer.main import get_command

from risk.cli.app import app

LEAD = (
    "Every command, as its own `--help` shows it: arguments in their order, then options. Exit codes and refusals are "
    "in [messages](messages.md); the files that commands write are in [outputs](outputs.md)."
)
KINDS = {Path: "path", datetime: "day, YYYY-MM-DD", int: "whole number"}


def write_commands() -> str:
    """The whole page."""
    lines = open_page("Commands", LEAD)
    for name, command in _walk("risk", get_command(app)):
        lines += _describe(name, command)
    return join_lines(lines)


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Each command that does something, below its groups."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word in sorted(command.commands):
        yield from _walk(f"{name} {word}", command.commands[word])


def _describe(name: str, command: Any) -> list[str]:
    own = [one for one in command.params if not one.hidden and one.name != "help"]
    rows = [(_written(one), _accepted(one), _default(one), one.help or "") for one in own]
    table = make_table(("argument or option", "accepts", "default", "meaning"), rows) if rows else []
    return [f"## {name}", "", " ".join((command.help or "").split()), "", *table]


def _usage(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).strip("[].")
    return f"{name if argument.required else f'[{name}]'}{'...' if argument.nargs == -1 else ''}"


def _written(one: Any) -> str:
    if one.param_type_name == "argument":
        return f"`{_usage(one)}`"
    return ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))


def _accepted(one: Any) -> str:
    if getattr(one, "is_flag", False):
        return "–"
    if getattr(one, "min", None) is not None:
        return f"{one.min} to {one.max}"
    kind = KINDS.get(one.type_descriptor.annotation, "text")
    return kind + (", repeatable" if one.multiple or one.nargs == -1 else "")


def _default(one: Any) -> str:
    if one.required:
        return "required"
    plain = one.default in (None, False, "") or callable(one.default)
    return "–" if plain else f"`{one.default}`"
