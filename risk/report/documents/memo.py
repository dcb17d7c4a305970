"""Builds the document of a case memo, in the order of its page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Literal

from risk.report.charts import draw_case_chart
from risk.report.contracts.memo import CaseRisk, MemoPage
from risk.report.contracts.plan import Decision
from risk.report.documents.blocks import (
    Definitions,
    DocumentBlock,
    Heading,
    Listing,
    Paragraph,
    ReportDocument,
    Table,
    format_or_dash,
    format_or_unknown,
)
from risk.report.documents.decisions import DETAIL_LABELS, NO_TRIGGER, build_decision_blocks
from risk.report.documents.partner import strip_unwritable
from risk.report.documents.svg import build_chart_block
from risk.report.memo.wording import EXPOSURE_NOTE, MEMO_ADVICE, NOT_WEIGHED_NOTE, SCORE_SCALE, SIGN_OFF_LINES

Planned = Literal["positive_condition", "redline", "offramp", "message"]
MEMO_HEADINGS: Mapping[Planned, str] = {
    "positive_condition": "Positive conditions: what earns more",
    "redline": "Redlines: what must not happen, and what follows",
    "offramp": "Offramps: how to step down, mildest step first",
    "message": "Messages: what to say, and when",
}
# A reviewer needs these in full; the rest is in the table at a glance.
FULL_KINDS = ("redline", "offramp")
REST_NOTE = (
    "Conditions and messages are in the table above; redlines and offramps follow step by step. Why each is asked, "
    "past cases, law and where {partner} stands are told in its own report ({iso3})."
)
KIND_LABELS: Mapping[Planned, str] = {
    "positive_condition": "Condition",
    "redline": "Redline",
    "offramp": "Offramp",
    "message": "Message",
}
CHECK_BOX = "\u2610 "


def build_memo_document(summary: MemoPage) -> ReportDocument:
    """Build the document of one memo from its summary; a value missing from the summary is a KeyError."""
    memo = strip_unwritable(summary)
    read = max(card["accessed"] for card in memo["sources"])
    weighed = (
        _build_law_section,
        _build_risks_section,
        _build_record_section,
        _build_indices_section,
        _build_package_section,
        _build_questions_section,
        _build_alternatives_section,
        _build_unknowns_section,
    )
    sections = (
        _build_proposal_section,
        _build_summary_section,
        *(weighed if memo["weighed"] else (_build_return_section,)),
        _build_sources_section,
        _build_sign_off,
    )
    return ReportDocument(
        title=f"Case {memo['id']}: {memo['title']}",
        subtitle=f"{memo['region']} · {memo['iso3']} · from facts up to {memo['origin']}, snapshot of {read}",
        footer=f"Case {memo['id']}: facts up to {memo['origin']}, snapshot of {read}. {MEMO_ADVICE}",
        day=date.fromisoformat(read),
        blocks=tuple(chain.from_iterable(section(memo) for section in sections)),
    )


def _build_proposal_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "What is proposed")
    yield Definitions(tuple((name, text) for name, text in memo["proposed"]))


def _build_summary_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "Bottom line")
    yield from (Paragraph(sentence, lead=True) for sentence in memo["bottom_line"])
    tier = "Sent back" if memo["sent_back"] else (memo["tier"] or "referred").capitalize()
    yield Definitions((("Case tier", tier), ("Partner tier", memo["partner_tier"].capitalize())))


def _build_return_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "Sent back: why, and what to write")
    yield from map(Paragraph, (*memo["sent_back"], NOT_WEIGHED_NOTE))


def _build_law_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "Law and Congress")
    yield Paragraph("A legal trigger binds whatever the score, and no score lifts one.")
    for item in memo["trigger"]:
        yield from build_decision_blocks(
            _shorten_trigger(item), 2, "to look up: refer to a person" if item["refer"] else "in force"
        )
    if not memo["trigger"]:
        yield Paragraph(NO_TRIGGER)
    yield from _build_extra_list(memo["others"]["trigger"])
    yield Heading(2, "Congressional notification")
    yield Paragraph(" ".join(filter(None, (memo["notification"]["told"], memo["notification"]["because"]))))


def _build_risks_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "The five risks")
    yield Paragraph(f"Scores: {SCORE_SCALE}. {EXPOSURE_NOTE}")
    yield Table(
        "Scores of item and user, alone and together; pressure; exposure, 0 to 100",
        ("Risk", "Item", "User", "Together", "Pressure", "Exposure", "Tier"),
        tuple(map(_build_risk_row, memo["risks"])),
        (10, 4, 4, 7, 11, 7, 7),
    )
    yield from build_chart_block(draw_case_chart(memo["risks"]))
    yield Listing(tuple(f"{risk['name']}: {risk['because']}" for risk in memo["risks"] if risk["because"]))
    for ground in memo["grounds"]:
        if ground["because"]:
            source = f" ({ground['source']})" if ground["source"] else ""
            yield Paragraph(f"{ground['what']}, {ground['title']}. {ground['because']}{source}")
    yield Paragraph(memo["warning"])


def _build_risk_row(risk: CaseRisk) -> tuple[str, ...]:
    pressure = f"{risk['pressure']} ({risk['kind']})"
    tier = (risk["tier"] or "referred").capitalize()
    return risk["name"], risk["item"], risk["user"], risk["pair"], pressure, risk["exposure"], tier


def _build_record_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "The partner’s record with such items and users")
    yield Listing(tuple(memo["record"]))
    yield Table(
        f"Forecasts for the partner, {memo['horizon']}, whatever is transferred",
        ("Outcome", "Probability", "90% interval", "Now", "Tier"),
        tuple(
            (line["name"], line["probability"], line["interval"], line["status"], line["tier"].capitalize())
            for line in memo["forecasts"]
        ),
        (4, 3, 4, 4, 3),
    )


def _build_indices_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "Strategic value, leverage, posture")
    yield Definitions(tuple((name, text) for name, text in memo["standing"]))
    yield Paragraph(memo["posture"])


def _build_package_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "The package, narrowed to this item and user")
    rows = [
        (label, item["title"], _summarize_decision(item)) for kind, label in KIND_LABELS.items() for item in memo[kind]
    ]
    if rows:
        header = ("Kind", "What", "Benchmark, judge, or what replaces it")
        yield Table("The package at a glance", header, tuple(rows), (2, 6, 5))
    yield Paragraph(REST_NOTE.format(partner=memo["partner"], iso3=memo["iso3"]))
    for kind, heading in MEMO_HEADINGS.items():
        listed = memo["others"][kind]
        if kind in FULL_KINDS or listed or not memo[kind]:
            yield Heading(2, heading)
        for item in memo[kind] if kind in FULL_KINDS else ():
            yield from _build_step_blocks(item)
        if not memo[kind]:
            yield Paragraph(memo["left_out"][kind])
        yield from _build_extra_list(listed)


def _summarize_decision(item: Decision) -> str:
    """Summarize how one decision can be checked, in a line: its benchmark, who judges, or what replaces it."""
    if benchmark := item["benchmark"]:
        asked = "kept" if benchmark["kept"] else f"asked {benchmark['asked']}"
        text = f"{benchmark['measure']}: now {benchmark['now']}, {asked} by {format_or_unknown(benchmark['by'])}"
        return f"{text}. Earns: {item['unlocks']}" if item["unlocks"] else text
    when = "; ".join(step["when"] for step in item["calendar"] if step["when"])
    return format_or_dash(item["details"].get("judged_by") or item["details"].get("replaced_by") or when or None)


def _build_step_blocks(item: Decision) -> Iterator[DocumentBlock]:
    """Build the steps of a decision and their cost; the table at a glance has the rest."""
    yield Heading(3, f"{item['title']} (refer to a person)" if item["refer"] else item["title"])
    if item["steps"]:
        yield Listing(tuple(item["steps"]), numbered=True)
    else:
        yield from map(Paragraph, item["paragraphs"])
    costs = item["details"].get("switching_cost")
    yield from (Paragraph(f"{DETAIL_LABELS['switching_cost']}: {costs}"),) if costs else ()


def _shorten_trigger(item: Decision) -> Decision:
    """Drop from a trigger what the partner's own document already has: measured facts, programs and precedents."""
    return {**item, "stands": [], "programmes": [], "precedents": []}


def _build_extra_list(texts: Sequence[str]) -> Iterator[DocumentBlock]:
    if texts:
        yield Paragraph("Also asked by this case, though not by the partner alone:")
        yield Listing(tuple(texts))


def _build_questions_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "Questions only the reviewer can answer")
    checks = [*map(_build_check_row, memo["check"]), *((f"{CHECK_BOX}{text}", "–") for text in memo["others"]["check"])]
    if memo["questions"]:
        rows = tuple((f"{CHECK_BOX}{text}", "") for text in memo["questions"])
        yield Table("To be answered before a decision", ("Question", "Answer"), rows, (3, 2), room=True)
    if checks:
        yield Table("Legal checks", ("Check", "Law, and who answers"), tuple(checks), (4, 3))
    if not memo["questions"] and not checks:
        yield Paragraph("None beyond the usual ones.")


def _build_check_row(item: Decision) -> tuple[str, str]:
    judge, dated = item["details"].get("judged_by"), f", as of {item['as_of']}" if item["as_of"] else ""
    law = f"{item['reference']}{dated}" if item["reference"] else None
    return f"{CHECK_BOX}{item['title']}", format_or_dash(". ".join(filter(None, (law, judge))) or None)


def _build_alternatives_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "Safer ways to the same objective")
    none = Paragraph("The table names none for this item; that is no proof that there is none.")
    yield Listing(tuple(memo["safer"])) if memo["safer"] else none


def _build_unknowns_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "What is not known")
    yield Listing(tuple(memo["unknown"]))


def _build_sources_section(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "Sources")
    own = [
        " ".join(filter(None, (f"{ground['what']}: {ground['source']}.", ground["url"])))
        for ground in memo["grounds"]
        if ground["source"]
    ]
    cards = [f"{card['title']}. Release: {card['release']}; read {card['accessed']}." for card in memo["sources"]]
    yield Listing((*own, f"Scores of items and users: {memo['warning']}", *cards))


def _build_sign_off(memo: MemoPage) -> Iterator[DocumentBlock]:
    yield Heading(1, "For the person who decides")
    yield Paragraph(MEMO_ADVICE)
    rows = tuple((name, "") for name in SIGN_OFF_LINES)
    yield Table(f"Decision on case {memo['id']}", ("What", "Filled in by the reviewer"), rows, (1, 2), room=True)
