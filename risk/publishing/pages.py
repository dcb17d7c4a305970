"""The pages of a run written into a folder."""

from pathlib import Path

from risk.portfolio.policy import PortfolioPolicy
from risk.portfolio.tables import write_portfolio
from risk.report.contracts.index import Link
from risk.report.html import cases_page, index_page, review_page
from risk.report.inputs import Given
from risk.report.page_worker import Pages
from risk.report.partner.summary import partner_summary
from risk.report.site.case_guide import review_summary
from risk.report.site.index import index_summary
from risk.report.site.precedents import cases_summary

REVIEW: Link = {"label": "Case review: one proposed transfer, or many", "href": "case_review.html"}
LINKS: tuple[Link, ...] = (
    {"label": "Past cases: what was asked, what happened, the lesson", "href": "cases.html"},
    {"label": "The portfolio: where the money goes, and what else it could do", "href": "portfolio.html"},
    {"label": "Workbook of all decisions (Excel)", "href": "../decisions.xlsx"},
    {"label": "All scores (CSV)", "href": "../scores.csv"},
    {"label": "All decisions (CSV)", "href": "../decisions.csv"},
)
DOCS = Path(__file__).resolve().parents[2] / "docs"
# Copied as plain text, which every browser opens from a folder; Markdown it may only offer to save.
TEXTS = {"method": "The method (text)", "model_card": "The model card (text)"}


def write_pages(folder: Path, given: Given, out: Path, pages: Pages, raw: Path, policy: PortfolioPolicy) -> None:
    """Write the index, those of past cases, case review and portfolio, and the texts linked to; have `pages` draw the
    partners' pages into the same folder. Raw and policy: the snapshot and the rulebook's words behind the portfolio."""
    for iso3 in given.partners:
        pages.draw(partner_summary(iso3, given))
    texts = {f"{name}.txt": path for name in TEXTS if (path := _text(name, out)) is not None}
    links: list[Link] = [
        *([REVIEW] if given.advice.transfers else []),
        *LINKS,
        *(Link(label=TEXTS[name.removesuffix(".txt")], href=name) for name in texts),
    ]
    (folder / "index.html").write_bytes(index_page(index_summary(given, links)).encode())
    if given.advice.transfers:
        (folder / "case_review.html").write_bytes(review_page(review_summary(given)).encode())
    (folder / "cases.html").write_bytes(cases_page(cases_summary(given)).encode())
    write_portfolio(folder, given, out, raw, policy)
    for name, path in texts.items():
        (folder / name).write_bytes(path.read_bytes())


def _text(name: str, out: Path) -> Path | None:
    """The card of these outputs' own back-test, or the project's document; none where it was not installed."""
    return next((path for path in (out / "backtest" / f"{name}.md", DOCS / f"{name}.md") if path.is_file()), None)
