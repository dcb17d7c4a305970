"""The reviewer's workbook, built from plain columns so that the page worker need not import Polars."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypedDict

# The values of each column, by its name.
ColumnTable = Mapping[str, Sequence[Any]]


class WorkbookTables(TypedDict):
    """The content of the workbook: plain columns, and notes (heading and text)."""

    decisions: ColumnTable
    partners: ColumnTable
    scores: ColumnTable
    notes: Sequence[tuple[str, str]]


WORKBOOK_TITLE = "Partner risk and conditionality"
# Fixed, since the workbook would otherwise differ from run to run.
WORKBOOK_CREATED = datetime(2025, 1, 1)
TEXT_OPTIONS = {"in_memory": True} | dict.fromkeys(("strings_to_formulas", "strings_to_urls"), False)
PERCENT_FORMAT = "[<0.01]0.0%;0%"
NUMBER_FORMATS = (
    dict.fromkeys(("probability", "low", "high", "onset_probability", "coverage"), PERCENT_FORMAT)
    | dict.fromkeys(("strategic_value", "leverage", "dependence", "hedging"), "0")
    | dict.fromkeys(("benchmark_now", "benchmark_asked"), "0.00")
)
COLUMN_HEADINGS = {
    "iso3": "Code",
    "origin": "Facts up to",
    "horizon_end": "Forecast to",
    "low": "Interval from",
    "high": "Interval to",
    "coverage": "Share of facts known",
    "evidence": "Facts it rests on",
}
NARROW_WIDTH, MIDDLE_WIDTH, WIDE_WIDTH = 13, 26, 58
COLUMN_WIDTHS = (
    {"iso3": 7}
    | dict.fromkeys(("partner", "region", "outcome", "kind", "rule", "benchmark_measure"), MIDDLE_WIDTH)
    | dict.fromkeys(("headline", "title", "because", "evidence", "unlocks", "reference", "triggers"), WIDE_WIDTH)
)
TIER_COLORS = {
    "severe": "#F4B6B3",
    "high": "#F6C9AE",
    "elevated": "#FBE7B0",
    "guarded": "#DCEAF7",
    "low": "#DDEFDD",
}


def write_workbook(
    path: Path,
    decisions: ColumnTable,
    partners: ColumnTable,
    scores: ColumnTable,
    notes: Sequence[tuple[str, str]],
) -> None:
    """Write the reviewer's workbook: notes (heading and text), partners, decisions and scores."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    with Workbook(buffer, TEXT_OPTIONS) as book:
        book.set_properties({"title": WORKBOOK_TITLE, "created": WORKBOOK_CREATED})
        _add_notes(book, notes)
        for title, table in (("Partners", partners), ("Decisions", decisions), ("Scores", scores)):
            _add_table(book, title, table)
    path.write_bytes(buffer.getvalue())


def _add_notes(book: Any, notes: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("Read me")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30, book.add_format({"bold": True, "valign": "top", "text_wrap": True}))
    sheet.set_column(1, 1, 100, book.add_format({"valign": "top", "text_wrap": True}))
    sheet.write_string(0, 0, WORKBOOK_TITLE, book.add_format({"bold": True, "font_size": 16}))
    for row, (heading, text) in enumerate(notes, start=2):
        sheet.write_string(row, 0, heading)
        sheet.write_string(row, 1, text)


def _add_table(book: Any, title: str, table: ColumnTable) -> None:
    sheet = book.add_worksheet(title)
    head = book.add_format(
        {"bold": True, "bg_color": "#162E51", "font_color": "white", "text_wrap": True, "valign": "vcenter"}
    )
    for index, (name, values) in enumerate(table.items()):
        look = {"num_format": NUMBER_FORMATS.get(name, "General"), "text_wrap": True, "valign": "top"}
        sheet.set_column(index, index, COLUMN_WIDTHS.get(name, NARROW_WIDTH), book.add_format(look))
        sheet.write_string(0, index, COLUMN_HEADINGS.get(name, name.replace("_", " ").capitalize()), head)
        for row, value in enumerate(values, start=1):
            _write_cell(sheet, row, index, _format_cell(name, value))
    height = max(map(len, table.values()), default=0)
    if "tier" in table:
        _color_tiers(book, sheet, list(table).index("tier"), height)
    _finish_sheet(sheet, height, len(table))


def _color_tiers(book: Any, sheet: Any, column: int, height: int) -> None:
    for tier, color in TIER_COLORS.items():
        look = book.add_format({"bg_color": color})
        rule = {"type": "cell", "criteria": "==", "value": f'"{tier}"', "format": look}
        sheet.conditional_format(1, column, height, column, rule)


def _finish_sheet(sheet: Any, height: int, width: int) -> None:
    """Freeze the heading and the partner, add a filter, and print landscape, one page wide."""
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, height, width - 1)
    sheet.set_row(0, 32)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&RPage &P of &N")


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, str(value))


def _format_cell(name: str, value: Any) -> Any:
    """Format one cell for reading: evidence in words, triggers separated by spaces."""
    if name == "evidence" and value:
        return "\n".join(_describe_fact(fact) for fact in json.loads(value))
    return value.replace(";", "; ") if name == "triggers" else value


def _describe_fact(fact: dict[str, Any]) -> str:
    holds = {True: "holds", False: "does not hold", None: "not known"}[fact["holds"]]
    years = fact.get("years") or {}
    values = (f"{name} {_round_value(fact['values'][name])} ({years.get(name, 'undated')})" for name in fact["values"])
    return f"{fact['fact']}: {holds}; {', '.join(values)}"


def _round_value(value: Any) -> Any:
    return f"{value:.4g}" if isinstance(value, float) else value
