"""The page on case review: every field and key a case may have, and the misuse table with its warning."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import polars as pl
import pytest
import yaml

from features.snapshot.cards import RAW_FOLDER
from features.snapshot.snapshot import Snapshot
from risk.cases.reading.fields import CASE_FIELD_NAMES as CASE_FIELDS
from risk.cases.reading.fields import LINE_COLUMN, REQUIRED_FIELDS, check_case_fields, list_accepted_keys
from risk.cases.tables.loading import TransferTables, load_transfer_tables
from risk.cases.tables.texts import build_transfer_texts, load_transfer_texts
from risk.portfolio.policy import read_portfolio_policy
from risk.publishing.pages import write_pages
from risk.report.html import render_review_page
from risk.report.inputs import ReportInputs, ReportSupplement
from risk.report.page_worker import draw_pages
from risk.report.site.case_guide import FIELD_TEXTS, SAMPLE_CASE, summarize_review
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook
from tests.risk.invented_outputs import build_invented_history, build_invented_inputs
from tests.risk.report.sample_pages import HOSTILE_TEXTS


@pytest.fixture(scope="module")
def tables() -> TransferTables:
    return load_transfer_tables(read_rulebook(RULEBOOK_FOLDER))


def given(tables: TransferTables) -> ReportInputs:
    return build_invented_inputs(
        history=build_invented_history(), supplement=ReportSupplement(transfers=build_transfer_texts(tables))
    )


def test_the_fields_told_are_those_a_case_has(tables: TransferTables) -> None:
    assert [name for name, *_ in FIELD_TEXTS] == list(CASE_FIELDS)
    # A case without an objective or a gap is accepted, then sent back.
    assert [name for name, needed, *_ in FIELD_TEXTS if needed] == [
        name for name in CASE_FIELDS if name in REQUIRED_FIELDS
    ]


def test_every_key_of_the_tables_is_told_with_its_five_scores_reason_and_source(tables: TransferTables) -> None:
    review = summarize_review(given(tables))
    rows = {row["key"]: row for table in review["misuse"] for row in table["rows"]}
    assert set(rows) == {one.id for one in (*tables.items, *tables.end_users)}
    for one in (*tables.items, *tables.end_users):
        if one.scores:
            assert rows[one.id]["scores"] == one.scores.list_scores()
        assert rows[one.id]["because"] == one.because and rows[one.id]["source"]
    choices = {row["key"] for table in review["choices"] for row in table["rows"]}
    assert choices == {one.id for one in (*tables.programmes, *tables.objectives)}


def test_several_forces_taken_as_one_show_the_worst_score_of_each(tables: TransferTables) -> None:
    rows = {row["key"]: row for table in summarize_review(given(tables))["misuse"] for row in table["rows"]}
    parts = [rows[name]["scores"] for name in ("army", "air_force", "navy")]
    assert rows["armed_forces"]["scores"] == [max(scores) for scores in zip(*parts, strict=True)]


def test_the_sample_is_a_case_that_is_accepted_and_not_sent_back_for_its_fields(tables: TransferTables) -> None:
    case = yaml.safe_load(SAMPLE_CASE)
    row = pl.DataFrame([{LINE_COLUMN: 1, **{name: str(value) for name, value in case.items()}}])
    assert check_case_fields(row, list_accepted_keys(tables, [case["partner"]])).faults.is_empty()


def test_the_page_shows_the_warning_the_command_and_the_sample(tables: TransferTables) -> None:
    page = unescape(render_review_page(summarize_review(given(tables))))
    assert " ".join(tables.warning.split()) in page
    assert "risk case my_case.yaml" in page
    assert SAMPLE_CASE in page


def test_every_link_on_the_page_leads_somewhere(tables: TransferTables) -> None:
    page = render_review_page(summarize_review(given(tables)))
    ids = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="([^"]+)"', page)
    assert {link for link in links if not link.startswith(("#", "http"))} == {"index.html"}
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_the_page_escapes_what_the_tables_say(tables: TransferTables) -> None:
    words = build_transfer_texts(tables)
    words["item"]["VII"] |= {"title": HOSTILE_TEXTS[0], "because": HOSTILE_TEXTS[3], "url": "javascript:ran = 1"}
    page = render_review_page(summarize_review(replace(given(tables), supplement=ReportSupplement(transfers=words))))
    assert "<script" not in page and "<img" not in page and 'href="javascript' not in page
    assert HOSTILE_TEXTS[0] in unescape(page)


def test_the_index_links_the_page_where_the_rulebook_has_tables_and_nothing_where_not(
    tables: TransferTables, tmp_path: Path
) -> None:
    without = build_invented_inputs(history=build_invented_history())
    for folder, one, there in ((tmp_path / "with", given(tables), True), (tmp_path / "without", without, False)):
        with draw_pages(folder, len(one.partners)) as pages:
            write_pages(
                folder,
                one,
                tmp_path,
                pages,
                Snapshot(RAW_FOLDER),
                read_portfolio_policy(read_rulebook(RULEBOOK_FOLDER)),
            )
        assert (folder / "case_review.html").is_file() is there
        assert ("case_review.html" in (folder / "index.html").read_text(encoding="utf-8")) is there


def test_a_rulebook_without_tables_on_transfers_has_no_words(tmp_path: Path) -> None:
    assert load_transfer_texts(read_rulebook(tmp_path)) == {}
