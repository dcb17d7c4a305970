"""A partner's summary as the blocks of a document, in the order of its page."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import TypeVar, cast

from risk.report.contracts.partner import BesideLine, DrawnPage, PartnerPage, RiskLine
from risk.report.documents.blocks import Block, Definitions, Document, Heading, Paragraph, Table, known, or_dash
from risk.report.documents.decisions import PACKAGE, law, package
from risk.report.documents.history import arms_and_money, leverage, others, record
from risk.report.documents.ledger_entries import entries
from risk.report.documents.reasons import reading, sources, unknown, why
from risk.report.documents.svg import chart
from risk.report.formatting import counted
from risk.report.partner.charts import drawings

HEADLINE_INDICES = ("strategic_value", "leverage")
ADVICE = "It advises; a person decides."
# XML, and so Word, has no way to write these; half of a surrogate pair is no character at all.
Value = TypeVar("Value")
NO_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def partner_document(summary: PartnerPage) -> Document:
    """One partner's document, from its summary; a value left out of the summary is a KeyError."""
    printed = printable(summary)
    page: DrawnPage = {**printed, "charts": drawings(printed)}
    read = max(card["accessed"] for card in page["sources"])
    sections = (
        _bottom_line, entries, _likelihood, law, package, why, record, arms_and_money, leverage, others, unknown,
        reading, sources,
    )  # fmt: skip
    return Document(
        title=f"{page['partner']}: risk and conditions, {page['horizon']}",
        subtitle=f"{page['region']} · {page['iso3']} · from facts up to {page['origin']}, snapshot of {read}",
        footer=f"{page['partner']}: facts up to {page['origin']}, snapshot of {read}. {ADVICE}",
        day=date.fromisoformat(read),
        blocks=tuple(chain.from_iterable(section(page) for section in sections)),
    )


def printable(value: Value) -> Value:
    """The same value, its texts without the characters that no document can hold."""
    return cast(Value, _printable(value))


def _printable(value: object) -> object:
    if isinstance(value, Mapping):
        return {_printable(key): _printable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(part) for part in value]
    return NO_TEXT.sub("", value) if isinstance(value, str) else value


def _bottom_line(page: DrawnPage) -> Iterator[Block]:
    risk, asked = page["risks"][0], sum(item["refer"] for item in page["trigger"])
    figures = {
        "Risk of misuse": page["tier"].capitalize(),
        "Probability": _with(risk["probability"] or "Not given", risk["interval"], "90% interval"),
        "Base rate, all partners and years on record": known(risk["base_rate"]),
        **{row["label"]: _of_100(row["value"]) for row in page["indices"] if row["name"] in HEADLINE_INDICES},
        "Legal triggers": f"{len(page['trigger']) - asked} in force, {asked} to look up",
        "Package": ", ".join(counted(len(page[kind]), kind.replace("_", " ")) for kind in PACKAGE),
        "Posture": page["posture"],
    }
    yield Heading(1, "Bottom line")
    yield from (Paragraph(sentence, lead=True) for sentence in page["bottom_line"])
    yield Definitions(tuple(figures.items()))


def _likelihood(page: DrawnPage) -> Iterator[Block]:
    yield Heading(1, f"How likely, {page['horizon']}")
    yield from chart(page["charts"]["beside"])
    yield Definitions(tuple(_beside(line) for line in page["beside"]))
    yield Table(
        "Chance of each outcome, beside how often it followed for all partners on record",
        ("Outcome", "Chance", "90% interval", "All partners", "Now", "Tier", "Rank"),
        tuple(map(_risk, page["risks"])),
        (6, 4, 3, 3, 4, 3, 3),
    )


def _beside(line: BesideLine) -> tuple[str, str]:
    return f"{line['name']}: {_with(line['probability'], line['interval'], '90% interval')}", line["told"]


def _risk(risk: RiskLine) -> tuple[str, ...]:
    said = f"{risk['probability']}, {risk['chance']}" if risk["probability"] else "Not given: referred to a person"
    return (
        f"{risk['name']}: {risk['label']}",
        _with(said, risk["onset"], "new onset"),
        or_dash(risk["interval"]),
        or_dash(risk["base_rate"]),
        risk["status"],
        risk["tier"].capitalize(),
        or_dash(risk["rank"]),
    )


def _with(text: str, more: str | None, label: str) -> str:
    return text if more in (None, text) else f"{text} ({label} {more})"


def _of_100(value: int | None) -> str:
    return known(value) if value is None else f"{value} of 100"
