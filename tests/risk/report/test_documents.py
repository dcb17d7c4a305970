"""Documents match the page in content and order, resist hostile values, and work with screen readers."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pikepdf
import polars as pl
import pytest
from docx.oxml.ns import qn

from risk.report.documents.blocks import (
    Chart,
    Definitions,
    DocumentBlock,
    Heading,
    Listing,
    Paragraph,
    ReportDocument,
    Table,
)
from risk.report.documents.partner import build_partner_document
from risk.report.documents.pdf import render_pdf_document
from risk.report.documents.svg import build_chart_block
from risk.report.documents.word import render_word_document
from risk.report.partner.summary import summarize_partner
from tests.risk.invented_outputs import (
    INVENTED_PARTNERS,
    build_invented_history,
    build_invented_inputs,
    build_invented_supplement,
    build_past_row,
)

PAST = pl.DataFrame(
    [build_past_row(2019), build_past_row(2023, probability=None, low=None, high=None, observed=None)],
    infer_schema_length=None,
)
HOSTILE = {
    "typst code": '#eval("1 + 1") #panic() #read("/etc/passwd")',
    "typst markup": "$x^2$ *bold* _em_ @label <label> `raw` = + - / ] [ } { \\ // gone /* gone */",
    "xml": "<w:br/>&amp;]]><!-- \" ' &#0;",
    "long word": "x" * 400,
    "right to left": "مصر ועוד",
    "newlines": "one\ntwo\n\n\nthree",
    "format": "%s {0} ${HOME} {{ page }}",
}


def summary(iso3: str = "ALD", **changes: Any) -> dict[str, Any]:
    given = build_invented_inputs(
        past_forecasts=PAST, history=build_invented_history(), supplement=build_invented_supplement()
    )
    return summarize_partner(iso3, given) | changes


def of(*blocks: DocumentBlock, title: str = "Invented") -> ReportDocument:
    return ReportDocument(title, "Where", "Footer.", date(2026, 11, 23), blocks)


def texts(document: ReportDocument) -> str:
    """Return all texts of a document, one per line."""
    lines = [document.title, document.subtitle, document.footer]
    for block in document.blocks:
        match block:
            case Heading() | Paragraph():
                lines.append(block.text)
            case Listing():
                lines += block.items
            case Definitions():
                lines += [f"{term}: {said}" for term, said in block.pairs]
            case Table():
                lines += [block.caption, *(" | ".join(row) for row in (block.header, *block.rows))]
    return "\n".join(lines)


def word_lines(content: bytes) -> list[str]:
    return [line.text for line in docx.Document(BytesIO(content)).paragraphs]


def bookmarks(content: bytes) -> list[str]:
    with pikepdf.open(BytesIO(content)) as pdf, pdf.open_outline() as outline:
        return [str(item.title) for item in outline.root]


def tags(content: bytes) -> list[tuple[str, str]]:
    """List every element of a PDF's structure in reading order, with its alternative text."""

    def below(node: Any) -> list[Any]:
        if isinstance(node, pikepdf.Array):
            return [found for child in node for found in below(child)]
        if not isinstance(node, pikepdf.Dictionary):
            return []
        own = [(str(node.S), str(node.get("/Alt", "")))] if "/S" in node else []
        return own + (below(node.K) if "/K" in node else [])

    with pikepdf.open(BytesIO(content)) as pdf:
        return below(pdf.Root.StructTreeRoot.K)


def test_sections_come_in_the_order_of_the_page() -> None:
    blocks = build_partner_document(summary()).blocks
    assert [block.text for block in blocks if isinstance(block, Heading) and block.level == 1] == [
        "Bottom line",
        "How likely, 2026–2027",
        "What the law already says",
        "The package to plan from the start",
        "Why the estimate is what it is",
        "What the engine would have said before, and what happened",
        "Arms and money",
        "Leverage and strategic value",
        "Neighbours and comparable partners",
        "What is not known",
        "How to read it, and how to contest it",
        "Sources",
    ]


def test_headings_descend_one_level_at_a_time() -> None:
    for iso3 in INVENTED_PARTNERS:
        levels = [block.level for block in build_partner_document(summary(iso3)).blocks if isinstance(block, Heading)]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("iso3", INVENTED_PARTNERS)
def test_every_row_is_as_wide_as_its_header_and_groups_have_heads(iso3: str) -> None:
    tables = [block for block in build_partner_document(summary(iso3)).blocks if isinstance(block, Table)]
    assert tables
    for table in tables:
        assert {len(row) for row in (table.header, table.widths, *table.rows)} == {len(table.header)}
        assert all(table.rows[group][0] for group in table.groups)


def test_the_document_says_probability_interval_base_rate_law_benchmark_steps_and_snapshot() -> None:
    document = build_partner_document(summary())
    said = texts(document)
    for line in (
        "Probability: 31% (90% interval 22% to 42%)",
        "Base rate, all partners and years on record: 22%",
        "Legal triggers: 1 in force, 0 to look up",
        "Package: 1 positive condition, 1 redline, 1 offramp, 0 messages, 0 checks",
        "Invented trigger (in force)",
        "Reference: 22 USC 2370c-1 (as of 2025-06-30; confirmed)",
        "Reference: 22 USC 2370c-1 (as of 2025-06-30; to be verified before anyone relies on it)",
        "Benchmark: Freedom from torture and political killing: now 0.21, asked 0.3 by 2027",
        "On record: In the past 3 of 9 did it.",
        "Others fell.",
        "Unlocks: Release of the next tranche",
        "Not when: Not in war",
        "Programmes: FMF; IMET",
        "Follows Bresland, 2001. Asked: Trials of three officers. Happened: Two were tried. Lesson: Name the officers. "
        "Source: Invented Archive.",
        "Follows Bresland, 2001. Told elsewhere, or in the rulebook.",
        "Promises unkept",
        "No unit kills detainees (refer to a person)",
        "Rests on: Leverage (0 to 100): 72.3 (2025), where the line is 50 or more, 22.3 above the line",
        "Rule: Child soldiers list",
        "2019 | 31% | 20% to 40% | Under way | yes",
        "2023 | – | – | Under way | not yet known",
        "2021–2025 | 30 | 0 | 10 | 0 | 0",
        "2024 | −$100,000 | – | – | – | – | –",
        "Spares bind for a decade.",
        "Bresland | Low | under 1% | Invest | 67",
        "Aldova: facts up to 2025, snapshot of 2026-11-23. It advises; a person decides.",
    ):
        assert line in said.splitlines(), line
    steps = ("Pause new notifications in 2026.", "Hold spares.", "End the programme.")
    assert Listing(steps, numbered=True) in document.blocks


def test_messages_are_told_by_their_calendar() -> None:
    page = summary("BRE")
    page["message"][0] |= {
        "steps": ["x"],
        "calendar": [{"when": "On the day", "what": "Sign."}, {"when": None, "what": "Say."}],
    }
    lines = texts(build_partner_document(page)).splitlines()
    assert lines[lines.index("On the day: Sign.") + 1] == "At any time: Say."


def test_a_referred_partner_reads_as_referred_and_not_as_safe() -> None:
    said = texts(build_partner_document(summary("CIM")))
    assert "Not given: referred to a person | – | 22%" in said
    assert "Strategic value: not known" in said
    assert "The chance of misuse is" not in said


def test_a_summary_that_lacks_a_value_is_an_error_and_not_a_gap() -> None:
    page = summary()
    del page["bottom_line"]
    with pytest.raises(KeyError):
        build_partner_document(page)


def test_characters_that_no_document_can_hold_are_left_out() -> None:
    document = build_partner_document(
        summary(partner="Al\x00do\x1bva\ud800\ufffe", bottom_line=["a\x08b\tc\u0085", "d"])
    )
    assert document.title == "Aldova: risk and conditions, 2026–2027"
    assert Paragraph("ab\tc\u0085", lead=True) in document.blocks
    assert "Aldova: risk" in word_lines(render_word_document(document))[0]
    assert render_pdf_document(document).startswith(b"%PDF")


FIXED = ("name", "accessed", "happened")


def made_hostile(value: Any, hostile: str) -> Any:
    """Replace every text of a summary, except the day and the texts that charts depend on."""
    if isinstance(value, dict):
        return {key: part if key in FIXED else made_hostile(part, hostile) for key, part in value.items()}
    if isinstance(value, list):
        return [made_hostile(part, hostile) for part in value]
    return hostile if isinstance(value, str) else value


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values_come_out_as_plain_text(hostile: str) -> None:
    document = build_partner_document(made_hostile(summary(), hostile))
    pdf, word = render_pdf_document(document), render_word_document(document)
    assert f"{hostile}: risk and conditions, {hostile}" == word_lines(word)[0]
    assert hostile in word_lines(word)
    with pikepdf.open(BytesIO(pdf)) as read:
        assert str(read.docinfo.Title).replace("\u200b", "") == f"{hostile}: risk and conditions, {hostile}"
    said = " ".join(bookmarks(pdf)[1].replace("\u200b", "").split())
    assert said == " ".join(f"How likely, {hostile}".split())


def test_a_character_without_a_glyph_is_told_by_its_number_in_pdf_and_kept_in_word() -> None:
    document = of(Heading(1, "埃及 is Egypt, naïve §7 ≥ “x”"))
    assert bookmarks(render_pdf_document(document)) == ["[U+57C3][U+53CA] is Egypt, naïve §7 ≥ “x”"]
    assert "埃及 is Egypt, naïve §7 ≥ “x”" in word_lines(render_word_document(document))


def test_the_pdf_is_tagged_titled_bookmarked_and_on_letter_paper() -> None:
    content = render_pdf_document(build_partner_document(summary()))
    with pikepdf.open(BytesIO(content)) as pdf:
        assert pdf.Root.Lang == "en-GB"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.docinfo.Title == "Aldova: risk and conditions, 2026–2027"
        assert pdf.docinfo.CreationDate == "D:20261123000000Z"
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert [float(edge) for edge in pdf.pages[0].MediaBox] == [0, 0, 612, 792]
    assert bookmarks(content)[0] == "Bottom line"
    found = [tag for tag, _ in tags(content)]
    tables = [block for block in build_partner_document(summary()).blocks if isinstance(block, Table)]
    charts = [block for block in build_partner_document(summary()).blocks if isinstance(block, Chart)]
    assert found.count("/Table") == len(tables)
    assert found.count("/Figure") == len(charts)
    assert found.count("/Caption") == len(tables) + len(charts)
    assert found.count("/TH") == sum(len(table.header) for table in tables)
    assert {"/Title", "/H1", "/H2", "/H3", "/P", "/L", "/LI"} <= set(found)


def test_charts_have_alternative_text_in_pdf_and_are_left_to_their_numbers_in_word() -> None:
    document = build_partner_document(summary())
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    assert [block.title for block in charts] == [
        "The estimate beside what else might be said",
        "What goes with a higher or a lower risk, by theme",
        "The engine's probability at each origin, and what followed",
        "Major weapons received, by supplier",
        "US assistance and sales by year",
    ]
    figures = [alternative for tag, alternative in tags(render_pdf_document(document)) if tag == "/Figure"]
    assert figures == [block.alternative for block in charts]
    word = docx.Document(BytesIO(render_word_document(document)))
    assert not word.inline_shapes
    assert len(word.tables) == len([block for block in document.blocks if isinstance(block, Table)])


def test_the_text_of_a_chart_is_never_read_as_markup() -> None:
    text = {"x": "1", "y": "9", "text": "</text><script>&埃", "look": "", "anchor": "start"}
    drawing = {"title": "T", "desc": "D", "width": 40, "height": 20, "paths": [], "texts": [text]}
    drawn = list(build_chart_block(drawing))
    assert "<script>" not in drawn[0].svg
    assert render_pdf_document(of(Heading(1, "Chart"), *drawn)).startswith(b"%PDF")
    assert list(build_chart_block(None)) == []


def test_a_table_of_groups_may_break_wherever_a_page_ends() -> None:
    rows = tuple((f"Row {number}", "", "x") for number in range(90))
    for length in range(1, 90, 4):
        table = Table("Groups", ("Fact", "Value", "Year"), rows[:length], (3, 1, 1), tuple(range(0, length, 3)))
        assert render_pdf_document(of(Heading(1, "Facts"), table, Paragraph("After."))).startswith(b"%PDF")


def test_word_has_headings_repeated_table_heads_and_properties() -> None:
    document = build_partner_document(summary())
    word = docx.Document(BytesIO(render_word_document(document)))
    levels = [line.style.name for line in word.paragraphs if line.style and line.style.name.startswith("Heading")]
    assert levels == [f"Heading {block.level}" for block in document.blocks if isinstance(block, Heading)]
    assert word.tables
    for table in word.tables:
        assert [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows].index(False) == 1
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
    said = word.core_properties
    assert (said.title, said.language) == (document.title, "en-GB")
    assert said.created == said.modified and said.created.date() == document.day
    assert {tongue.get(qn("w:val")) for tongue in word.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    assert "It advises; a person decides." in word.sections[0].footer.paragraphs[0].text


def test_the_steps_of_each_list_start_at_1_in_word() -> None:
    steps = Listing(("First", "Second"), numbered=True)
    word = docx.Document(BytesIO(render_word_document(of(steps, Paragraph("Between"), steps))))
    lines = [line._p for line in word.paragraphs if line.style and line.style.name == "List Number"]
    numbers = [line.pPr.numPr.numId.val for line in lines]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    numbering: Any = word.part.numbering_part.element
    assert {numbering.num_having_numId(number).lvlOverride_lst[0].startOverride.val for number in numbers} == {1}


def test_the_same_summary_gives_the_same_bytes() -> None:
    first, second = build_partner_document(summary()), build_partner_document(summary())
    assert render_pdf_document(first) == render_pdf_document(second)
    assert render_word_document(first) == render_word_document(second)
    assert render_pdf_document(first) != render_pdf_document(replace(first, footer="Another."))
    with ZipFile(BytesIO(render_word_document(first))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_sources_say_how_far_their_facts_go_and_what_is_overdue() -> None:
    said = [
        item for block in build_partner_document(summary()).blocks if isinstance(block, Listing) for item in block.items
    ]
    assert any("facts to 2024; read 2026-11-23; a newer issue has been due since 2026-10-31." in item for item in said)
