"""Binding law and the package, as blocks."""

from collections.abc import Iterator, Mapping, Sequence

from risk.report.contracts.input_types import DetailKey
from risk.report.contracts.plan import AfterLaw, CaseText, Decision, Package, Plan, Precedent, Stand
from risk.report.documents.blocks import Definitions, DocumentBlock, Heading, Listing, Paragraph, format_or_unknown

PACKAGE_HEADINGS: Mapping[AfterLaw, str] = {
    "positive_condition": "Positive conditions: what earns more",
    "redline": "Redlines: what must not happen, and what follows",
    "offramp": "Offramps: how to step down, mildest step first",
    "message": "Messages: what to say, and when",
    "check": "Legal checks the reviewer must make",
}
NO_TRIGGER = (
    "No dated list or measured fact sets off a trigger. Rules that turn on a unit or a case are for the reviewer."
)
REFERRED_NOTE = "A fact this rule needs is not known. It is neither met nor ruled out: a person must settle it."
DETAIL_LABELS: Mapping[DetailKey, str] = {
    "not_when": "Not when",
    "judged_by": "Judged by",
    "switching_cost": "What switching would cost",
    "replaced_by": "Replaced by",
    "how_often": "How often",
}
PRECEDENT_LABELS: Mapping[CaseText, str] = {
    "asked": "Asked",
    "happened": "Happened",
    "lesson": "Lesson",
    "source": "Source",
}


def build_law_section(page: Plan) -> Iterator[DocumentBlock]:
    """Build the section on triggers in force or to look up, each with its citation, day and status."""
    yield Heading(1, "What the law already says")
    yield Paragraph("A legal trigger binds whatever the probability, and no probability lifts one.")
    for item in page["trigger"]:
        yield from build_decision_blocks(item, 2, "to look up: refer to a person" if item["refer"] else "in force")
    if not page["trigger"]:
        yield Paragraph(NO_TRIGGER)


def build_package_section(page: Package) -> Iterator[DocumentBlock]:
    """Build the section on cautions, conditions, redlines, offramps, messages and checks."""
    yield Heading(1, "The package to plan from the start")
    if page["cautions"]:
        yield Heading(2, "Beware first")
    for caution in page["cautions"]:
        yield Heading(3, caution["title"])
        yield Paragraph(caution["because"])
        yield from _build_precedent_list(caution["precedents"])
    for kind, heading in PACKAGE_HEADINGS.items():
        yield Heading(2, heading)
        for item in page[kind]:
            yield from build_decision_blocks(item, 3, "refer to a person" if item["refer"] else "")
        if not page[kind]:
            yield Paragraph("None suggested.")
        if kind == "positive_condition":
            yield from map(Paragraph, page["benchmarks"])


def build_decision_blocks(item: Decision, level: int, status: str) -> Iterator[DocumentBlock]:
    """Build the blocks of one decision, under a heading of the given level."""
    yield Heading(level, f"{item['title']} ({status})" if status else item["title"])
    yield from map(Paragraph, ([REFERRED_NOTE] if item["refer"] else []) + item["paragraphs"])
    if item["calendar"]:
        yield Definitions(tuple((step["when"] or "At any time", step["what"]) for step in item["calendar"]))
    elif item["steps"]:
        yield Listing(tuple(item["steps"]), numbered=True)
    yield from _build_precedent_list(item["precedents"])
    yield Definitions((*_list_decision_terms(item), *_list_decision_grounds(item)))


def _build_precedent_list(cases: Sequence[Precedent]) -> Iterator[Listing]:
    if cases:
        yield Listing(tuple(map(_format_precedent, cases)))


def _format_precedent(case: Precedent) -> str:
    when = f", {case['years']}" if case["years"] else ""
    details = [f"{label}: {text.removesuffix('.')}." for key, label in PRECEDENT_LABELS.items() if (text := case[key])]
    return " ".join(
        [
            f"{case['use']} {case['partners']}{when}.",
            *(["Told elsewhere, or in the rulebook."] if case["again"] else details),
        ]
    )


def _list_decision_terms(item: Decision) -> Iterator[tuple[str, str]]:
    """List the terms of a decision: what it asks, unlocks and allows."""
    if benchmark := item["benchmark"]:
        asked = "to be kept until" if benchmark["kept"] else f"asked {benchmark['asked']} by"
        yield (
            "Benchmark",
            f"{benchmark['measure']}: now {benchmark['now']}, {asked} {format_or_unknown(benchmark['by'])}",
        )
        if benchmark["past"]:
            yield "On record", benchmark["past"]
    if item["unlocks"]:
        yield "Unlocks", item["unlocks"]
    if item["way_out"]:
        yield "Way out", item["way_out"]
    yield from ((label, text) for key, label in DETAIL_LABELS.items() if (text := item["details"].get(key)))
    if item["programmes"]:
        yield "Programmes", "; ".join(item["programmes"])


def _list_decision_grounds(item: Decision) -> Iterator[tuple[str, str]]:
    """List the basis of a decision: facts, law and rule."""
    if item["stands"]:
        yield "Rests on", "; ".join(map(_format_fact, item["stands"]))
    if item["reference"]:
        dated = f"as of {item['as_of']}" if item["as_of"] else "undated"
        status = f"; {item['reference_status']}" if item["reference_status"] else ""
        yield "Reference", f"{item['reference']} ({dated}{status})"
    yield "Rule", item["rule"]


def _format_fact(line: Stand) -> str:
    year = f" ({line['year']})" if line["year"] else ""
    gap = f", {line['gap']}" if line["gap"] else ""
    drawn = f", where the line is {line['line']}{gap}" if line["line"] else ""
    return f"{line['what']}: {line['now']}{year}{drawn}"
