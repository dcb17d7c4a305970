"""A partner's page and document, beside the same page printed by WeasyPrint and a page of interactive charts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.measure import Contender, Measurement, TimedWork
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.publishing.report_inputs import load_report_inputs
from risk.report.documents.partner import build_partner_document
from risk.report.documents.pdf import render_pdf_document
from risk.report.html import render_partner_page
from risk.report.partner.summary import summarize_partner

PAGE_PARTNERS = ("EGY", "KEN", "PHL", "POL")


def prepare_html_page(out: Path) -> TimedWork:
    """Summary and page, with its drawings as SVG."""
    return _prepare_pages(out, lambda summary: render_partner_page(summary).encode())


def prepare_typst_document(out: Path) -> TimedWork:
    """Summary and document by Typst, tagged for screen readers."""
    return _prepare_pages(out, lambda summary: render_pdf_document(build_partner_document(summary)))


def prepare_weasyprint_document(out: Path) -> TimedWork:
    """The same page printed to PDF by WeasyPrint."""
    from weasyprint import HTML

    return _prepare_pages(out, lambda summary: HTML(string=render_partner_page(summary)).write_pdf())


def prepare_plotly_page(out: Path) -> TimedWork:
    """Record and reasons as two interactive charts of Plotly, with the script that a page offline must carry."""
    from plotly.graph_objects import Bar, Figure, Scatter

    def draw_plotly_page(summary: Any) -> bytes:
        record, themes = summary["record"]["rows"], summary["reasons"][0]["themes"]
        years, names = [row["origin"] for row in record], [theme["theme"] for theme in themes]
        charts = [
            Figure(Scatter(x=years, y=[row["share"] for row in record])),
            Figure(Bar(x=names, y=[theme["effect"]["logodds"] for theme in themes])),
        ]
        first = charts[0].to_html(include_plotlyjs=True, full_html=False)
        return f"<html><body>{first}{charts[1].to_html(include_plotlyjs=False, full_html=False)}</body></html>".encode()

    return _prepare_pages(out, draw_plotly_page)


def _prepare_pages(out: Path, make: Callable[[Any], bytes]) -> TimedWork:
    given = load_report_inputs(out, snapshot=CURRENT_SNAPSHOT)
    return TimedWork(
        lambda: [make(summarize_partner(iso3, given)) for iso3 in PAGE_PARTNERS],
        lambda made: {"bytes": sum(map(len, made)) // len(made)},
    )


def describe_page_sizes(measured: Sequence[Measurement]) -> str:
    """The size of each, a partner."""
    return "; ".join(f"{one.name}: {one.results['bytes'] / 1024:,.0f} KiB a partner" for one in measured) + "."


PAGE_CONTENDERS = (
    Contender("page, the engine's HTML", prepare_html_page, len(PAGE_PARTNERS)),
    Contender("document, the engine's PDF (Typst)", prepare_typst_document, len(PAGE_PARTNERS)),
    Contender("document, the page by WeasyPrint", prepare_weasyprint_document, len(PAGE_PARTNERS), needs="weasyprint"),
    Contender("page of interactive charts (Plotly)", prepare_plotly_page, len(PAGE_PARTNERS), needs="plotly"),
)
