"""The content of every page."""

from typing import TypedDict


class Footer(TypedDict):
    """The footer of every page; origin: the last year of facts; decided: the day of the rules."""

    origin: int
    horizon: str
    decided: str | None


class Identity(Footer):
    """The partner a page is about."""

    iso3: str
    partner: str
    region: str
