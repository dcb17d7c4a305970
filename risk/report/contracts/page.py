"""What every page promises."""

from typing import TypedDict


class Footer(TypedDict):
    """What stands at the foot of every page; origin: the last year of facts; decided: the day of the rules."""

    origin: int
    horizon: str
    decided: str | None


class Identity(Footer):
    """Whom a page is about."""

    iso3: str
    partner: str
    region: str
