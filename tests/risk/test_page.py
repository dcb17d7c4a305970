"""Pages hold up against hostile values, need nothing from the network, and keep their headings in order."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from risk.report.page import index_page, partner_page, write_reports
from risk.report.summary import index_summary, partner_summary
from tests.risk.invented_outputs import BASE_RATES, INVENTED, LINKS, PARTS, SOURCES, invented_tables

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


def summaries() -> list[dict[str, Any]]:
    given = {"panel_row": PARTS, "sources": SOURCES, "base_rates": BASE_RATES}
    return [partner_summary(iso3, **invented_tables(), **given) for iso3 in INVENTED]


def index() -> dict[str, Any]:
    tables = invented_tables()
    return index_summary(tables["scores"], tables["decisions"], tables["partners"], LINKS)


def pages() -> dict[str, str]:
    return {"index": index_page(index())} | {page["iso3"]: partner_page(page) for page in summaries()}


def made_hostile(value: Any) -> Any:
    """The same summary with every text that comes from data replaced by one that tries to script the page."""
    if isinstance(value, dict):
        fixed = {"tier", "direction", "name", "outcome", "iso3"}
        return {key: part if key in fixed else made_hostile(part) for key, part in value.items()}
    if isinstance(value, list):
        return [made_hostile(part) for part in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["index", *INVENTED])
def test_headings_descend_one_level_at_a_time_from_a_single_h1(name: str) -> None:
    levels = [int(tag[1]) for tag, _ in Reader(pages()[name]).tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("name", ["index", *INVENTED])
def test_a_page_asks_nothing_of_the_network_and_holds_no_script(name: str) -> None:
    page = Reader(pages()[name])
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in page.tags}
    attributes = {key for _, found in page.tags for key in found}
    assert not {key for key in attributes if key in ("src", "srcset", "action") or key.startswith("on")}
    assert "url(" not in pages()[name]
    assert "@import" not in pages()[name]


def test_only_citations_lead_out_of_the_folder() -> None:
    links = [link["href"] or "" for link in Reader(pages()["ALD"]).all("a")]
    assert [href for href in links if ":" in href] == ["https://invented.example/data"]


def test_an_address_that_is_no_web_address_is_not_a_link() -> None:
    page = summaries()[0]
    page["sources"][0]["address"] = "javascript:alert(1)"
    assert "javascript:" not in partner_page(page)


def test_every_value_is_escaped_on_the_partner_page_and_the_index() -> None:
    for page in (partner_page(made_hostile(summaries()[0])), index_page(made_hostile(index()))):
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
        labels = [attributes["aria-labelledby"] for attributes in found if "aria-labelledby" in attributes]
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
    assert "Now 0.21 Asked 0.3 By 2027 Unlocks Release of the next tranche" in text
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
        partner_page(page)


def test_the_same_summaries_give_the_same_bytes(tmp_path: Path) -> None:
    for run in ("first", "second"):
        write_reports(tmp_path / run, summaries(), index())
    names = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert names == ["ALD.html", "BRE.html", "CIM.html", "index.html"]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
