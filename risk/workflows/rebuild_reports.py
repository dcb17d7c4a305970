"""Rebuilds pages and documents from the last run's outputs, for all partners or some."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from joblib import delayed

from features.bad_input import BadInput
from features.snapshot.snapshot import Snapshot
from models.parallel.pool import run_in_parallel
from risk.ledger.ledger_files import LedgerFiles
from risk.outputs.writing import stage_outputs
from risk.portfolio.policy import read_portfolio_policy
from risk.publishing.documents import DOCUMENT_WRITERS, WORTH_SHARING, select_formats
from risk.publishing.pages import write_pages
from risk.publishing.report_inputs import load_report_inputs
from risk.report.documents.partner import build_partner_document
from risk.report.html import render_partner_page
from risk.report.inputs import ReportInputs
from risk.report.page_worker import draw_pages
from risk.report.partner.summary import summarize_partner
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook


def rebuild_reports(
    out: Path, named: Sequence[str], form: str, snapshot: Snapshot, ledger: LedgerFiles | None = None
) -> str:
    """Write the reports of the partners named (ISO3), of all where none is, and say which are where.

    form is one of REPORT_FORMATS, or 'all'. Other files in `out/reports` stay unchanged.
    Raises BadInput for an unknown format or partner, and if there is no run.
    """
    forms = select_formats(form)
    # Without a run, fail before any folder is created.
    if not out.is_dir():
        raise BadInput(f"{out / 'run.json'}: not there yet; run `make score` first")
    with stage_outputs(out) as staging:
        # Read once nobody else can put other tables in place, so that pages and tables are of one run.
        inputs = load_report_inputs(out, snapshot, ledger)
        partners = _select_partners(named, list(inputs.partners))
        folder = staging / "reports"
        _copy_reports(out / "reports", folder)
        if "html" in forms and not named:
            with draw_pages(folder, len(inputs.partners)) as pages:
                write_pages(folder, inputs, out, pages, snapshot, read_portfolio_policy(read_rulebook(RULEBOOK_FOLDER)))
        single = [form for form in forms if named or form in DOCUMENT_WRITERS]
        for name, content in _render_reports(partners, inputs, single):
            (folder / name).write_bytes(content)
    return f"{', '.join(partners) if named else f'{len(partners)} partners'} as {', '.join(forms)} in {out / 'reports'}"


def _select_partners(named: Sequence[str], scored: Sequence[str]) -> list[str]:
    for iso3 in named:
        if iso3 not in scored:
            raise BadInput(f"no partner {iso3!r} in the last run, expected an ISO3 code such as {scored[0]}")
    return sorted(set(named)) if named else list(scored)


def _copy_reports(reports: Path, to: Path) -> None:
    """Copy the existing files, because the whole folder is replaced."""
    to.mkdir()
    for earlier in sorted(reports.glob("*.*")):
        shutil.copyfile(earlier, to / earlier.name)


def _render_reports(partners: Sequence[str], inputs: ReportInputs, forms: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the file name and content of each report."""
    documents: dict[str, Any] = {}
    for iso3 in partners if forms else ():
        summary = summarize_partner(iso3, inputs)
        if "html" in forms:
            yield f"{iso3}.html", render_partner_page(summary).encode()
        blocks = build_partner_document(summary)
        renderers = {form: render for form, render in DOCUMENT_WRITERS.items() if form in forms}
        documents |= {f"{iso3}.{form}": delayed(render)(blocks) for form, render in renderers.items()}
    shared = len(documents) >= WORTH_SHARING
    contents = run_in_parallel([*documents.values()], 2 if shared else 1, "Documents" if shared else "", "document")
    yield from zip(documents, contents, strict=True)
