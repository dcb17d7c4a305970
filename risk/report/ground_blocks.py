"""What a forecast and a decision rest on, and what is not known, as blocks."""

from collections.abc import Iterator

from risk.report.blocks import Block, Heading, Listing, Paragraph, Row, Table, grouped_table, known, or_dash
from risk.report.plan_blocks import facts

ASSOCIATION = (
    "Each fact goes with a higher or a lower risk in the record of all partners. That is association: changing a fact "
    "need not change the risk. “Odds × 2” means that the fact doubles the odds in this estimate."
)
SCALES = (
    "Each runs from 0 to 100. Dependence is how far the partner's forces rest on the United States; hedging is how far "
    "it could turn to Russia, China or its own industry. Leverage is dependence, less up to half where the partner "
    "hedges."
)
READING = (
    "A 3 in 10 chance means that of ten partners like this one, about three saw the outcome within two years and "
    "seven did not.",
    "The interval says how far the estimate itself may be off. Two partners whose intervals overlap may not differ.",
    "The tier is a band of the probability. Near its edge, read the probability.",
    "To contest a figure, find the fact and its year, compare it with the source below, and record the override with "
    "its reason.",
    "Not an official finding of the United States Government or of any other. Legal references carry a date: check "
    "them before relying on them.",
)


def why(page: Row) -> Iterator[Block]:
    """The reasons of each outcome, by theme."""
    yield Heading(1, "Why the estimate is what it is")
    yield Paragraph(ASSOCIATION)
    for outcome in page["reasons"]:
        yield Heading(2, f"{outcome['name']}: {outcome['label']}")
        yield _reasons(outcome) if outcome["themes"] else Paragraph("No reasons: no probability was estimated.")


def _reasons(outcome: Row) -> Table:
    grouped = [
        [
            (theme["theme"], "", "", _effect(theme["effect"])),
            *((row["label"], row["value"], or_dash(row["year"]), _effect(row["effect"])) for row in theme["rows"]),
        ]
        for theme in outcome["themes"]
    ]
    caption = f"{outcome['name']}: themes by weight, with the facts that weigh most"
    return grouped_table(caption, ("Fact", "Value", "Year", "Goes with"), grouped, (7, 4, 1, 6))


def _effect(effect: Row) -> str:
    return f"{effect['words'].capitalize()}; odds × {effect['odds']}"


def record(page: Row) -> Iterator[Block]:
    """What the engine would have said at each past origin, beside what happened."""
    if not page["past"]:
        return
    yield Heading(1, "What it would have said before, and what happened")
    yield Paragraph(
        "The probability of misuse at each origin, made again from what was known by then with facts as late as they "
        "are today."
    )
    keys = ("origin", "probability", "interval", "status", "happened")
    yield Table(
        "Misuse within two years of the origin",
        ("Origin", "Probability", "90% interval", "At the origin", "It happened"),
        tuple(tuple(or_dash(row[key]) for key in keys) for row in page["past"]),
        (2, 3, 4, 4, 4),
    )


def leverage(page: Row) -> Iterator[Block]:
    """The indices with their parts."""
    yield Heading(1, "Leverage and strategic value")
    yield Paragraph(SCALES)
    grouped = [
        [(row["label"], known(row["value"])), *((part["label"], known(part["value"])) for part in row["parts"])]
        for row in page["indices"]
    ]
    yield grouped_table("Indices and their parts, 0 to 100", ("Index and parts", "Value"), grouped, (3, 1))


def unknown(page: Row) -> Iterator[Block]:
    """What was not known, is old, or a person must settle."""
    gaps = page["unknown"]
    lists = {
        "Rules that cannot be settled from the data": gaps["referred"],
        "Outcomes whose present state is not known": gaps["no_status"],
        "Facts without a value": gaps["missing"],
        "Facts three or more years old": [f"{item['label']} ({item['year']})" for item in gaps["old"]],
    }
    yield Heading(1, "What is not known")
    coverage = gaps["coverage"]
    yield Paragraph(
        f"The engine had {coverage} of the facts it looks for."
        if coverage
        else "How much of the facts were known is itself not known."
    )
    if gaps["raters"]:
        yield Paragraph(_raters(gaps["raters"]))
    for heading, items in lists.items():
        if items:
            yield Heading(2, heading)
            yield Listing(tuple(items))


def _raters(raters: Row) -> str:
    apart = f"the raters disagree by {raters['apart']}, and the status and the tier may turn on that"
    return (
        f"In {raters['year']} state terror was coded {raters['state']} from State Department reports and "
        f"{raters['amnesty']} from Amnesty International's, on a scale of 1 to 5: "
        f"{apart if raters['apart'] else 'the raters agree'}."
    )


def reading(page: Row) -> Iterator[Block]:
    """How to read the figures, how to contest them, and the facts to contest."""
    yield Heading(1, "How to read it, and how to contest it")
    yield Listing(READING)
    yield from facts(page)


def sources(page: Row) -> Iterator[Block]:
    """Every source with its citation, release and licence."""
    yield Heading(1, "Sources")
    yield Listing(tuple(_source(card) for card in page["sources"]))


def _source(card: Row) -> str:
    said = f"{card['title']}. {card['citation']} Release: {card['release']}; licence: {card['licence']}"
    return f"{said}; read {card['accessed']}. {card['address'] or ''}".rstrip()
