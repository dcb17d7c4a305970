"""A real browser for the pages: how it is found and started, and what pages may not do in it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER_COMMANDS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_PACKAGES = ("playwright", "axe_playwright_python")
BROWSER_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
SCREEN_OPTIONS = {"viewport": {"width": 1280, "height": 800}}
READING_SCRIPT = (Path(__file__).parent / "reading.js").read_text(encoding="utf-8")
WAIT_MILLISECONDS = 10_000
LOCAL_SCHEMES = ("file", "data")


def require_browser() -> None:
    """Skip with a reason if no browser can be started, or fail if RISK_BROWSER_REQUIRED is 1."""
    if reason := _explain_missing_browser():
        said = f"{reason}; CONTRIBUTING.md says how to install the browser"
        if os.environ.get("RISK_BROWSER_REQUIRED") == "1":
            pytest.fail(said, pytrace=False)
        pytest.skip(said)


@contextmanager
def start_chromium() -> Iterator["Browser"]:
    """Start Chromium, and always end it."""
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=_find_command(), args=BROWSER_OPTIONS)) as started,
    ):
        yield started


def _explain_missing_browser() -> str | None:
    lacking = [name for name in BROWSER_PACKAGES if find_spec(name) is None]
    if lacking:
        return f"the Python package {lacking[0]} is not installed"
    if _find_command() is None:
        return f"{os.environ.get('RISK_BROWSER') or ', '.join(BROWSER_COMMANDS)} was not found"
    driver = subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True, timeout=60)
    return "the driver of playwright does not start" if driver.returncode else None


def _find_command() -> str | None:
    named = os.environ.get("RISK_BROWSER")
    return next(filter(None, map(shutil.which, [named] if named else BROWSER_COMMANDS)), None)


@contextmanager
def open_window(browser: "Browser", **options: Any) -> Iterator[Callable[[Path], "Page"]]:
    """A window that shows files and fails if a page logs, throws, opens a dialog or fetches anything else."""
    amiss: list[str] = []
    with closing(browser.new_context(**SCREEN_OPTIONS | options)) as context:
        context.set_default_timeout(WAIT_MILLISECONDS)
        page = context.new_page()
        page.on("console", lambda message: amiss.append(f"{page.url}: console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: amiss.append(f"{page.url}: error: {error}"))
        page.on("dialog", lambda dialog: (amiss.append(f"{page.url}: dialog: {dialog.message}"), dialog.dismiss()))
        page.on("requestfailed", lambda request: amiss.append(f"{page.url}: not loaded: {request.url}"))
        page.on("request", lambda request: amiss.extend(_list_outside_requests(request.url)))

        def show_file(path: Path) -> "Page":
            page.goto(path.as_uri())
            page.evaluate(READING_SCRIPT)
            return page

        yield show_file
    assert amiss == []


@contextmanager
def open_page(browser: "Browser", path: Path, **options: Any) -> Iterator["Page"]:
    """Open one file in its own window."""
    with open_window(browser, **options) as show:
        yield show(path)


def _list_outside_requests(address: str) -> list[str]:
    return [] if urlsplit(address).scheme in LOCAL_SCHEMES else [f"asked for: {address}"]
