"""Renders a document as Word: real headings, lists and tables; charts are omitted, as their numbers are in the text."""

from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document as Word
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Inches, Pt
from docx.table import Table as WordTable
from docx.table import _Row
from docx.text.paragraph import Paragraph as WordParagraph

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

TEXT_WIDTH = 6.5
TABLE_STYLE = "Light Grid"
# Word's limit for a file property.
LONGEST_PROPERTY = 255
# Room for two handwritten lines.
ROOM_HEIGHT = Inches(0.55)
# The earliest date a zip archive can store; Word's own date is in the properties.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def render_word_document(document: ReportDocument) -> bytes:
    """Render one document as .docx; the same document gives the same bytes."""
    word = docx.Document()
    _set_document_properties(word, document)
    _set_document_styles(word, document.language)
    _add_footer(word, document.footer)
    word.add_paragraph(document.title, "Title")
    word.add_paragraph(document.subtitle, "Subtitle")
    for block in document.blocks:
        _add_block(word, block)
    buffer = BytesIO()
    word.save(buffer)
    return _fix_dates(buffer)


def _set_document_properties(word: Word, document: ReportDocument) -> None:
    day = datetime.combine(document.day, time(), UTC)
    properties = word.core_properties
    properties.title, properties.comments = document.title[:LONGEST_PROPERTY], document.footer[:LONGEST_PROPERTY]
    properties.language = document.language
    properties.author = properties.last_modified_by = "Partner risk and conditionality"
    properties.created = properties.modified = day
    properties.revision = 1


def _set_document_styles(word: Word, language: str) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = Inches((8.5 - TEXT_WIDTH) / 2)
    word.styles[TABLE_STYLE].font.size = Pt(9)
    word.styles["Normal"].paragraph_format.space_after = Pt(6)
    word.styles["Caption"].paragraph_format.keep_with_next = True
    for language_element in word.styles.element.iter(qn("w:lang")):
        language_element.set(qn("w:val"), language)


def _add_footer(word: Word, text: str) -> None:
    line = word.sections[0].footer.paragraphs[0]
    line.add_run(f"{text} Page ")
    _add_field(line, "PAGE")
    line.add_run(" of ")
    _add_field(line, "NUMPAGES")


def _add_field(line: WordParagraph, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    field.append(line.add_run("1")._r)
    line._p.append(field)


def _add_block(word: Word, block: DocumentBlock) -> None:
    match block:
        case Heading():
            word.add_heading(block.text, block.level)
        case Paragraph():
            run = word.add_paragraph().add_run(block.text)
            run.font.size = Pt(13) if block.lead else None
        case Listing():
            _add_list(word, block)
        case Definitions():
            for term, text in block.pairs:
                line = word.add_paragraph()
                line.add_run(f"{term}: ").bold = True
                line.add_run(text)
        case Table():
            _add_table(word, block)
        case Chart():
            pass


def _add_list(word: Word, block: Listing) -> None:
    number = _start_numbering(word) if block.numbered else None
    for item in block.items:
        line = word.add_paragraph(item, "List Number" if block.numbered else "List Bullet")
        if number is not None:
            line._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number


def _start_numbering(word: Word) -> int:
    """Create a new numbering, so that the steps of each list start at 1."""
    numbering: Any = word.part.numbering_part.element
    style: Any = word.styles["List Number"].element
    drawn_as = numbering.num_having_numId(style.pPr.numPr.numId.val).abstractNumId.val
    number = numbering.add_num(drawn_as)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(number.numId)


def _add_table(word: Word, block: Table) -> None:
    word.add_paragraph(block.caption, "Caption")
    table = word.add_table(1 + len(block.rows), len(block.header), TABLE_STYLE)
    _set_widths(table, block.widths)
    _append_property(table._tbl.tblPr, "w:tblCaption", block.caption)
    for number, (row, texts) in enumerate(zip(table.rows, (block.header, *block.rows), strict=True)):
        _fill_table_row(row, texts, bold=number - 1 in block.groups)
        _append_property(row._tr.get_or_add_trPr(), "w:cantSplit")
        if block.room and number:
            row.height = ROOM_HEIGHT
            _keep_together(row)
    _append_property(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
    word.add_paragraph()


def _set_widths(table: WordTable, weights: tuple[int, ...]) -> None:
    table.autofit = False
    for column, weight in zip(table.columns, weights, strict=True):
        column.width = Inches(TEXT_WIDTH * weight / sum(weights))


def _fill_table_row(row: _Row, texts: tuple[str, ...], bold: bool) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        cell.paragraphs[0].add_run(text).bold = bold or None


def _keep_together(row: _Row) -> None:
    """Keep a row on the same page as the next one, if they fit."""
    for cell in row.cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _append_property(properties: BaseOxmlElement, name: str, value: str | None = None) -> None:
    element = OxmlElement(name)
    if value is not None:
        element.set(qn("w:val"), value)
    properties.append(element)


def _fix_dates(buffer: BytesIO) -> bytes:
    """Rewrite the archive with one fixed date on every file, which would otherwise be the time of writing."""
    fixed = BytesIO()
    with ZipFile(buffer) as archive, ZipFile(fixed, "w") as rewritten:
        for name in archive.namelist():
            rewritten.writestr(ZipInfo(name, ZIP_DATE), archive.read(name), ZIP_DEFLATED)
    return fixed.getvalue()
