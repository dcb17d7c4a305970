"""Checks an open page with axe-core: violations of the standards, and warnings for best practices beyond them."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

STANDARDS = {"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "section508"}


def find_breaches(page: "Page", rules: Mapping[str, Any] | None = None) -> list[str]:
    """List the violations of an open page; rules: changes to single rules, in axe-core's format."""
    from axe_playwright_python.sync_playwright import Axe

    asked = {"runOnly": [*STANDARDS, "best-practice"], "resultTypes": ["violations"], "rules": rules or {}}
    found = Axe().run(page, options=asked).response
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}
    violations = {rule["id"]: f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found["violations"]}
    binding = [rule["id"] for rule in found["violations"] if STANDARDS & set(rule["tags"])]
    for advice in violations.keys() - set(binding):
        warnings.warn(f"{Path(page.url).name}: {violations[advice]}", stacklevel=2)
    return [violations[rule] for rule in binding]
