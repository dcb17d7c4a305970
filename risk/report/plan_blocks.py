"""The law that binds and the package to plan, as blocks."""

from collections.abc import Iterator

from risk.report.blocks import Block, Cells, Definitions, Heading, Listing, Paragraph, Row, Table, grouped_table, known

PACKAGE = {
    "positive_condition": "Positive conditions: what earns more",
    "redline": "Redlines: what must not happen",
    "offramp": "Offramps: how to step down",
    "message": "Messages: what to say, and when",
    "check": "Checks for the reviewer",
}
NO_TRIGGER = (
    "No dated list or measured fact sets off a trigger. Rules that turn on a unit or a case are for the reviewer."
)
REFERRED = "A fact this rule needs is not known. It is neither met nor ruled out: a person must settle it."


def law(page: Row) -> Iterator[Block]:
    """The triggers in force or to look up, each with its citation, day and status."""
    yield Heading(1, "What the law already says")
    yield Paragraph("A legal trigger binds whatever the probability, and no probability lifts one.")
    for item in page["trigger"]:
        yield from _decision(item, 2)
    if not page["trigger"]:
        yield Paragraph(NO_TRIGGER)


def package(page: Row) -> Iterator[Block]:
    """What to ask, forbid, plan, say and check."""
    yield Heading(1, "The package to plan from the start")
    for kind, heading in PACKAGE.items():
        yield Heading(2, heading)
        for item in page[kind]:
            yield from _decision(item, 3)
        if not page[kind]:
            yield Paragraph("None suggested.")


def _decision(item: Row, level: int) -> Iterator[Block]:
    yield Heading(level, item["title"] + (" (refer to a person)" if item["refer"] else ""))
    yield from (Paragraph(text) for text in ([REFERRED] if item["refer"] else []) + item["paragraphs"])
    if item["steps"]:
        yield Listing(tuple(item["steps"]), numbered=True)
    if pairs := tuple(_terms(item)):
        yield Definitions(pairs)


def _terms(item: Row) -> Iterator[tuple[str, str]]:
    if benchmark := item["benchmark"]:
        asked = f"{benchmark['now']} now, {benchmark['asked']} asked, by {known(benchmark['by'])}"
        yield "Benchmark", f"{benchmark['measure']}: {asked}"
    if item["unlocks"]:
        yield "Unlocks", item["unlocks"]
    if item["way_out"]:
        yield "Way out", item["way_out"]
    if item["reference"]:
        dated = f"as of {item['as_of']}" if item["as_of"] else "undated"
        status = f"; {item['reference_status']}" if item["reference_status"] else ""
        yield "Reference", f"{item['reference']} ({dated}{status})"


def facts(page: Row) -> Iterator[Table]:
    """What each rule asked and found, decision by decision."""
    decisions = [item for kind in ("trigger", *PACKAGE) for item in page[kind] if item["facts"]]
    if decisions:
        grouped = [[(item["title"], "", ""), *map(_fact, item["facts"])] for item in decisions]
        yield grouped_table("Facts behind each decision", ("Asked", "It holds", "Found"), grouped, (4, 1, 4))


def _fact(fact: Row) -> Cells:
    return fact["fact"], fact["holds"], "; ".join(f"{name} {value}" for name, value in fact["values"].items())
