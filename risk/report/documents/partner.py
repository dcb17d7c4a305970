"""Builds a partner's document from its summary, in the order of its page."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import TypeVar, cast

from risk.report.contracts.partner import BesideLine, DrawnPage, PartnerPage, RiskLine
from risk.report.documents.blocks import (
    Definitions,
    DocumentBlock,
    Heading,
    Paragraph,
    ReportDocument,
    Table,
    format_or_dash,
    format_or_unknown,
)
from risk.report.documents.decisions import PACKAGE_HEADINGS, build_law_section, build_package_section
from risk.report.documents.history import (
    build_flows_section,
    build_leverage_section,
    build_past_section,
    build_peers_section,
)
from risk.report.documents.ledger_entries import build_ledger_section
from risk.report.documents.reasons import (
    build_reading_section,
    build_reasons_section,
    build_sources_section,
    build_unknowns_section,
)
from risk.report.documents.svg import build_chart_block
from risk.report.formatting import format_count
from risk.report.partner.charts import draw_partner_charts

HEADLINE_INDICES = ("strategic_value", "leverage")
ADVICE_NOTE = "It advises; a person decides."
# XML, and so Word, cannot contain these characters or lone surrogates.
Value = TypeVar("Value")
UNWRITABLE_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build_partner_document(summary: PartnerPage) -> ReportDocument:
    """Build one partner's document from its summary; a value missing from the summary is a KeyError."""
    printed = strip_unwritable(summary)
    page: DrawnPage = {**printed, "charts": draw_partner_charts(printed)}
    read = max(card["accessed"] for card in page["sources"])
    sections = (
        _build_summary_section,
        build_ledger_section,
        _build_likelihood_section,
        build_law_section,
        build_package_section,
        build_reasons_section,
        build_past_section,
        build_flows_section,
        build_leverage_section,
        build_peers_section,
        build_unknowns_section,
        build_reading_section,
        build_sources_section,
    )
    return ReportDocument(
        title=f"{page['partner']}: risk and conditions, {page['horizon']}",
        subtitle=f"{page['region']} · {page['iso3']} · from facts up to {page['origin']}, snapshot of {read}",
        footer=f"{page['partner']}: facts up to {page['origin']}, snapshot of {read}. {ADVICE_NOTE}",
        day=date.fromisoformat(read),
        blocks=tuple(chain.from_iterable(section(page) for section in sections)),
    )


def strip_unwritable(value: Value) -> Value:
    """Strip from the texts of a value the characters that documents cannot contain."""
    return cast(Value, _printable(value))


def _printable(value: object) -> object:
    if isinstance(value, Mapping):
        return {_printable(key): _printable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(part) for part in value]
    return UNWRITABLE_CHARACTERS.sub("", value) if isinstance(value, str) else value


def _build_summary_section(page: DrawnPage) -> Iterator[DocumentBlock]:
    risk, referred = page["risks"][0], sum(item["refer"] for item in page["trigger"])
    figures = {
        "Risk of misuse": page["tier"].capitalize(),
        "Probability": _add_detail(risk["probability"] or "Not given", risk["interval"], "90% interval"),
        "Base rate, all partners and years on record": format_or_unknown(risk["base_rate"]),
        **{row["label"]: _format_index(row["value"]) for row in page["indices"] if row["name"] in HEADLINE_INDICES},
        "Legal triggers": f"{len(page['trigger']) - referred} in force, {referred} to look up",
        "Package": ", ".join(format_count(len(page[kind]), kind.replace("_", " ")) for kind in PACKAGE_HEADINGS),
        "Posture": page["posture"],
    }
    yield Heading(1, "Bottom line")
    yield from (Paragraph(sentence, lead=True) for sentence in page["bottom_line"])
    yield Definitions(tuple(figures.items()))


def _build_likelihood_section(page: DrawnPage) -> Iterator[DocumentBlock]:
    yield Heading(1, f"How likely, {page['horizon']}")
    yield from build_chart_block(page["charts"]["beside"])
    yield Definitions(tuple(_format_estimate(line) for line in page["beside"]))
    yield Table(
        "Chance of each outcome, beside how often it followed for all partners on record",
        ("Outcome", "Chance", "90% interval", "All partners", "Now", "Tier", "Rank"),
        tuple(map(_build_risk_row, page["risks"])),
        (6, 4, 3, 3, 4, 3, 3),
    )


def _format_estimate(line: BesideLine) -> tuple[str, str]:
    return f"{line['name']}: {_add_detail(line['probability'], line['interval'], '90% interval')}", line["told"]


def _build_risk_row(risk: RiskLine) -> tuple[str, ...]:
    chance = f"{risk['probability']}, {risk['chance']}" if risk["probability"] else "Not given: referred to a person"
    return (
        f"{risk['name']}: {risk['label']}",
        _add_detail(chance, risk["onset"], "new onset"),
        format_or_dash(risk["interval"]),
        format_or_dash(risk["base_rate"]),
        risk["status"],
        risk["tier"].capitalize(),
        format_or_dash(risk["rank"]),
    )


def _add_detail(text: str, more: str | None, label: str) -> str:
    return text if more in (None, text) else f"{text} ({label} {more})"


def _format_index(value: int | None) -> str:
    return format_or_unknown(value) if value is None else f"{value} of 100"
