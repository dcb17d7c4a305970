"""A memo says what the review found, in a reviewer's order, and resists hostile values in a case."""

import re
from collections import Counter
from html import unescape
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.publishing.report_inputs import load_report_inputs
from risk.report.documents.blocks import Heading, ReportDocument, Table
from risk.report.documents.memo import build_memo_document
from risk.report.documents.pdf import render_pdf_document
from risk.report.documents.word import render_word_document
from risk.report.html import render_memo_page
from risk.report.memo.summary import summarize_memo
from risk.report.memo.wording import MEMO_ADVICE, SIGN_OFF_LINES
from tests.conftest import FinishedRun
from tests.risk.cases.invented_cases import INVENTED_TEXTS, build_case_row, build_returned_row
from tests.risk.invented_outputs import build_invented_history, build_invented_inputs, build_invented_supplement
from tests.risk.report.sample_pages import HOSTILE_TEXTS

SECTIONS = [
    "What is proposed",
    "Bottom line",
    "Law and Congress",
    "The five risks",
    "The partner’s record with such items and users",
    "Strategic value, leverage, posture",
    "The package, narrowed to this item and user",
    "Questions only the reviewer can answer",
    "Safer ways to the same objective",
    "What is not known",
    "Sources",
    "For the person who decides",
]


def memo(row: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    given = build_invented_inputs(history=build_invented_history(), supplement=build_invented_supplement())
    return summarize_memo(row or build_case_row(**changes), given, INVENTED_TEXTS)


def page(**changes: Any) -> str:
    return render_memo_page(memo(**changes), "../../reports")


def headings(document: ReportDocument) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 1]


def all_text(content: bytes) -> str:
    """Return every text of a Word file, including tables and footer."""
    word = docx.Document(BytesIO(content))
    parts = [word.element.body, word.sections[0].footer._element]
    return "\n".join("".join(p.itertext(qn("w:t"))) for part in parts for p in part.iter(qn("w:p")))


def test_page_and_document_tell_the_same_sections_in_the_order_a_reviewer_reads() -> None:
    found_headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page())
    assert [unescape(text) for text in found_headings] == headings(build_memo_document(memo())) == SECTIONS


def test_a_case_that_was_sent_back_says_why_and_what_to_write_and_no_figure() -> None:
    back = memo(build_returned_row())
    found = headings(build_memo_document(back))
    assert found == [*SECTIONS[:2], "Sent back: why, and what to write", "Sources", "For the person who decides"]
    assert back["sent_back"] == [build_returned_row()["sent_back_because"], "Say which force cannot do which task."]
    assert all(len(re.findall(r"\w\.(?: |$)", sentence)) == 1 for sentence in back["bottom_line"])
    assert "exposure" not in render_memo_page(back, ".").split("<main")[1].lower()


def test_what_to_write_is_not_said_twice() -> None:
    because = "gap: too vague; name which force cannot do which task"
    assert memo(build_returned_row(sent_back_because=because))["sent_back"] == [because]


def test_the_bottom_line_names_tier_driver_law_and_package() -> None:
    assert memo()["bottom_line"] == [
        "The risk of this case is rated elevated, driven by internal repression: exposure 31 of 100, from item and "
        "user scored 4 of 4 together and a pressure of 31% (forecast of state terror).",
        "Law comes first: 1 legal trigger binds now; beyond that, go forward only with 2 conditions, 1 redline and 1 "
        "offramp in the plan from the start.",
    ]


def test_every_case_tier_has_its_own_advice_and_none_is_a_decision() -> None:
    tiers = ("low", "guarded", "elevated", "high", "severe", "referred")
    advice = {tier: memo(case_tier=tier, triggers="")["bottom_line"][1] for tier in tiers}
    assert len({advice[tier] for tier in tiers}) == len(tiers) - 1
    assert advice["low"] == advice["guarded"]
    assert "rely on no figure" in advice["referred"]


def test_a_low_case_without_a_package_asks_for_nothing_and_names_no_driver() -> None:
    sentences = memo(case_tier="low", triggers="", conditions="", redlines="", offramps="")["bottom_line"]
    assert sentences == [
        "The risk of this case is rated low on every one of the five counts.",
        "It can go forward with the usual checks, and no rule asks for more.",
    ]


def test_a_case_without_a_tier_is_referred_and_never_low() -> None:
    summary = memo(case_tier=None, case_driver=None, case_exposure=None)
    assert "referred to a person" in summary["bottom_line"][0]
    assert "tier-low" not in render_memo_page(summary, ".").split("Bottom line")[1].split("</section>")[0]


def test_each_pressure_says_whether_it_is_forecast_or_judgement() -> None:
    kinds = {risk["risk"]: risk["kind"] for risk in memo()["risks"]}
    assert kinds["repression"] == "forecast of state terror"
    assert kinds["diversion"] == "judgement from facts"


def test_the_tier_of_a_risk_follows_its_own_starts_and_is_none_without_an_exposure() -> None:
    row = build_case_row(repression_exposure=15.0, diversion_exposure=24.9)
    tiers = {risk["risk"]: risk["tier"] for risk in memo(row)["risks"]}
    assert tiers["repression"] == "elevated"
    assert tiers["diversion"] == "low"
    assert tiers["coup"] is None


def test_one_thing_is_agreed_and_two_are() -> None:
    said = {
        number: memo(case_tier="high", conditions=ids, redlines="", offramps="step_down_in_stages" if number else "")
        for number, ids in ((2, "rotor_audit"), (1, ""), (0, ""))
    }
    assert "once 1 condition and 1 offramp are agreed" in said[2]["bottom_line"][1]
    assert "once 1 offramp is agreed" in said[1]["bottom_line"][1]
    assert "asks for any and an offramp that the reviewer must supply are agreed" in said[0]["bottom_line"][1]


def test_a_poor_tier_without_an_offramp_asks_the_reviewer_for_one_and_names_those_left_out() -> None:
    summary = memo(case_tier="severe", offramps="")
    assert summary["lacks_offramp"] and "how would we step down" in summary["questions"][0]
    title = next(row["title"] for row in build_invented_inputs().decisions["ALD"] if row["kind"] == "offramp")
    said = f"The partner’s 1 offramp does not concern this programme, item and user: {title}."
    assert summary["left_out"]["offramp"] == said and said in unescape(render_memo_page(summary, "."))
    assert any(getattr(block, "text", "") == said for block in build_memo_document(summary).blocks)
    assert not memo(case_tier="low", offramps="")["lacks_offramp"]


def test_a_severe_case_says_which_risk_is_not_known() -> None:
    assert memo(case_tier="severe")["bottom_line"][0].endswith("; not known: coup and external aggression.")
    assert "not known" not in memo()["bottom_line"][0]


def test_the_document_gives_steps_in_full_checks_in_one_table_and_the_rest_to_the_partners_report() -> None:
    blocks = build_memo_document(memo()).blocks
    inner = [block.text for block in blocks if isinstance(block, Heading) and block.level == 2]
    assert {"Redlines: what must not happen, and what follows", "Offramps: how to step down, mildest step first"} <= {
        *inner
    }
    text = " ".join(getattr(block, "text", "") for block in blocks)
    assert "are told in its own report (ALD)" in text


def test_what_is_not_known_is_listed() -> None:
    text = " ".join(
        memo(notification="ask", notification_days=None, triggers="", triggers_asked="child_soldiers_list")["unknown"]
    )
    for gap in (
        "Coup: how much",
        "External aggression: this item",
        "Congress",
        "major defense",
        "whether it holds",
        "unit",
    ):
        assert gap in text


@pytest.mark.parametrize(
    ("clause", "days", "sentence"),
    [
        ("AECA 36(b)(1)", 30, "Congress is notified under AECA 36(b)(1), 30 calendar days before."),
        ("AECA 36(b)(1)", None, "Congress is notified under AECA 36(b)(1), for a time that is not known."),
        ("none", None, "No notification to Congress is due by the amounts given."),
        ("ask", None, "Whether Congress must be notified is for the reviewer to settle."),
    ],
)
def test_the_notification_names_clause_and_days_or_says_that_it_is_open(clause: str, days: int, sentence: str) -> None:
    assert memo(notification=clause, notification_days=days)["notification"]["told"] == sentence


def test_the_package_holds_only_the_rules_the_case_names() -> None:
    summary = memo(redlines="", offramps="")
    assert [item["id"] for item in summary["positive_condition"]] == ["rights_before_tranche"]
    assert summary["redline"] == summary["offramp"] == []
    assert summary["others"]["positive_condition"] == ["A yearly count of rotor blades"]


def test_a_trigger_that_the_case_only_asks_about_does_not_bind() -> None:
    bound, asked = memo(), memo(triggers="", triggers_asked="child_soldiers_list")
    assert not bound["trigger"][0]["refer"]
    assert asked["trigger"][0]["refer"]
    assert "1 legal list must be looked up" in asked["bottom_line"][1]


def test_another_objective_and_terms_and_note_are_told_in_their_own_words() -> None:
    terms = dict.fromkeys(("use_terms", "serial_audit", "sustainment_hold"), True)
    said = dict(
        memo(build_case_row(objective="other: keep the strait open", note="From the embassy", **terms))["proposed"]
    )
    assert said["Objective"] == "keep the strait open"
    assert said["Note"] == "From the embassy"
    assert said["Terms already written"].count(",") == 2


def test_the_document_tells_the_package_at_a_glance_before_it_tells_it_in_full() -> None:
    glance = next(
        block for block in build_memo_document(memo()).blocks if isinstance(block, Table) and "glance" in block.caption
    )
    assert [row[0] for row in glance.rows] == ["Condition", "Redline", "Offramp"]
    assert glance.rows[0][2] == "Freedom from torture and political killing: now 0.21, asked 0.3 by 2027. " + (
        "Earns: Release of the next tranche"
    )


def test_questions_and_the_decision_leave_room_to_write_in_word() -> None:
    tables = [block for block in build_memo_document(memo()).blocks if isinstance(block, Table) and block.room]
    assert [row[0] for row in tables[0].rows] == ["☐ Which unit, under which commander, receives it?"]
    assert tuple(row[0] for row in tables[1].rows) == SIGN_OFF_LINES
    assert all(row[-1] == "" for table in tables for row in table.rows)
    drawn = docx.Document(BytesIO(render_word_document(build_memo_document(memo())))).tables[-1]
    assert all(row.height for row in drawn.rows[1:])


def test_warning_and_advice_are_on_page_and_in_word() -> None:
    for text in (page(), all_text(render_word_document(build_memo_document(memo())))):
        assert INVENTED_TEXTS["warning"] in text
        assert MEMO_ADVICE in text


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
@pytest.mark.parametrize("field", ["id", "gap", "note", "objective", "item", "end_user", "programme"])
def test_hostile_text_in_any_field_is_shown_and_breaks_out_of_nothing(field: str, text: str) -> None:
    plain, hostile = page(), page(**{field: text})
    tags = re.compile(r"<(script|iframe|svg|img|a|b)\b")
    assert Counter(tags.findall(hostile)) <= Counter(tags.findall(plain))
    assert 'onerror="' not in hostile and "<img" not in hostile
    assert text in unescape(hostile) or text[:1].upper() + text[1:] in unescape(hostile)


def test_hostile_text_is_harmless_in_word_and_in_pdf() -> None:
    control, field = "a\x00b\x0b", 'HYPERLINK "http://invented.example" {=1+1} <w:fldSimple w:instr="DDEAUTO">'
    changes = {"id": control + field, "gap": control + HOSTILE_TEXTS[0], "note": "".join(HOSTILE_TEXTS)}
    document = build_memo_document(memo(build_case_row(**changes)))
    content = render_word_document(document)
    assert f"ab{field}" in all_text(content)
    fields = docx.Document(BytesIO(content)).sections[0].footer._element.iter(qn("w:fldSimple"))
    assert [one.get(qn("w:instr")) for one in fields] == ["PAGE", "NUMPAGES"]
    assert not list(docx.Document(BytesIO(content)).element.body.iter(qn("w:fldSimple"), qn("w:hyperlink")))
    assert render_pdf_document(document).startswith(b"%PDF-")


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    words = INVENTED_TEXTS | {"item": {"VIIIb": INVENTED_TEXTS["item"]["VIIIb"] | {"url": "javascript:ran = 1"}}}
    summary = summarize_memo(build_case_row(), build_invented_inputs(), words)
    assert 'href="javascript' not in render_memo_page(summary, ".")


def test_the_same_case_gives_the_same_bytes() -> None:
    assert page() == page()
    for make in (render_word_document, render_pdf_document):
        assert make(build_memo_document(memo())) == make(build_memo_document(memo()))


def test_a_partner_that_is_not_in_the_last_run_is_refused() -> None:
    with pytest.raises(BadInput, match=r"case 'ALD-1': partner 'ZZZ' is not in the last run"):
        memo(iso3="ZZZ")


def test_a_memo_on_a_real_partner_carries_its_decisions_whole(finished_run: FinishedRun) -> None:
    given = load_report_inputs(finished_run.out, snapshot=CURRENT_SNAPSHOT)
    rules = [row["rule"] for row in given.decisions["EGY"] if row["kind"] == "redline"]
    row = build_case_row(iso3="EGY", partner="Egypt", conditions="", offramps="", redlines=";".join(rules), triggers="")
    summary = summarize_memo(row, given, INVENTED_TEXTS)
    assert [item["id"] for item in summary["redline"]] == rules
    assert not summary["others"]["redline"]
    assert any(item["details"].get("judged_by") for item in summary["redline"])
    assert {line["name"] for line in summary["forecasts"]} == {"Misuse", "State terror", "Civilian killing", "Coup"}
