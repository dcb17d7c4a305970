"""What the index of all partners promises."""

from typing import TypedDict

from risk.report.contracts.page import Footer


class IndexRow(TypedDict):
    """One partner: shares in words and of one, indices from 0 to 100; mark: what people put on record, or none."""

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
    """How many partners are of a tier."""

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
    """A partner that the map has no square for."""

    iso3: str
    partner: str
    tier: str


class World(TypedDict):
    """The map: how many columns it has, its squares, and who is missing."""

    columns: int
    tiles: list[Tile]
    missing: list[Unplaced]


class Region(TypedDict):
    """A region: partners by tier in the order of words.TIERS; assistance and to_risky in words, none if not known."""

    region: str
    partners: int
    tiers: list[int]
    assistance: str | None
    to_risky: str | None


class Regions(TypedDict):
    """Regions, and the fiscal years that their assistance is of."""

    years: str | None
    rows: list[Region]


class Change(TypedDict):
    """What changed of a partner, empty where nothing did; size: by how much its probability moved, a share of one."""

    iso3: str
    partner: str
    told: str
    size: float


class Changes(TypedDict):
    """What changed since the last issue of scores."""

    told: str
    rows: list[Change]


class FreshLine(TypedDict):
    """A source's last year, the day it was read, and the day its next issue is due, or since when it is overdue."""

    title: str
    latest: int | None
    accessed: str
    due: str
    overdue: str


class Freshness(TypedDict):
    """How fresh the facts are."""

    told: str
    rows: list[FreshLine]


class Link(TypedDict):
    """A file beside the page."""

    label: str
    href: str


class IndexPage(Footer):
    """All that the index says; rows: the riskiest first."""

    misuse: str
    rows: list[IndexRow]
    tiers: list[TierCount]
    world: World
    regions: Regions
    changes: Changes
    fresh: Freshness
    links: list[Link]
