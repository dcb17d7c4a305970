"""Every key that a template reads from a page is in the page's type, so that the two cannot diverge."""

from typing import Any

import pytest

from risk.report.contracts.case import CasesPage, ReviewPage
from risk.report.contracts.chart import Drawing
from risk.report.contracts.index import IndexPage
from risk.report.contracts.memo import MemoPage
from risk.report.contracts.partner import PartnerCharts, PartnerPage
from risk.report.contracts.portfolio import PortfolioCharts, PortfolioPage, WhatIfPage
from risk.report.html import PAGE_TEMPLATES, TEMPLATE_FOLDER
from tests.risk.report.template_types import Follower, Reading, list_attributes, parse_template

GIVEN: dict[str, dict[str, Any]] = {
    "partner.html": {"page": PartnerPage, "charts": PartnerCharts},
    "index.html": {"page": IndexPage},
    "cases.html": {"page": CasesPage},
    "case_review.html": {"page": ReviewPage},
    "memo.html": {"page": MemoPage, "drawing": Drawing},
    "portfolio.html": {"page": PortfolioPage, "charts": PortfolioCharts},
    "what_if.html": {"page": WhatIfPage, "drawing": Drawing, "groups": list[Drawing]},
}
# Attributes that Jinja and Python define on loops, mappings and texts.
OWN = {"first", "last", "index", "index0", "items", "startswith"}


def read(template: str) -> Reading:
    return Follower(PAGE_TEMPLATES).follow(template, GIVEN[template])


@pytest.mark.parametrize("template", GIVEN)
def test_every_key_that_a_template_reads_stands_in_the_type_of_its_page(template: str) -> None:
    assert read(template).lacking == []


def test_no_attribute_in_any_template_is_passed_over() -> None:
    followed = set[tuple[str, int, str]]().union(*(read(template).followed for template in GIVEN))
    names = [path.name for path in TEMPLATE_FOLDER.glob("*.html")]
    every = {one for name in names for one in list_attributes(parse_template(PAGE_TEMPLATES, name), name)}
    assert {one for one in every - followed if one[2] not in OWN} == set()


@pytest.mark.parametrize("template", GIVEN)
def test_a_key_renamed_in_any_type_is_told(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, key in read(template).keys:
        with monkeypatch.context() as patch:
            patch.setitem(kind.__annotations__, f"{key}_renamed", kind.__annotations__[key])
            patch.delitem(kind.__annotations__, key)
            assert any(line.endswith(f"{kind.__name__} has no {key!r}") for line in read(template).lacking)
