"""Summaries as web pages that need no network and no script: one a partner, and an index."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def partner_page(summary: Mapping[str, Any]) -> str:
    """One partner's page, from its summary; every value is escaped, a value left out is an error."""
    return PAGES.get_template("partner.html").render(page=summary)


def index_page(index: Mapping[str, Any]) -> str:
    """The page that lists every partner, from the index summary."""
    return PAGES.get_template("index.html").render(page=index)


def write_reports(folder: Path, summaries: Sequence[Mapping[str, Any]], index: Mapping[str, Any]) -> None:
    """Write index.html and one <ISO3>.html a partner; the same summaries give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_bytes(index_page(index).encode())
    for summary in summaries:
        (folder / f"{summary['iso3']}.html").write_bytes(partner_page(summary).encode())
