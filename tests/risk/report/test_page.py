"""Pages resist hostile values, need nothing from the network, and keep their headings in order."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jinja2 import UndefinedError

from risk.report.html import INDEX_SCRIPT, render_index_page, render_partner_page, write_reports
from risk.report.inputs import EarlierRelease, ReportInputs
from risk.report.partner.summary import summarize_partner
from risk.report.site.index import summarize_index
from tests.risk.invented_outputs import (
    INVENTED_LINKS,
    INVENTED_PARTNERS,
    build_invented_history,
    build_invented_inputs,
    build_invented_supplement,
    build_partner_row,
    build_past_row,
    build_score_row,
)

HOSTILE = "<script>alert(1)</script>\"'&"


class Reader(HTMLParser):
    """Collects what a browser would act on: tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def given() -> ReportInputs:
    """Build all optional inputs: the tables, a back-test, a history, a supplement, and an earlier release."""
    record = [build_past_row(2000, observed=False), build_past_row(2001), build_past_row(2003, observed=None)]
    before = EarlierRelease(
        {"decided_as_of": "2025-01-01"},
        {"ALD": build_partner_row(tier="low")},
        {"ALD": build_score_row(probability=0.1)},
    )
    return build_invented_inputs(
        past_forecasts=pl.DataFrame(record, infer_schema_length=None),
        history=build_invented_history(),
        supplement=build_invented_supplement(),
        earlier_release=before,
        manifest={"decided_as_of": "2026-01-01"},
    )


def summaries() -> list[dict[str, Any]]:
    return [summarize_partner(iso3, given()) for iso3 in INVENTED_PARTNERS]


def index() -> dict[str, Any]:
    return summarize_index(given(), INVENTED_LINKS)


def pages() -> dict[str, str]:
    return {"index": render_index_page(index())} | {page["iso3"]: render_partner_page(page) for page in summaries()}


def made_hostile(value: Any) -> Any:
    """Replace every text that comes from data by one that tries to script the page."""
    if isinstance(value, dict):
        fixed = {"tier", "direction", "name", "outcome", "iso3", "happened", "letter"}
        return {key: part if key in fixed else made_hostile(part) for key, part in value.items()}
    if isinstance(value, list):
        return [made_hostile(part) for part in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["index", *INVENTED_PARTNERS])
def test_headings_descend_one_level_at_a_time_from_a_single_h1(name: str) -> None:
    levels = [int(tag[1]) for tag, _ in Reader(pages()[name]).tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("name", ["index", *INVENTED_PARTNERS])
def test_a_page_asks_nothing_of_the_network(name: str) -> None:
    page = Reader(pages()[name])
    assert not {"link", "img", "iframe", "object", "form", "base", "use", "image"} & {tag for tag, _ in page.tags}
    attributes = {key for _, found in page.tags for key in found}
    assert not {key for key in attributes if key in ("src", "srcset", "action") or key.startswith("on")}
    assert "url(" not in pages()[name]
    assert "@import" not in pages()[name]


def test_no_script_may_run_but_the_one_on_the_index_whose_checksum_the_page_names() -> None:
    checksum = b64encode(sha256(INDEX_SCRIPT.encode()).digest()).decode()
    for name, page in pages().items():
        policy = next(tag["content"] or "" for tag in Reader(page).all("meta") if "http-equiv" in tag)
        assert policy.startswith("default-src 'none'")
        assert ("script-src" in policy) == ("<script>" in page) == (name == "index")
    assert f"<script>{INDEX_SCRIPT}</script>" in pages()["index"]
    assert f"script-src 'sha256-{checksum}'" in pages()["index"].replace("&#39;", "'")
    assert not re.search(r"innerHTML|eval|document\.write|fetch|http", INDEX_SCRIPT)


def test_only_citations_lead_out_of_the_folder() -> None:
    links = [link["href"] or "" for link in Reader(pages()["ALD"]).all("a")]
    assert [href for href in links if ":" in href] == ["https://invented.example/data"]


def test_an_address_that_is_no_web_address_is_not_a_link() -> None:
    page = summaries()[0]
    page["sources"][0]["address"] = "javascript:alert(1)"
    assert "javascript:" not in render_partner_page(page)


def test_every_value_is_escaped_on_the_partner_page_and_the_index() -> None:
    without = render_index_page(made_hostile(index())).replace(f"<script>{INDEX_SCRIPT}</script>", "")
    for page in (render_partner_page(made_hostile(summaries()[0])), without):
        read = Reader(page)
        assert HOSTILE in read.text
        assert not read.all("script")
        assert not {key for _, found in read.tags for key in found if key.startswith("on")}


def test_every_table_has_a_caption_and_every_heading_cell_a_scope() -> None:
    for page in pages().values():
        read = Reader(page)
        assert len(read.all("caption")) == len(read.all("table"))
        assert all(cell.get("scope") in ("col", "row", "rowgroup") for cell in read.all("th"))


def test_a_page_has_a_language_a_title_landmarks_and_a_skip_link_that_arrives() -> None:
    for page in pages().values():
        read = Reader(page)
        assert read.all("html") == [{"lang": "en"}]
        assert all(read.all(landmark) for landmark in ("title", "header", "main", "footer"))
        assert read.all("a")[0]["href"] == f"#{read.all('main')[0]['id']}"


def test_ids_are_unique_and_every_label_and_anchor_finds_its_own() -> None:
    for page in pages().values():
        found = [attributes for _, attributes in Reader(page).tags]
        ids = [attributes["id"] for attributes in found if "id" in attributes]
        anchors = [(link.get("href") or "")[1:] for link in found if (link.get("href") or "").startswith("#")]
        labels = [name for attributes in found for name in (attributes.get("aria-labelledby") or "").split()]
        assert len(ids) == len(set(ids))
        assert {*anchors, *labels} <= set(ids)


def test_the_tier_is_told_in_words() -> None:
    assert "Elevated" in Reader(pages()["ALD"]).text
    assert "Referred" in Reader(pages()["CIM"]).text


def test_a_referred_partner_reads_as_referred_and_not_as_safe() -> None:
    text = " ".join(Reader(pages()["CIM"]).text.split())
    assert "Not given: too little is known, referred to a person" in text
    assert "The chance of misuse is" not in text


def test_the_package_shows_benchmark_steps_and_reference_status() -> None:
    text = " ".join(Reader(pages()["ALD"]).text.split())
    assert "Freedom from torture and political killing: now 0.21, asked 0.3 by 2027" in text
    assert "Unlocks: Release of the next tranche" in text
    assert "Pause new notifications in 2026." in text
    assert "as of 2025-06-30; to be verified before anyone relies on it" in text
    assert "Refer to a person" in text


def test_the_index_links_every_partner_and_file() -> None:
    links = {link["href"] for link in Reader(pages()["index"]).all("a")}
    assert {"ALD.html", "BRE.html", "CIM.html", "../decisions.xlsx"} <= links


def test_a_summary_that_lacks_a_value_is_an_error_and_not_a_gap() -> None:
    page = summaries()[0]
    del page["bottom_line"]
    with pytest.raises(UndefinedError):
        render_partner_page(page)


def test_the_same_summaries_give_the_same_bytes(tmp_path: Path) -> None:
    for run in ("first", "second"):
        write_reports(tmp_path / run, summaries(), index())
    names = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert names == ["ALD.html", "BRE.html", "CIM.html", "index.html"]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_every_chart_has_a_title_a_text_and_its_numbers_or_words_in_the_page() -> None:
    page = Reader(pages()["ALD"])
    drawn = page.all("svg")
    assert len(drawn) == 5 and all(chart["role"] == "img" for chart in drawn)
    assert len(page.all("title")) == 1 + len(drawn) == len(page.all("desc")) + 1
    ids = {found["id"] for _, found in page.tags if "id" in found}
    assert all({*(chart["aria-labelledby"] or "").split()} <= ids for chart in drawn)
    text = " ".join(page.text.split())
    assert "2000 31% 20% to 40% Under way no" in text
    assert "2021–2025 30 0 10 0 0" in text


def test_a_page_without_the_optional_parts_says_what_is_not_known() -> None:
    text = " ".join(Reader(render_partner_page(summarize_partner("ALD", build_invented_inputs()))).text.split())
    assert "no back-test of this partner is on record here" in text
    assert "Arms received: not known here" in text and "US assistance and sales: not known here" in text
    assert "Beware first" not in text and "Lesson:" not in text


def test_advice_stands_on_the_page_in_one_line_a_case() -> None:
    text = " ".join(Reader(pages()["ALD"]).text.split())
    assert "Beware of what failed before Promises unkept Two were broken." in text
    assert text.count("Asked: Trials of three officers") == 1 and "Warned by Bresland, 2001." in text
    assert "Follows Bresland, 2001. Asked: Trials of three officers. Happened: Two were tried. Lesson: Name" in text
    assert "In the past 3 of 9 did it." in text and "Spares bind for a decade." in text
    assert "What switching would cost Nine years" in text


def test_every_partner_stands_on_the_map_or_is_named_beside_it() -> None:
    page = pages()["index"]
    assert all(f'href="{iso3}.html"' in page.split('id="ranking"')[0] for iso3 in INVENTED_PARTNERS)
    assert "Not on the map" in page


def test_the_index_is_whole_without_its_script() -> None:
    page = Reader(pages()["index"].replace(INDEX_SCRIPT, ""))
    finder = next(found for found in page.all("div") if found.get("id") == "finder")
    assert "hidden" in finder
    assert {"Aldova", "Bresland", "Cimbria"} <= set(page.text.split())


def test_a_page_and_the_index_say_what_is_overdue_and_how_far_the_facts_go() -> None:
    page, whole = Reader(pages()["ALD"]).text, Reader(pages()["index"]).text
    assert "Release: v9 (2025); to 2024. Overdue since 2026-10-31." in " ".join(page.split())
    assert "Read on 2026-11-23 unless said." in page
    assert "Overdue since 2026-10-31" in whole
    assert "Of 1 source, 1 had a newer issue due by the publisher's own calendar" in whole


def test_a_source_read_on_another_day_than_the_newest_says_so() -> None:
    page = summaries()[0]
    page["sources"].append(
        page["sources"][0] | {"source": "older", "accessed": "2025-01-02", "overdue": "", "latest": None}
    )
    text = " ".join(Reader(render_partner_page(page)).text.split())
    assert "Release: v9 (2025); read 2025-01-02." in text
    assert text.count("Overdue since") == 1
