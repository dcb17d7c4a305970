"""Renders a document as PDF/UA-1: tagged, titled, bookmarked, in fonts that come with Typst; works offline."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path

import typst

from risk.report.documents.blocks import ReportDocument

TYPST_TEMPLATE = Path(__file__).parents[1] / "templates" / "document.typ"
LONG_WORD = re.compile(r"\S{24,}")
WORD_PIECE = re.compile(r"[_/,]|[^\s_/,]{24}")
WORD_BREAK = "\u200b"
# Typst's own fonts have all of these.
PRINTABLE_TEXT = re.compile("[\n\r\t\u0020-\u007e\u00a0-\u017f‐-”•…−×≥≤]*")


def render_pdf_document(document: ReportDocument) -> bytes:
    """Render one document as PDF; the same document gives the same bytes."""
    language, region = document.language.split("-")
    blocks = [{"kind": type(block).__name__.lower(), **asdict(block)} for block in document.blocks]
    texts = {"title": document.title, "subtitle": document.subtitle, "footer": document.footer, "blocks": blocks}
    data = {**{name: _fit_texts(text) for name, text in texts.items()}, "language": language, "region": region}
    return _compile_typst(TYPST_TEMPLATE.read_bytes(), json.dumps(data), datetime.combine(document.day, time(), UTC))


def _compile_typst(source: bytes, data: str, timestamp: datetime) -> bytes:
    return typst.compile(
        source,
        font_paths=_load_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": data},
        pdf_standards=["ua-1"],
        timestamp=timestamp,
    )


@cache
def _load_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _fit_texts(value: object) -> object:
    """Make the texts of a value printable: very long words may break, and every character has a glyph."""
    if isinstance(value, dict):
        return {key: _replace_unprintable(part) if key == "svg" else _fit_texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_fit_texts(part) for part in value]
    if not isinstance(value, str):
        return value
    return LONG_WORD.sub(lambda word: WORD_PIECE.sub(rf"\g<0>{WORD_BREAK}", word[0]), _replace_unprintable(value))


def _replace_unprintable(text: str) -> str:
    return text if PRINTABLE_TEXT.fullmatch(text) else "".join(map(_show_character, text))


@cache
def _show_character(character: str) -> str:
    """Return the character, or its code if no font has it, since PDF/UA does not allow missing glyphs."""
    try:
        _compile_typst(b'#set document(title: "-"); #sys.inputs.document', character, datetime(2000, 1, 1, tzinfo=UTC))
    except typst.TypstError:
        return f"[U+{ord(character):04X}]"
    return character
