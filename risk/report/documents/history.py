"""History, money, leverage and peers of a partner, as blocks."""

from collections.abc import Iterator, Mapping
from typing import Literal

from risk.report.contracts.partner import DrawnPage, Other, PartnerPage
from risk.report.documents.blocks import (
    DocumentBlock,
    Heading,
    Listing,
    Paragraph,
    Table,
    build_grouped_table,
    format_or_dash,
    format_or_unknown,
)
from risk.report.documents.svg import build_chart_block

RECORD: tuple[Literal["origin", "probability", "interval", "status", "happened"], ...]
RECORD = ("origin", "probability", "interval", "status", "happened")
OTHERS: Mapping[Literal["neighbours", "comparables"], str]
OTHERS = {"neighbours": "Neighbours by land", "comparables": "Comparable partners"}
INDEX_NOTE = (
    "Each runs from 0 to 100. Dependence is how far the partner's forces rest on the United States; hedging is how far "
    "it could turn to Russia, China or its own industry. Leverage is dependence, less up to half where the partner "
    "hedges."
)


def build_past_section(page: DrawnPage) -> Iterator[DocumentBlock]:
    """Build the section on past forecasts and what happened."""
    hits_text, rows = page["record"]["told"], page["record"]["rows"]
    yield Heading(1, "What the engine would have said before, and what happened")
    if not rows:
        yield Paragraph("Not known: no back-test of this partner is on record here.")
        return
    yield Paragraph(
        "The engine forecast each year again from what was known by then, with facts as late as they are today."
    )
    if hits_text:
        yield Paragraph(hits_text)
    yield from build_chart_block(page["charts"]["record"])
    yield Table(
        "Misuse within two years of the origin, the last year whose facts were used",
        ("Origin", "Probability", "90% interval", "At the origin", "It happened"),
        tuple(tuple(format_or_dash(row[key]) for key in RECORD) for row in rows),
        (2, 3, 4, 4, 4),
    )


def build_flows_section(page: DrawnPage) -> Iterator[DocumentBlock]:
    """Build the section on arms suppliers and on US assistance and sales, chart and numbers."""
    yield Heading(1, "Arms and money")
    yield Heading(2, "Who supplies it")
    yield from _build_arms_blocks(page)
    yield Heading(2, "What the United States gives and sells")
    yield from _build_money_blocks(page)


def _build_arms_blocks(page: DrawnPage) -> Iterator[DocumentBlock]:
    arms = page["arms"]
    yield Paragraph(arms["told"] if arms else "Arms received: not known here.")
    if not arms or not arms["any"]:
        return
    yield from build_chart_block(page["charts"]["arms"])
    yield Table(
        "Major weapons received, millions of SIPRI's volume (TIV), which measures capability and not price",
        ("Years", *(group["label"] for group in arms["groups"])),
        tuple((period, *(group["words"][at] for group in arms["groups"])) for at, period in enumerate(arms["periods"])),
        (2, *(2 for _ in arms["groups"])),
    )


def _build_money_blocks(page: DrawnPage) -> Iterator[DocumentBlock]:
    money = page["money"]
    if not money:
        yield Paragraph("US assistance and sales: not known here.")
        return
    yield from build_chart_block(page["charts"]["money"])
    yield Table(
        "US assistance and sales by year, current US dollars; – where not covered",
        ("Year", *(line["label"] for line in money["series"])),
        tuple((str(year), *(line["words"][at] for line in money["series"])) for at, year in enumerate(money["years"])),
        (1, *(2 for _ in money["series"])),
    )
    yield Listing(tuple(money["notes"]))


def build_leverage_section(page: PartnerPage) -> Iterator[DocumentBlock]:
    """Build the section on the indices and their parts."""
    yield Heading(1, "Leverage and strategic value")
    yield Paragraph(INDEX_NOTE)
    if page["leverage_reading"]:
        yield Paragraph(page["leverage_reading"])
    grouped = [
        [
            (row["label"], format_or_unknown(row["value"])),
            *((part["label"], format_or_unknown(part["value"])) for part in row["parts"]),
        ]
        for row in page["indices"]
    ]
    yield build_grouped_table("Indices and their parts, 0 to 100", ("Index and parts", "Value"), grouped, (3, 1))


def build_peers_section(page: PartnerPage) -> Iterator[DocumentBlock]:
    """Build the section on neighbors and comparable partners."""
    yield Heading(1, "Neighbours and comparable partners")
    for name, heading in OTHERS.items():
        yield Heading(2, heading)
        yield Paragraph(page[name]["told"])
        if page[name]["rows"]:
            yield _build_peers_table(heading, page[name]["rows"])


def _build_peers_table(caption: str, rows: list[Other]) -> Table:
    differs = "differs" in rows[0]
    header = ("Partner", "Tier", "Chance", "Posture", "Strategic value", *(["Beside this partner"] if differs else []))
    cells = tuple(
        (
            row["partner"],
            row["tier"].capitalize(),
            format_or_dash(row["probability"]),
            row["posture"],
            format_or_unknown(row["strategic_value"]),
            *([row["differs"]] if differs else []),
        )
        for row in rows
    )
    return Table(caption, header, cells, (4, 3, 2, 3, 3, 5)[: len(header)])
