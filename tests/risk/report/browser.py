"""A real browser for the pages: where it is found, how it starts, and what no page may do in it."""

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

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("playwright", "axe_playwright_python")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
SCREEN = {"viewport": {"width": 1280, "height": 800}}
READING = (Path(__file__).parent / "reading.js").read_text(encoding="utf-8")
WAIT = 10_000
LOCAL = ("file", "data")


def require_browser() -> None:
    """Skip where no browser can be started, and say why; fail instead where RISK_BROWSER_REQUIRED is 1."""
    if reason := _reason_for_none():
        said = f"{reason}; CONTRIBUTING.md says how to install the browser"
        if os.environ.get("RISK_BROWSER_REQUIRED") == "1":
            pytest.fail(said, pytrace=False)
        pytest.skip(said)


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Start Chromium, and end it in any case."""
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=_command(), args=OPTIONS)) as started,
    ):
        yield started


def _reason_for_none() -> str | None:
    lacking = [name for name in PACKAGES if find_spec(name) is None]
    if lacking:
        return f"the Python package {lacking[0]} is not installed"
    if _command() is None:
        return f"{os.environ.get('RISK_BROWSER') or ', '.join(COMMANDS)} was not found"
    driver = subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True, timeout=60)
    return "the driver of playwright does not start" if driver.returncode else None


def _command() -> str | None:
    named = os.environ.get("RISK_BROWSER")
    return next(filter(None, map(shutil.which, [named] if named else COMMANDS)), None)


@contextmanager
def window(browser: "Browser", **options: Any) -> Iterator[Callable[[Path], "Page"]]:
    """A window that shows one file after another; whatever one logs, throws, asks or fetches elsewhere is a failure."""
    amiss: list[str] = []
    with closing(browser.new_context(**SCREEN | options)) as context:
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.on("console", lambda message: amiss.append(f"{page.url}: console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: amiss.append(f"{page.url}: error: {error}"))
        page.on("dialog", lambda dialog: (amiss.append(f"{page.url}: dialog: {dialog.message}"), dialog.dismiss()))
        page.on("requestfailed", lambda request: amiss.append(f"{page.url}: not loaded: {request.url}"))
        page.on("request", lambda request: amiss.extend(_outside(request.url)))

        def show(path: Path) -> "Page":
            page.goto(path.as_uri())
            page.evaluate(READING)
            return page

        yield show
    assert amiss == []


@contextmanager
def opened(browser: "Browser", path: Path, **options: Any) -> Iterator["Page"]:
    """One file in a window of its own."""
    with window(browser, **options) as show:
        yield show(path)


def _outside(address: str) -> list[str]:
    return [] if urlsplit(address).scheme in LOCAL else [f"asked for: {address}"]
