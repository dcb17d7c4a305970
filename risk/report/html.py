"""Renders summaries as offline web pages: one per partner, and an index that also works without its script."""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from risk.report import charts
from risk.report.contracts.case import CasesPage, ReviewPage
from risk.report.contracts.chart import Bar
from risk.report.contracts.index import IndexPage
from risk.report.contracts.memo import MemoPage
from risk.report.contracts.partner import PartnerPage
from risk.report.contracts.portfolio import Group, PortfolioCharts, PortfolioPage, WhatIfPage
from risk.report.memo.wording import EXPOSURE_NOTE, MEMO_ADVICE, NOT_WEIGHED_NOTE, SCORE_SCALE, SIGN_OFF_LINES
from risk.report.partner.charts import draw_partner_charts

TEMPLATE_FOLDER = Path(__file__).parent / "templates"


class _PageEnvironment(Environment):
    """Resolves `page.title` of a dict as its entry first, since Jinja's failed attribute lookup would slow every
    access."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the dict's entry of that name, or what Jinja finds."""
        return obj[attribute] if type(obj) is dict and attribute in obj else super().getattr(obj, attribute)


PAGE_TEMPLATES = _PageEnvironment(
    loader=FileSystemLoader(TEMPLATE_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
EMPTY_LINES = re.compile(r"\n\s*\n")
PAGE_TEMPLATES.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
# The script is part of the project and holds no data; the page's security policy allows only its checksum.
INDEX_SCRIPT = (TEMPLATE_FOLDER / "index.js").read_text(encoding="utf-8")
SCRIPT_CHECKSUM = b64encode(sha256(INDEX_SCRIPT.encode()).digest()).decode()


def render_partner_page(summary: PartnerPage) -> str:
    """Render one partner's page; every value is escaped, and a missing value is an error."""
    page = PAGE_TEMPLATES.get_template("partner.html").render(
        page=summary, charts=draw_partner_charts(summary), script_checksum=None
    )
    # Templates leave hundreds of empty lines, and pages must stay small enough to mail.
    return EMPTY_LINES.sub("\n", page)


def render_index_page(index: IndexPage) -> str:
    """Render the page that lists every partner."""
    script = Markup(INDEX_SCRIPT)  # noqa: S704 - a file of the project, not data
    return PAGE_TEMPLATES.get_template("index.html").render(page=index, script=script, script_checksum=SCRIPT_CHECKSUM)


def render_precedents_page(cases: CasesPage) -> str:
    """Render the page of precedents."""
    return PAGE_TEMPLATES.get_template("cases.html").render(page=cases, script_checksum=None)


def render_review_page(review: ReviewPage) -> str:
    """Render the page on case review."""
    return PAGE_TEMPLATES.get_template("case_review.html").render(page=review, script_checksum=None)


def render_memo_page(memo: MemoPage, home: str) -> str:
    """Render the memo on one case; home: the folder of the partner pages, relative to the memo's."""
    return PAGE_TEMPLATES.get_template("memo.html").render(
        page=memo,
        home=home,
        drawing=charts.draw_case_chart(memo["risks"]),
        scores=SCORE_SCALE,
        exposure=EXPOSURE_NOTE,
        not_weighed=NOT_WEIGHED_NOTE,
        advice=MEMO_ADVICE,
        sign_off=SIGN_OFF_LINES,
        script_checksum=None,
    )


def write_partner_page(folder: Path, summary: PartnerPage) -> None:
    """Write one partner's <ISO3>.html into a folder; the same summary gives the same bytes."""
    (folder / f"{summary['iso3']}.html").write_bytes(render_partner_page(summary).encode())


def write_reports(folder: Path, summaries: Sequence[PartnerPage], index: IndexPage) -> None:
    """Write index.html and one <ISO3>.html per partner; the same summaries give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_bytes(render_index_page(index).encode())
    for summary in summaries:
        write_partner_page(folder, summary)


def render_portfolio_page(summary: PortfolioPage) -> str:
    """Render the portfolio page: flows of money, common claims, and competing objectives; every value is escaped."""
    drawn: PortfolioCharts = {
        "years": charts.draw_money_chart(summary["years"]),
        "groups": [
            charts.draw_bar_chart(
                f"Military assistance by {group['kind'].lower()}, {summary['windows'][0]['years']}", _list_bars(group)
            )
            for group in summary["groups"]
        ],
    }
    return PAGE_TEMPLATES.get_template("portfolio.html").render(page=summary, charts=drawn, script_checksum=None)


def _list_bars(group: Group) -> list[Bar]:
    return [{"name": row["name"], "said": row["said"], "value": row["share"]} for row in group["rows"]]


def render_what_if_page(summary: WhatIfPage) -> str:
    """Render the what-if page: before and after, shadow prices of limits, and every partner in the plan."""
    drawing = charts.draw_bar_chart("After (filled) and before (outline), by partner", summary["largest"])
    groups = [
        charts.draw_bar_chart(f"After (filled) and before (outline), by {g['kind'].lower()}", g["rows"])
        for g in summary["groups"]
    ]
    return PAGE_TEMPLATES.get_template("what_if.html").render(
        page=summary, drawing=drawing, groups=groups, script_checksum=None
    )
