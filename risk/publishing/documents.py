"""The forms that a partner's report comes in."""

from collections.abc import Sequence

from features.bad_input import BadInput
from risk.report.documents.pdf import pdf_bytes
from risk.report.documents.word import word_bytes

DOCUMENTS = {"pdf": pdf_bytes, "docx": word_bytes}
FORMATS = ("html", *DOCUMENTS)
# Below this many documents, starting processes takes longer than they save.
WORTH_SHARING = 8


def forms_of(form: str) -> Sequence[str]:
    """The formats that a name stands for; BadInput where there is no such format."""
    if form not in (*FORMATS, "all"):
        raise BadInput(f"unknown format {form!r}, expected one of {', '.join(FORMATS)}, all")
    return FORMATS if form == "all" else (form,)
