"""The page on case review: every field and key a case may have, and the misuse table with its warning."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import polars as pl
import pytest
import yaml

from features.snapshot.cards import RAW
from risk.cases.reading.fields import FIELDS as CASE_FIELDS
from risk.cases.reading.fields import LINE, REQUIRED, accepted, checked
from risk.cases.tables.loading import Tables, read_tables
from risk.cases.tables.texts import rulebook_words, transfer_words
from risk.portfolio.policy import read_portfolio_policy
from risk.publishing.pages import write_pages
from risk.report.html import review_page
from risk.report.inputs import Advice, Given
from risk.report.page_worker import drawing
from risk.report.site.case_guide import FIELDS, SAMPLE, review_summary
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK
from tests.risk.invented_outputs import invented_given, invented_history
from tests.risk.report.sample_pages import HOSTILE


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables(read_rulebook(RULEBOOK))


def given(tables: Tables) -> Given:
    return invented_given(history=invented_history(), advice=Advice(transfers=transfer_words(tables)))


def test_the_fields_told_are_those_a_case_has(tables: Tables) -> None:
    assert [name for name, *_ in FIELDS] == list(CASE_FIELDS)
    # A case without an objective or a gap is read, and then sent back.
    assert [name for name, needed, *_ in FIELDS if needed] == [name for name in CASE_FIELDS if name in REQUIRED]


def test_every_key_of_the_tables_is_told_with_its_five_scores_reason_and_source(tables: Tables) -> None:
    told = review_summary(given(tables))
    rows = {row["key"]: row for table in told["misuse"] for row in table["rows"]}
    assert set(rows) == {one.id for one in (*tables.items, *tables.end_users)}
    for one in (*tables.items, *tables.end_users):
        if one.scores:
            assert rows[one.id]["scores"] == one.scores.listed()
        assert rows[one.id]["because"] == one.because and rows[one.id]["source"]
    choices = {row["key"] for table in told["choices"] for row in table["rows"]}
    assert choices == {one.id for one in (*tables.programmes, *tables.objectives)}


def test_several_forces_taken_as_one_show_the_worst_score_of_each(tables: Tables) -> None:
    rows = {row["key"]: row for table in review_summary(given(tables))["misuse"] for row in table["rows"]}
    parts = [rows[name]["scores"] for name in ("army", "air_force", "navy")]
    assert rows["armed_forces"]["scores"] == [max(scores) for scores in zip(*parts, strict=True)]


def test_the_sample_is_a_case_that_is_accepted_and_not_sent_back_for_its_fields(tables: Tables) -> None:
    case = yaml.safe_load(SAMPLE)
    row = pl.DataFrame([{LINE: 1, **{name: str(value) for name, value in case.items()}}])
    assert checked(row, accepted(tables, [case["partner"]])).faults.is_empty()


def test_the_page_shows_the_warning_the_command_and_the_sample(tables: Tables) -> None:
    page = unescape(review_page(review_summary(given(tables))))
    assert " ".join(tables.warning.split()) in page
    assert "risk case my_case.yaml" in page
    assert SAMPLE in page


def test_every_link_on_the_page_leads_somewhere(tables: Tables) -> None:
    page = review_page(review_summary(given(tables)))
    ids = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="([^"]+)"', page)
    assert {link for link in links if not link.startswith(("#", "http"))} == {"index.html"}
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_the_page_escapes_what_the_tables_say(tables: Tables) -> None:
    words = transfer_words(tables)
    words["item"]["VII"] |= {"title": HOSTILE[0], "because": HOSTILE[3], "url": "javascript:ran = 1"}
    page = review_page(review_summary(replace(given(tables), advice=Advice(transfers=words))))
    assert "<script" not in page and "<img" not in page and 'href="javascript' not in page
    assert HOSTILE[0] in unescape(page)


def test_the_index_links_the_page_where_the_rulebook_has_tables_and_nothing_where_not(
    tables: Tables, tmp_path: Path
) -> None:
    without = invented_given(history=invented_history())
    for folder, one, there in ((tmp_path / "with", given(tables), True), (tmp_path / "without", without, False)):
        with drawing(folder, len(one.partners)) as pages:
            write_pages(folder, one, tmp_path, pages, RAW, read_portfolio_policy(read_rulebook(RULEBOOK)))
        assert (folder / "case_review.html").is_file() is there
        assert ("case_review.html" in (folder / "index.html").read_text(encoding="utf-8")) is there


def test_a_rulebook_without_tables_on_transfers_has_no_words(tmp_path: Path) -> None:
    assert rulebook_words(read_rulebook(tmp_path)) == {}
