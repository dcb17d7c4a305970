"""The page of precedents: each described once, with the rules that use it."""

from risk.report.html import render_precedents_page
from risk.report.inputs import ReportSupplement
from risk.report.site.precedents import summarize_precedents
from tests.risk.invented_outputs import build_invented_inputs

CASE = {"partners": ["Aldova"], "years": "2001", "asked": "<b>Trials</b>", "happened": "it was done", "lesson": "Name"}
INVENTED = CASE | {"source": "Invented Archive"}


def test_a_case_that_several_rules_rest_on_is_told_once_with_all_of_them() -> None:
    details = {
        "first_rule": {"precedents": [INVENTED | {"use": "follows"}]},
        "second_rule": {
            "precedents": [INVENTED | {"use": "warned_by"}, INVENTED | {"use": "follows", "years": "1999"}]
        },
    }
    told = summarize_precedents(build_invented_inputs(supplement=ReportSupplement(details=details)))["cases"]
    assert [(case["years"], case["rules"]) for case in told] == [
        ("1999", "Second rule (follows)"),
        ("2001", "First rule (follows); Second rule (is warned)"),
    ]


def test_the_page_escapes_what_the_cases_say() -> None:
    details = {"rule": {"precedents": [INVENTED | {"use": "follows"}]}}
    page = render_precedents_page(
        summarize_precedents(build_invented_inputs(supplement=ReportSupplement(details=details)))
    )
    assert "<b>Trials</b>" not in page and "&lt;b&gt;Trials&lt;/b&gt;" in page
    assert page.count("<h1>") == 1 and "cases" in page
