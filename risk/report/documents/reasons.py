"""The reasons for an estimate, its unknowns, how to contest it, and the sources, as blocks."""

from collections.abc import Iterator, Mapping
from typing import Literal

from risk.report.contracts.partner import DrawnPage, Effect, PartnerPage, Raters, Reason, SourceLine, Why
from risk.report.documents.blocks import (
    DocumentBlock,
    Heading,
    Listing,
    Paragraph,
    Table,
    build_grouped_table,
    format_or_dash,
)
from risk.report.documents.svg import build_chart_block

ASSOCIATION_NOTE = (
    "Each fact goes with a higher or a lower risk in the record of all partners. That is association: changing a fact "
    "need not change the risk. “Odds × 2” means that the fact doubles the odds in this estimate."
)
PUSHES: Mapping[Literal["raises", "lowers"], str] = {
    "raises": "What pushes the estimate up",
    "lowers": "What pushes it down",
}
READING_NOTES = (
    "A 3 in 10 chance means that of ten partners like this one, about three saw the outcome within two years and "
    "seven did not.",
    "The interval says how far the estimate itself may be off. Two partners whose intervals overlap may not differ.",
    "The tier is a band of the probability. Near its edge, read the probability.",
    "“Persistence alone” asks one thing only: is misuse under way? Where the estimate differs from it, the reasons say "
    "why.",
    "“Refer to a person” means that a fact is missing. It is never a clearance.",
    "To contest a figure, find the fact and its year above, compare it with the source below, and record the override "
    "with its reason.",
    "Not an official finding of the United States Government or of any other. Legal references carry a date: check "
    "them before relying on them.",
)


def build_reasons_section(page: DrawnPage) -> Iterator[DocumentBlock]:
    """Build the section on reasons: the strongest facts for misuse up and down, then every outcome by theme."""
    yield Heading(1, "Why the estimate is what it is")
    yield Paragraph(ASSOCIATION_NOTE)
    for key, heading in PUSHES.items():
        yield Heading(2, heading)
        rows = tuple(map(_format_push, page[key]))
        yield Listing(rows) if rows else Paragraph("Nothing by more than a little.")
    yield from build_chart_block(page["charts"]["themes"])
    for outcome in page["reasons"]:
        yield Heading(2, f"{outcome['name']}: {outcome['label']}")
        yield (
            _build_reasons_table(outcome)
            if outcome["themes"]
            else Paragraph("No reasons: no probability was estimated.")
        )


def _format_push(row: Reason) -> str:
    year = f", {row['year']}" if row["year"] else ""
    return f"{row['label']}: {row['value']}{year} ({_format_source_name(row)}). {_format_effect(row['effect'])}"


def _format_source_name(row: Reason) -> str:
    return row["source"]["name"] if row["source"] else "–"


def _build_reasons_table(outcome: Why) -> Table:
    grouped = [
        [(theme["theme"], "", "", "", _format_effect(theme["effect"])), *map(_build_reason_row, theme["rows"])]
        for theme in outcome["themes"]
    ]
    caption = f"{outcome['name']}: themes by weight, with the facts that weigh most"
    return build_grouped_table(caption, ("Fact", "Value", "Year", "Source", "Goes with"), grouped, (8, 5, 2, 4, 8))


def _build_reason_row(row: Reason) -> tuple[str, ...]:
    return (
        row["label"],
        row["value"],
        format_or_dash(row["year"]),
        _format_source_name(row),
        _format_effect(row["effect"]),
    )


def _format_effect(effect: Effect) -> str:
    return f"{effect['words'].capitalize()}; odds\u00a0×\u00a0{effect['odds']}"


def build_unknowns_section(page: PartnerPage) -> Iterator[DocumentBlock]:
    """Build the section on what is unknown, old, or for a person to decide."""
    gaps = page["unknown"]
    lists = {
        "Rules that cannot be settled from the data": gaps["referred"],
        "Outcomes of which it is not known whether they are under way": gaps["no_status"],
        "Facts without a value": gaps["missing"],
        "Facts three or more years old": [f"{item['label']} ({item['year']})" for item in gaps["old"]],
    }
    share = f"The engine had {gaps['coverage']} of the facts it looks for."
    yield Heading(1, "What is not known")
    yield Paragraph(share if gaps["coverage"] else "How much of the facts were known is itself not known.")
    if gaps["raters"]:
        yield Paragraph(_describe_raters(gaps["raters"]))
    for heading, items in lists.items():
        if items:
            yield Heading(2, heading)
            yield Listing(tuple(items))


def _describe_raters(raters: Raters) -> str:
    difference = f"the raters disagree by {raters['apart']}, and the status and the tier may turn on that"
    return (
        f"In {raters['year']} state terror was coded {raters['state']} from State Department reports and "
        f"{raters['amnesty']} from Amnesty International's, on a scale of 1 to 5: "
        f"{difference if raters['apart'] else 'the raters agree'}."
    )


def build_reading_section(page: PartnerPage) -> Iterator[DocumentBlock]:
    """Build the section on how to read and contest the figures, the same for every partner."""
    yield Heading(1, "How to read it, and how to contest it")
    yield Listing(READING_NOTES)


def build_sources_section(page: PartnerPage) -> Iterator[DocumentBlock]:
    """Build the section on sources, each with its citation, release and license."""
    yield Heading(1, "Sources")
    yield Listing(tuple(map(_format_source, page["sources"])))


def _format_source(card: SourceLine) -> str:
    citation = f"{card['title']}. {card['citation']} Release: {card['release']}; licence: {card['licence']}"
    aged = f"facts to {card['latest']}; " if card["latest"] else ""
    late = f"; a newer issue has been due since {card['overdue']}" if card["overdue"] else ""
    return f"{citation}; {aged}read {card['accessed']}{late}. {card['address'] or ''}".rstrip()
