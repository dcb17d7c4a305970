"""The document formats of a partner's report."""

from collections.abc import Sequence

from features.bad_input import BadInput
from risk.report.documents.pdf import render_pdf_document
from risk.report.documents.word import render_word_document

DOCUMENT_WRITERS = {"pdf": render_pdf_document, "docx": render_word_document}
REPORT_FORMATS = ("html", *DOCUMENT_WRITERS)
# With fewer documents, starting processes takes longer than it saves.
WORTH_SHARING = 8


def select_formats(form: str) -> Sequence[str]:
    """Return the formats that a name selects; raises BadInput for an unknown format."""
    if form not in (*REPORT_FORMATS, "all"):
        raise BadInput(f"unknown format {form!r}, expected one of {', '.join(REPORT_FORMATS)}, all")
    return REPORT_FORMATS if form == "all" else (form,)
