"""What the pages of the portfolio promise: money in words, dollars current, and what is drawn as numbers."""

from collections.abc import Sequence
from typing import TypedDict

from risk.report.contracts.chart import Bar, Drawing, Flows
from risk.report.contracts.page import Footer


class Window(TypedDict):
    """A measure and the years that its sums are of."""

    label: str
    years: str


class Cell(TypedDict):
    """A sum and its share of the whole, in words."""

    value: str
    share: str


class GroupLine(TypedDict):
    """A group: partners aided, a cell a window; share of one of assistance and said for its bar."""

    name: str
    partners: int
    cells: list[Cell]
    share: float
    said: str


class Group(TypedDict):
    """Groups of one kind: region, tier or posture."""

    kind: str
    rows: list[GroupLine]


class Pool(TypedDict):
    """A year's assistance, and what of it went to be wary, to Europe and to East Asia."""

    year: str
    total: str
    wary: str
    europe: str
    asia: str
    both: str


class AccountLine(TypedDict):
    """An account, a cell a period."""

    label: str
    cells: list[Cell]


class Accounts(TypedDict):
    """Military assistance by account and period."""

    periods: list[str]
    rows: list[AccountLine]


class Concentration(TypedDict):
    """How much the largest take of a measure; partners: how many get any."""

    label: str
    years: str
    partners: int
    largest: str | None
    top1: str
    top5: str
    top10: str
    herfindahl: str


class Recipient(TypedDict):
    """A partner and its sums, one a window; linked: whether it has a page."""

    iso3: str
    partner: str
    region: str
    tier: str
    posture: str
    linked: bool
    cells: list[str]


class ClaimFigure(TypedDict):
    """A claim's figure by one definition."""

    definition: str
    years: str
    figure: str
    source: str


class ClaimLine(TypedDict):
    """What is commonly said, and what the data say."""

    said: str
    verdict: str
    figures: list[ClaimFigure]


class TensionRow(TypedDict):
    """objectives: two objectives that pull apart on one partner, with the facts and rules on both sides, as texts."""

    iso3: str
    partner: str
    posture: str
    tier: str
    tension: str
    objective: str
    for_facts: str
    against: str
    against_facts: str
    for_rules: str
    against_rules: str


class PortfolioPage(Footer):
    """All that the page of the portfolio says; lead, holes, notes: sentences."""

    lead: list[str]
    windows: list[Window]
    groups: list[Group]
    years: Flows
    pools: list[Pool]
    accounts: Accounts
    concentration: list[Concentration]
    wary: list[Recipient]
    top: list[Recipient]
    said_by: str
    claims: list[ClaimLine]
    tensions: list[TensionRow]
    holes: list[str]
    notes: list[str]


class PortfolioCharts(TypedDict):
    """The charts of the portfolio's page."""

    years: Drawing
    groups: list[Drawing]


class BarGroup(TypedDict):
    """Bars of one kind of group."""

    kind: str
    rows: list[Bar]


class PlannedLine(TypedDict):
    """A partner planned for: sums before and after in words, points a million, and what limits its change."""

    iso3: str
    partner: str
    region: str
    tier: str
    limit: str
    posture: str
    points: str
    before: str
    after: str
    change: str
    triggers: str


class WhatIfPage(Footer):
    """All that the page of an answered request says; more: binding changes without a sentence of their own."""

    title: str
    asked: list[tuple[str, str]]
    objective: Sequence[str]
    notes: Sequence[str]
    prices: list[str]
    more: int
    largest: list[Bar]
    groups: list[BarGroup]
    moved: int
    rows: list[PlannedLine]
