"""What people put in the ledger, as blocks; nothing where there is nothing."""

from collections.abc import Iterator

from risk.report.documents.blocks import Block, Definitions, Heading, Paragraph, Row

OUTSIDE = "A report from outside, not a finding of this engine; it does not enter the estimate."


def entries(page: Row) -> Iterator[Block]:
    """Overrides, disputes, incidents and notes, each beside what the engine itself says."""
    found = page["entries"]
    if not found:
        return
    yield Heading(1, "What people put on record")
    yield Paragraph(found["told"])
    for kind, told in (("overrides", _override), ("disputes", _dispute), ("incidents", _incident), ("notes", _note)):
        for entry in found[kind]:
            yield from told(entry)
        if found["more"][kind]:
            yield Paragraph(f"{found['more'][kind]} older {kind} not shown here; the ledger has them.")


def _override(entry: Row) -> Iterator[Block]:
    yield Heading(2, f"{entry['outcome']}: a reviewer says {entry['tier']}, until {entry['until']}")
    yield _pairs(("The engine says", entry["engine"]), ("The reviewer", entry["because"]), ("By", entry["when"]))


def _dispute(entry: Row) -> Iterator[Block]:
    yield Heading(2, f"{entry['label']} is contested")
    pairs = [("State", entry["state"]), ("In use", entry["value"]), ("Because", entry["because"])]
    yield _pairs(*pairs, *([("Answer", entry["answer"])] if entry["answer"] else []), ("By", entry["when"]))


def _incident(entry: Row) -> Iterator[Block]:
    yield Heading(2, f"Report of an incident on {entry['on']}")
    pairs = [
        ("What", entry["what"]),
        ("Source", entry["source"]),
        ("Status", entry["status"]),
        ("Clock", entry["clock"]),
    ]
    yield _pairs(*pairs, *([("Last step", entry["because"])] if entry["because"] else []), ("By", entry["when"]))
    yield Paragraph(OUTSIDE)


def _note(entry: Row) -> Iterator[Block]:
    yield Heading(2, f"Note until {entry['until']}" if entry["until"] else "Note")
    yield _pairs(("Note", entry["because"]), ("By", entry["when"]))


def _pairs(*pairs: tuple[str, str]) -> Definitions:
    return Definitions(pairs)
