"""Markdown tables and what every generated page begins with."""

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `make docs` from the code and the rulebook; edit those and run it again. -->"


def open_page(title: str, lead: str) -> list[str]:
    """The first lines of a page."""
    return [NOTE, "", f"# {title}", "", lead, ""]


def make_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table, its cells on one line each, and a blank line after it."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(_clean(cell) for cell in row)} |" for row in rows]
    return [*lines, ""]


def join_lines(lines: Iterable[str]) -> str:
    """The text of a page."""
    return "\n".join(lines).rstrip() + "\n"


def _clean(cell: object) -> str:
    return " ".join(str(cell).split()).replace("|", "\\|")
