"""Writes memos on cases to a folder: one file per case and format, named after the case."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from joblib import delayed

from features.bad_input import BadInput
from models.parallel.pool import run_in_parallel
from risk.publishing.documents import DOCUMENT_WRITERS, WORTH_SHARING, select_formats
from risk.report.contracts.input_types import TransferWords
from risk.report.contracts.memo import CaseRow
from risk.report.documents.memo import build_memo_document
from risk.report.html import render_memo_page
from risk.report.inputs import ReportInputs
from risk.report.memo.summary import summarize_memo

# Path from a memo's folder, out/cases/<name>, to the partners' pages.
REPORTS_PATH = "../../reports"
# Memos are for people to read; for more cases than this, the results table serves better.
MOST_MEMOS = 1000
LONGEST_NAME = 80
# Windows reserves these names for devices, whatever follows the dot.
DEVICE_NAME = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def write_memos(
    folder: Path,
    rows: Sequence[CaseRow],
    inputs: ReportInputs,
    words: TransferWords,
    form: str,
    home: str = REPORTS_PATH,
) -> list[str]:
    """Write the memo of every row in one format, or 'all', and return the sorted file names.

    rows and words: see risk.report.memo.summary.summarize_memo. Raises BadInput for an unknown format or partner,
    and for more than MOST_MEMOS rows.
    """
    forms = select_formats(form)
    if len(rows) > MOST_MEMOS:
        raise BadInput(f"--format {form}: {len(rows):,} cases, expected at most {MOST_MEMOS:,} for memos")
    contents = dict(_render_memos(rows, inputs, words, forms, home))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(contents)


def _render_memos(
    rows: Sequence[CaseRow], inputs: ReportInputs, words: TransferWords, forms: Sequence[str], home: str
) -> Iterator[tuple[str, bytes]]:
    documents: dict[str, Any] = {}
    for name, row in zip(build_file_names([str(row["id"]) for row in rows]), rows, strict=True):
        summary = summarize_memo(row, inputs, words)
        if "html" in forms:
            yield f"{name}.html", render_memo_page(summary, home).encode()
        blocks = build_memo_document(summary)
        documents |= {
            f"{name}.{form}": delayed(render)(blocks) for form, render in DOCUMENT_WRITERS.items() if form in forms
        }
    shared = len(documents) >= WORTH_SHARING
    contents = run_in_parallel([*documents.values()], 2 if shared else 1, "Memos" if shared else "", "memo")
    yield from zip(documents, contents, strict=True)


def build_file_names(ids: Sequence[str]) -> list[str]:
    """Build a unique file stem for each ID, in ASCII letters, digits, - and _, distinct even when case is ignored.

    A changed ID gets the start of its checksum as a suffix, a repeated one a number.
    """
    taken: set[str] = set()
    names = []
    for name in map(_clean_name, ids):
        stem, number = name, 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{name}-{number}"
        taken.add(stem.casefold())
        names.append(stem)
    return names


def _clean_name(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:LONGEST_NAME]
    if plain == name and plain and not DEVICE_NAME.fullmatch(plain):
        return plain
    return f"{plain or 'case'}-{sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"
