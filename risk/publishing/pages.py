"""The pages of a run written into a folder."""

from pathlib import Path

from features.snapshot.snapshot import Snapshot
from risk.portfolio.policy import PortfolioPolicy
from risk.portfolio.tables import write_portfolio_outputs
from risk.report.contracts.index import Link
from risk.report.html import render_index_page, render_precedents_page, render_review_page
from risk.report.inputs import ReportInputs
from risk.report.page_worker import PageQueue
from risk.report.partner.summary import summarize_partner
from risk.report.site.case_guide import summarize_review
from risk.report.site.index import summarize_index
from risk.report.site.precedents import summarize_precedents

REVIEW_LINK: Link = {"label": "Case review: one proposed transfer, or many", "href": "case_review.html"}
INDEX_LINKS: tuple[Link, ...] = (
    {"label": "Past cases: what was asked, what happened, the lesson", "href": "cases.html"},
    {"label": "The portfolio: where the money goes, and what else it could do", "href": "portfolio.html"},
    {"label": "Workbook of all decisions (Excel)", "href": "../decisions.xlsx"},
    {"label": "All scores (CSV)", "href": "../scores.csv"},
    {"label": "All decisions (CSV)", "href": "../decisions.csv"},
)
DOCS_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "explanation"
# Copied as plain text, which every browser opens from a folder; Markdown it may only offer to save.
LINKED_TEXTS = {"method": "The method (text)", "model_card": "The model card (text)"}


def write_pages(
    folder: Path, given: ReportInputs, out: Path, pages: PageQueue, snapshot: Snapshot, policy: PortfolioPolicy
) -> None:
    """Write the index, those of past cases, case review and portfolio, and the texts linked to; have `pages` draw the
    partners' pages into the same folder. Raw and policy: the snapshot and the rulebook's words behind the portfolio."""
    for iso3 in given.partners:
        pages.queue_partner_page(summarize_partner(iso3, given))
    texts = {f"{name}.txt": path for name in LINKED_TEXTS if (path := _find_linked_text(name, out)) is not None}
    links: list[Link] = [
        *([REVIEW_LINK] if given.supplement.transfers else []),
        *INDEX_LINKS,
        *(Link(label=LINKED_TEXTS[name.removesuffix(".txt")], href=name) for name in texts),
    ]
    (folder / "index.html").write_bytes(render_index_page(summarize_index(given, links)).encode())
    if given.supplement.transfers:
        (folder / "case_review.html").write_bytes(render_review_page(summarize_review(given)).encode())
    (folder / "cases.html").write_bytes(render_precedents_page(summarize_precedents(given)).encode())
    write_portfolio_outputs(folder, given, out, snapshot, policy)
    for name, path in texts.items():
        (folder / name).write_bytes(path.read_bytes())


def _find_linked_text(name: str, out: Path) -> Path | None:
    """The card of these outputs' own back-test, or the project's document; none where it was not installed."""
    return next(
        (path for path in (out / "backtest" / f"{name}.md", DOCS_FOLDER / f"{name}.md") if path.is_file()), None
    )
