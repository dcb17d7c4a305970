"""Ledger entries as blocks; none without entries."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from risk.report.contracts.entry import Dispute, Incident, Note, Override
from risk.report.contracts.partner import PartnerPage
from risk.report.documents.blocks import Definitions, DocumentBlock, Heading, Paragraph

Entry = TypeVar("Entry", Override, Dispute, Incident, Note)

OUTSIDE_NOTE = "A report from outside, not a finding of this engine; it does not enter the estimate."


def build_ledger_section(page: PartnerPage) -> Iterator[DocumentBlock]:
    """Build the section on overrides, disputes, incidents and notes, each with the engine's own result."""
    entries = page["entries"]
    if not entries:
        return
    yield Heading(1, "What people put on record")
    yield Paragraph(entries["told"])
    more = entries["more"]
    yield from _of_kind("overrides", entries["overrides"], _build_override_blocks, more["overrides"])
    yield from _of_kind("disputes", entries["disputes"], _build_dispute_blocks, more["disputes"])
    yield from _of_kind("incidents", entries["incidents"], _build_incident_blocks, more["incidents"])
    yield from _of_kind("notes", entries["notes"], _build_note_blocks, more["notes"])


def _of_kind(
    kind: str, entries: Sequence[Entry], write: Callable[[Entry], Iterator[DocumentBlock]], more: int
) -> Iterator[DocumentBlock]:
    for entry in entries:
        yield from write(entry)
    if more:
        yield Paragraph(f"{more} older {kind} not shown here; the ledger has them.")


def _build_override_blocks(entry: Override) -> Iterator[DocumentBlock]:
    yield Heading(2, f"{entry['outcome']}: a reviewer says {entry['tier']}, until {entry['until']}")
    yield _build_definitions(
        ("The engine says", entry["engine"]), ("The reviewer", entry["because"]), ("By", entry["when"])
    )


def _build_dispute_blocks(entry: Dispute) -> Iterator[DocumentBlock]:
    yield Heading(2, f"{entry['label']} is contested")
    pairs = [("State", entry["state"]), ("In use", entry["value"]), ("Because", entry["because"])]
    yield _build_definitions(*pairs, *([("Answer", entry["answer"])] if entry["answer"] else []), ("By", entry["when"]))


def _build_incident_blocks(entry: Incident) -> Iterator[DocumentBlock]:
    yield Heading(2, f"Report of an incident on {entry['on']}")
    pairs = [
        ("What", entry["what"]),
        ("Source", entry["source"]),
        ("Status", entry["status"]),
        ("Clock", entry["clock"]),
    ]
    yield _build_definitions(
        *pairs, *([("Last step", entry["because"])] if entry["because"] else []), ("By", entry["when"])
    )
    yield Paragraph(OUTSIDE_NOTE)


def _build_note_blocks(entry: Note) -> Iterator[DocumentBlock]:
    yield Heading(2, f"Note until {entry['until']}" if entry["until"] else "Note")
    yield _build_definitions(("Note", entry["because"]), ("By", entry["when"]))


def _build_definitions(*pairs: tuple[str, str]) -> Definitions:
    return Definitions(pairs)
