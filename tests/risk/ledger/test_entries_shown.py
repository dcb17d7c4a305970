"""Pages, documents and the index show what people entered, beside the engine's figures, only where there is any."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.ledger.entries import build_incident_entry, build_note_entry, record_entry
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.state import compute_ledger_state, group_shown_entries
from risk.report.documents.partner import build_partner_document
from risk.report.documents.pdf import render_pdf_document
from risk.report.documents.word import render_word_document
from risk.report.html import render_index_page, render_partner_page
from risk.report.partner.summary import summarize_partner
from risk.report.site.index import summarize_index
from risk.workflows.rebuild_reports import rebuild_reports
from tests.risk.command_line import read_contents
from tests.risk.invented_outputs import INVENTED_LINKS, build_invented_inputs
from tests.risk.ledger.test_entries import TODAY, WEB, told
from tests.risk.publishing.test_publish import issue
from tests.risk.report.test_documents import texts

HOSTILE = "</p><script>ran = 1</script>{{ 7 * 7 }} #eval('1') \"'&"


def all_kinds(because: str = "Invented.", day: str = "2026-11-26") -> dict[str, Any]:
    """One entry of each kind on Aldova, as the pages get them on a day."""
    engine = {"tier": "high", "probability": 0.45, "low": 0.3, "high": 0.5, "origin": 2024}
    override = {"iso3": "ALD", "outcome": "misuse", "tier": "severe", "because": because, "until": "2027-06-30"}
    dispute = {
        "iso3": "ALD",
        "measure": "m",
        "label": "Torture",
        "value": 0.21,
        "year": 2025,
        "unit": "",
        "source": "vdem",
    }
    report = {"iso3": "ALD", "on": "2026-10-30", "what": because, "source": WEB}
    lines = told(
        ("2026-11-01", ("override", override | {"engine": engine})),
        ("2026-11-01", ("dispute", dispute | {"because": because})),
        ("2026-11-01", ("incident", report)),
        ("2026-11-01", ("note", {"iso3": "ALD", "because": because})),
    )
    return group_shown_entries(compute_ledger_state(lines, date.fromisoformat(day)))


def page(entries: dict[str, Any], iso3: str = "ALD") -> str:
    return render_partner_page(summarize_partner(iso3, build_invented_inputs(ledger_entries=entries)))


def test_a_page_shows_each_entry_with_who_when_and_how_it_stands() -> None:
    text = page(all_kinds())
    assert "Misuse: a reviewer says severe" in text and "Override until 2027-06-30" in text
    assert "The engine says elevated, 31%; when it was overridden: high, 45%." in text
    assert "In use: 0.21 in 2025, from V-Dem" in text and "Open dispute" in text
    assert "overdue: to acknowledge the report by 2026-11-08" in text and f'<a href="{WEB}">' in text
    assert text.count("Anna, 2026-11-01, line") == 4 and 'href="#entries"' in text


def test_an_override_changes_no_figure_of_the_engine() -> None:
    given = build_invented_inputs(ledger_entries=all_kinds())
    plain, told_ = summarize_partner("ALD", build_invented_inputs()), summarize_partner("ALD", given)
    assert {name: told_[name] for name in plain if name != "entries"} == {
        name: plain[name] for name in plain if name != "entries"
    }


def test_a_partner_without_entries_has_the_page_and_document_it_had() -> None:
    for iso3 in ("BRE", "CIM"):
        assert page(all_kinds(), iso3) == page({}, iso3) and "people put on record" not in page({}, iso3)
    given = build_invented_inputs(ledger_entries=all_kinds())
    assert build_partner_document(summarize_partner("BRE", given)) == build_partner_document(
        summarize_partner("BRE", build_invented_inputs())
    )
    assert render_index_page(summarize_index(build_invented_inputs(), INVENTED_LINKS)).count('class="tag"') == 0


def test_an_expired_override_is_no_longer_on_the_page() -> None:
    text = page(all_kinds(day="2027-07-01"))
    assert "reviewer says" not in text and "1 dispute, 1 incident and 1 note" in text


def test_the_index_marks_a_partner_with_what_is_in_force_or_open() -> None:
    text = render_index_page(summarize_index(build_invented_inputs(ledger_entries=all_kinds()), INVENTED_LINKS))
    assert text.count('<span class="tag">1 override, 1 open dispute, 1 incident report</span>') == 1


def test_what_people_wrote_is_escaped_everywhere() -> None:
    text = page(all_kinds(HOSTILE))
    assert "<script>ran" not in text and text.count("&lt;script&gt;ran = 1") == 4 and "{{ 7 * 7 }}" in text
    document = build_partner_document(
        summarize_partner("ALD", build_invented_inputs(ledger_entries=all_kinds(HOSTILE)))
    )
    assert texts(document).count(HOSTILE) == 4
    assert render_pdf_document(document).startswith(b"%PDF") and render_word_document(document).startswith(b"PK")


def test_a_document_says_what_the_page_says() -> None:
    said = texts(build_partner_document(summarize_partner("ALD", build_invented_inputs(ledger_entries=all_kinds()))))
    for part in (
        "Misuse: a reviewer says severe, until 2027-06-30",
        "The engine says: elevated, 31%; when it was overridden: high, 45%",
        "State: open",
        "Clock: overdue: to acknowledge the report by 2026-11-08",
        "Note: Invented.",
    ):
        assert part in said


def test_many_entries_are_cut_to_the_latest_and_counted() -> None:
    made = told(*(("2026-11-01", build_note_entry("ALB", f"Note {number}.", None, TODAY)) for number in range(13)))
    entries = {"ALD": group_shown_entries(compute_ledger_state(made, TODAY))["ALB"]}
    text = page(entries)
    assert "Note 12." in text and "Note 3." in text and "Note 2." not in text and "3 older not shown here" in text


def test_an_upheld_dispute_stays_in_view_with_its_answer() -> None:
    entries = all_kinds()
    answer = {"line": 9, "by": "Ben", "day": "2026-11-20", "because": "The source was corrected.", "upheld": True}
    entries["ALD"]["disputes"][0]["answer"] = answer
    text = page(entries)
    assert "Upheld by Ben, 2026-11-20, line 9: The source was corrected." in text and "Open dispute" not in text


def test_pages_written_again_pick_up_new_entries_and_leave_the_pages_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risk.ledger.entries._check_partner", lambda iso3: iso3)
    out, place = tmp_path / "out", LedgerFiles(tmp_path / "ledger.db")
    issue(out)
    before = read_contents(out)
    rebuild_reports(out, (), "html", CURRENT_SNAPSHOT, place)
    assert read_contents(out) == before
    record_entry(lambda now: build_note_entry("ALD", "Seen by the desk.", None, now.day), place, out, "Anna")
    record_entry(lambda now: build_incident_entry("ALD", TODAY, "Shelling.", WEB, now.day), place, out, "Anna")
    rebuild_reports(out, (), "html", CURRENT_SNAPSHOT, place)
    after = read_contents(out)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"reports/index.html", "reports/ALD.html"}
    assert b"Seen by the desk." in after["reports/ALD.html"]
