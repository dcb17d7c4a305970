"""The pages in a real browser: standards, keyboard, narrow, printed, without script, with hostile texts."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.cases.tables.texts import load_transfer_texts
from risk.publishing.memos import write_memos
from risk.publishing.report_inputs import load_report_inputs
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook
from tests.conftest import FinishedRun
from tests.risk.cases.invented_cases import build_case_row, build_returned_row
from tests.risk.report.accessibility import find_breaches
from tests.risk.report.browser import open_page, open_window, require_browser, start_chromium
from tests.risk.report.sample_pages import HOSTILE_TEXTS, find_extremes, write_hostile_pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

# The run behind the pages may be slow on a busy machine, so only the tests themselves are timed.
pytestmark = pytest.mark.timeout(180, func_only=True)

# 1280 by 1024 pixels at 400 and at 200 percent, and how text is spaced.
FAR = {"width": 320, "height": 256}
ZOOMED = ((FAR, "normal"), (FAR, "wide"), ({"width": 640, "height": 512}, "wide"))
BOXES = "main input:not([type=checkbox], [type=radio]):visible"
BUTTONS = "main th button:visible"


@pytest.fixture(scope="session", autouse=True)
def required() -> None:
    """Check for a browser before starting a run for it."""
    require_browser()


# Not for the session: while it runs, no other test could start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Share one browser among all tests of this file."""
    with start_chromium() as started:
        yield started


@pytest.fixture(scope="session")
def chosen(finished_run: FinishedRun) -> dict[str, str]:
    """Return the partners at the extremes of the run."""
    return find_extremes(finished_run.out)


# The columns of a reviewed case that list the rules of each kind.
PACKAGE = {
    "positive_condition": "conditions",
    "redline": "redlines",
    "offramp": "offramps",
    "message": "messages",
    "check": "checks",
}


@pytest.fixture(scope="session")
def memos(finished_run: FinishedRun, chosen: Mapping[str, str]) -> list[Path]:
    """Two memos: on a case with the most decisions, and on one sent back; the long id has nowhere to break."""
    given, iso3 = load_report_inputs(finished_run.out, snapshot=CURRENT_SNAPSHOT), chosen["decisions"]
    partner = {"iso3": iso3, "partner": given.partners[iso3]["partner"], "triggers": ""}
    partner |= {PACKAGE[kind]: ";".join(_rules(given.decisions[iso3], kind)) for kind in PACKAGE}
    rows = [build_case_row(**partner, id="L" * 80), build_returned_row(**partner)]
    folder = finished_run.out / "cases" / "invented"
    return [
        folder / name
        for name in write_memos(folder, rows, given, load_transfer_texts(read_rulebook(RULEBOOK_FOLDER)), "html")
    ]


def _rules(decisions: list[dict[str, Any]], kind: str) -> list[str]:
    return [row["rule"] for row in decisions if row["kind"] == kind]


@pytest.fixture(scope="session")
def files(finished_run: FinishedRun, chosen: Mapping[str, str], memos: list[Path]) -> list[Path]:
    """Return the index, precedents, case review and portfolio, then the page of each chosen partner, and memos."""
    reports = finished_run.out / "reports"
    names = ("index", "cases", "case_review", "portfolio", *sorted(set(chosen.values())))
    return [*(reports / f"{name}.html" for name in names), *memos]


@pytest.fixture(scope="session")
def few(files: list[Path], chosen: Mapping[str, str], memos: list[Path]) -> list[Path]:
    """Return a few pages for slow tests: the index, the one with the most decisions, a referred partner, a memo."""
    extreme = [files[0].with_name(f"{chosen[what]}.html") for what in ("decisions", "referred")]
    return [files[0], *extreme, max(memos, key=lambda path: path.stat().st_size)]


def walk(page: "Page", key: str) -> list[dict[str, Any]]:
    """Press a key until focus leaves the document or wraps around; return one entry per stop."""
    stops: list[dict[str, Any]] = []
    for _ in range(page.evaluate("reading.expected().length") + 2):
        page.keyboard.press(key)
        stop = page.evaluate("reading.stop()")
        if stop is None or (stops and stop["place"] == stops[0]["place"]):
            return stops
        stops.append(stop)
    pytest.fail(f"focus does not leave the page: {stops[-3:]}")


def test_more_than_twelve_partners_at_the_extremes_have_pages(files: list[Path]) -> None:
    assert len(files) > 13
    assert all(path.is_file() for path in files)


def test_no_page_breaks_a_rule_of_accessibility(browser: "Browser", files: list[Path], few: list[Path]) -> None:
    found = {}
    with open_window(browser) as show:
        for path in files:
            page = show(path)
            if path in few:
                page.evaluate("reading.unfold()")
            found[path.name] = find_breaches(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_no_printed_page_breaks_a_rule_of_accessibility(browser: "Browser", few: list[Path]) -> None:
    for path in (few[1], few[3]):
        with open_page(browser, path) as page:
            page.emulate_media(media="print")
            # Printed pages have no click targets.
            assert find_breaches(page, {"target-size": {"enabled": False}}) == [], path.name


def test_the_tab_key_reaches_everything_in_order_and_focus_is_seen(browser: "Browser", few: list[Path]) -> None:
    found = {}
    for path in few:
        with open_page(browser, path) as page:
            stops = walk(page, "Tab")
            assert [stop["name"] for stop in stops] == page.evaluate("reading.expected()"), path.name
            assert page.evaluate("reading.backwards()") == [], path.name
            found[path.name] = [fault for stop in stops for fault in stop["faults"]]
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_focus_goes_back_the_way_it_came_through_open_disclosures(browser: "Browser", few: list[Path]) -> None:
    with open_page(browser, few[2]) as page:
        page.evaluate("reading.unfold()")
        there, back = walk(page, "Tab"), walk(page, "Shift+Tab")
        assert [stop["place"] for stop in back] == [stop["place"] for stop in reversed(there)]


def test_the_skip_link_comes_first_and_leads_into_the_main_part(browser: "Browser", few: list[Path]) -> None:
    for path in few:
        with open_page(browser, path) as page:
            page.keyboard.press("Tab")
            target = page.evaluate("document.activeElement.hash")
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
            assert target, path.name
            assert page.locator(f"{target} *:focus").count() == 1, path.name


def test_disclosures_open_and_close_by_keyboard(browser: "Browser", few: list[Path]) -> None:
    with open_page(browser, few[1]) as page:
        page.locator("summary").first.focus()
        opened_at_first = page.locator("details[open]").count()
        for key, more in (("Enter", 1), ("Space", 0)):
            page.keyboard.press(key)
            assert page.locator("details[open]").count() == opened_at_first + more


def test_a_partner_opens_from_the_index_by_keyboard(browser: "Browser", files: list[Path]) -> None:
    with open_page(browser, files[0]) as page:
        page.locator(f"main a[href='{files[1].name}']").first.press("Enter")
        page.wait_for_url(files[1].as_uri())


def test_a_case_can_be_reached_from_the_index_and_the_partner_from_its_memo(
    browser: "Browser", files: list[Path], memos: list[Path]
) -> None:
    with open_page(browser, files[0]) as page:
        page.locator("main a[href='case_review.html']").first.press("Enter")
        page.wait_for_url(files[0].with_name("case_review.html").as_uri())
        assert page.locator("h1").inner_text() == "Case review"
    with open_page(browser, memos[0]) as page:
        for link in page.locator("nav a").all():
            target = page.evaluate("link => link.href", link.element_handle())
            assert Path(target.removeprefix("file://")).resolve() in {path.resolve() for path in files}


def test_a_wide_table_scrolls_by_keyboard(browser: "Browser", files: list[Path]) -> None:
    with open_page(browser, files[0], viewport=FAR) as page:
        region = page.locator("[tabindex='0']:has(table)").last
        region.press("ArrowRight")
        page.wait_for_function("region => region.scrollLeft > 0", arg=region.element_handle())


def test_the_index_is_filtered_by_keyboard_and_says_so(browser: "Browser", files: list[Path]) -> None:
    with open_page(browser, files[0]) as page:
        box, everyone = _controls(page, BOXES).first, page.evaluate("reading.partners()")
        box.press("g")
        page.keyboard.type("uin")
        page.wait_for_function("all => reading.partners().length < all", arg=len(everyone))
        assert {"GIN.html", "GNB.html"} <= set(page.evaluate("reading.partners()"))
        assert page.locator("[role=status], [aria-live], output").first.inner_text()
        page.keyboard.press("Control+A")
        page.keyboard.press("Backspace")
        page.wait_for_function("all => reading.partners().length === all", arg=len(everyone))


def test_the_index_is_sorted_by_keyboard_both_ways(browser: "Browser", files: list[Path]) -> None:
    with open_page(browser, files[0]) as page:
        everyone = sorted(page.evaluate("reading.partners()"))
        for button in _controls(page, BUTTONS).all():
            orders = {}
            for _ in range(2):
                button.press("Enter")
                direction = button.locator("xpath=ancestor::th").get_attribute("aria-sort")
                orders[direction] = page.evaluate("reading.partners()")
            assert set(orders) == {"ascending", "descending"}
            assert orders["ascending"] != orders["descending"]
            assert sorted(orders["ascending"]) == sorted(orders["descending"]) == everyone


def _controls(page: "Page", selector: str) -> "Locator":
    found = page.locator(selector)
    if not found.count():
        pytest.skip("the index has nothing to sort or filter by")
    return found


def test_a_zoomed_page_neither_scrolls_sideways_nor_cuts_text(browser: "Browser", files: list[Path]) -> None:
    found = {}
    with open_window(browser) as show:
        for path in files:
            page = show(path)
            page.evaluate("reading.unfold()")
            for size, spacing in ZOOMED:
                page.set_viewport_size(size)
                page.evaluate("how => reading.space(how)", spacing)
                found[f"{path.name}, {size['width']} pixels, {spacing} spacing"] = page.evaluate("reading.misfits()")
    assert {where: misfits[:3] for where, misfits in found.items() if misfits} == {}


def test_print_shows_what_is_folded_away_on_screen(browser: "Browser", few: list[Path]) -> None:
    for path in few:
        with open_page(browser, path) as page:
            folded = page.pdf(prefer_css_page_size=True)
            page.emulate_media(media="print")
            before = page.evaluate("reading.disclosed()")
            page.evaluate("reading.unfold()")
            assert before == page.evaluate("reading.disclosed()"), path.name
            assert _sheets(folded) == _sheets(page.pdf(prefer_css_page_size=True)) > 0, path.name


def _sheets(document: bytes) -> int:
    assert document.startswith(b"%PDF-")
    return len(re.findall(rb"/Type\s*/Page\b", document))


def test_a_page_without_script_says_all_that_it_says_with_it(browser: "Browser", few: list[Path]) -> None:
    for path in few:
        with open_page(browser, path) as page:
            before = page.evaluate("reading.texts()")
        with open_page(browser, path, java_script_enabled=False) as page:
            assert set(before) - set(page.evaluate("reading.texts()")) == set(), path.name


def test_the_index_without_script_links_every_partner_and_offers_nothing_that_does_not_work(
    browser: "Browser", files: list[Path], finished_run: FinishedRun
) -> None:
    with open_page(browser, files[0], java_script_enabled=False) as page:
        partners = page.evaluate("reading.partners()")
        assert page.locator("button:visible, input:visible, select:visible").count() == 0
    assert sorted(partners) == [f"{iso3}.html" for iso3 in sorted(finished_run.result.partners["iso3"])]


def test_hostile_texts_are_shown_and_run_nothing(browser: "Browser", finished_run: FinishedRun, tmp_path: Path) -> None:
    texts = write_hostile_pages(finished_run.out, tmp_path)
    with open_window(browser) as show:
        for name, said in {"index": texts.values(), **{iso3: [text] for iso3, text in texts.items()}}.items():
            page = show(tmp_path / "reports" / f"{name}.html")
            page.evaluate("reading.unfold()")
            shown = page.locator("body").inner_text()
            assert [text for text in said if text not in shown] == [], name
            for control in page.locator(f"{BUTTONS}, {BOXES}").all():
                control.press("Enter")
                control.type(HOSTILE_TEXTS[0])
            assert page.evaluate("typeof ran") == "undefined", name
