"""A partner's page and document, beside the same page printed by WeasyPrint and a page of interactive charts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.measure import Measured, Side, Work
from risk.publishing.report_inputs import load_given
from risk.report.documents.partner import partner_document
from risk.report.documents.pdf import pdf_bytes
from risk.report.html import partner_page
from risk.report.partner.summary import partner_summary

PARTNERS = ("EGY", "KEN", "PHL", "POL")


def html(out: Path) -> Work:
    """Summary and page, with its drawings as SVG."""
    return _work(out, lambda summary: partner_page(summary).encode())


def pdf(out: Path) -> Work:
    """Summary and document by Typst, tagged for screen readers."""
    return _work(out, lambda summary: pdf_bytes(partner_document(summary)))


def printed(out: Path) -> Work:
    """The same page printed to PDF by WeasyPrint."""
    from weasyprint import HTML

    return _work(out, lambda summary: HTML(string=partner_page(summary)).write_pdf())


def interactive(out: Path) -> Work:
    """Record and reasons as two interactive charts of Plotly, with the script that a page offline must carry."""
    from plotly.graph_objects import Bar, Figure, Scatter

    def page(summary: Any) -> bytes:
        record, themes = summary["record"]["rows"], summary["reasons"][0]["themes"]
        years, names = [row["origin"] for row in record], [theme["theme"] for theme in themes]
        charts = [
            Figure(Scatter(x=years, y=[row["share"] for row in record])),
            Figure(Bar(x=names, y=[theme["effect"]["logodds"] for theme in themes])),
        ]
        first = charts[0].to_html(include_plotlyjs=True, full_html=False)
        return f"<html><body>{first}{charts[1].to_html(include_plotlyjs=False, full_html=False)}</body></html>".encode()

    return _work(out, page)


def _work(out: Path, make: Callable[[Any], bytes]) -> Work:
    given = load_given(out)
    return Work(
        lambda: [make(partner_summary(iso3, given)) for iso3 in PARTNERS],
        lambda made: {"bytes": sum(map(len, made)) // len(made)},
    )


def check(measured: Sequence[Measured]) -> str:
    """The size of each, a partner."""
    return "; ".join(f"{one.what}: {one.told['bytes'] / 1024:,.0f} KiB a partner" for one in measured) + "."


SIDES = (
    Side("page, the engine's HTML", html, len(PARTNERS)),
    Side("document, the engine's PDF (Typst)", pdf, len(PARTNERS)),
    Side("document, the page by WeasyPrint", printed, len(PARTNERS), needs="weasyprint"),
    Side("page of interactive charts (Plotly)", interactive, len(PARTNERS), needs="plotly"),
)
