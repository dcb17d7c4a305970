"""The content of the index of all partners."""

from typing import TypedDict

from risk.report.contracts.page import Footer


class IndexRow(TypedDict):
    """One partner: shares in words and of one, indices 0 to 100; mark: a summary of its ledger entries, or None."""

    iso3: str
    partner: str
    region: str
    tier: str
    rank: int | None
    share: float | None
    probability: str | None
    interval: str | None
    posture: str
    leverage: int | None
    strategic_value: int | None
    triggers: list[str]
    mark: str | None


class TierCount(TypedDict):
    """The number of partners in a tier."""

    tier: str
    letter: str
    count: int


class Tile(TypedDict):
    """A partner's square on the map; row and column from 1."""

    iso3: str
    partner: str
    region: str
    tier: str
    letter: str
    row: int
    column: int
    told: str


class Unplaced(TypedDict):
    """A partner without a square on the map."""

    iso3: str
    partner: str
    tier: str


class World(TypedDict):
    """The map: its number of columns, its squares, and the partners missing from it."""

    columns: int
    tiles: list[Tile]
    missing: list[Unplaced]


class Region(TypedDict):
    """A region: partners by tier in the order of SHOWN_TIERS; assistance and to_risky in words, None if unknown."""

    region: str
    partners: int
    tiers: list[int]
    assistance: str | None
    to_risky: str | None


class Regions(TypedDict):
    """Regions, and the fiscal years of their assistance."""

    years: str | None
    rows: list[Region]


class Change(TypedDict):
    """What changed for a partner, empty if nothing did; size: how much its probability moved, a share of one."""

    iso3: str
    partner: str
    told: str
    size: float


class Changes(TypedDict):
    """What changed since the last release of scores."""

    told: str
    rows: list[Change]


class FreshLine(TypedDict):
    """A source's last year, the day it was read, and the day its next issue is due or became overdue."""

    title: str
    latest: int | None
    accessed: str
    due: str
    overdue: str


class Freshness(TypedDict):
    """The freshness of each source."""

    told: str
    rows: list[FreshLine]


class Link(TypedDict):
    """A file next to the page."""

    label: str
    href: str


class IndexPage(Footer):
    """The content of the index; rows: the riskiest first."""

    misuse: str
    rows: list[IndexRow]
    tiers: list[TierCount]
    world: World
    regions: Regions
    changes: Changes
    fresh: Freshness
    links: list[Link]
