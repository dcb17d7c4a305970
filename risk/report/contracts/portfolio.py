"""The content of the portfolio pages: money in words, in current dollars, and chart values as numbers."""

from collections.abc import Sequence
from typing import TypedDict

from risk.report.contracts.chart import Bar, Drawing, Flows
from risk.report.contracts.page import Footer


class Window(TypedDict):
    """A measure and the years it is summed over."""

    label: str
    years: str


class Cell(TypedDict):
    """A sum and its share of the total, in words."""

    value: str
    share: str


class GroupLine(TypedDict):
    """A group: partners aided, one cell per window; share: of all assistance, of one; said: the text of its bar."""

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
    """A year's assistance, and the parts to partners to be wary of, to Europe and to East Asia."""

    year: str
    total: str
    wary: str
    europe: str
    asia: str
    both: str


class AccountLine(TypedDict):
    """An account, one cell per period."""

    label: str
    cells: list[Cell]


class Accounts(TypedDict):
    """Military assistance by account and period."""

    periods: list[str]
    rows: list[AccountLine]


class Concentration(TypedDict):
    """The share of a measure that goes to the largest recipients; partners: how many receive any."""

    label: str
    years: str
    partners: int
    largest: str | None
    top1: str
    top5: str
    top10: str
    herfindahl: str


class Recipient(TypedDict):
    """A partner and its sums, one per window; linked: whether it has a page."""

    iso3: str
    partner: str
    region: str
    tier: str
    posture: str
    linked: bool
    cells: list[str]


class ClaimFigure(TypedDict):
    """A claim's figure under one definition."""

    definition: str
    years: str
    figure: str
    source: str


class ClaimLine(TypedDict):
    """A common claim, and what the data say."""

    said: str
    verdict: str
    figures: list[ClaimFigure]


class TensionRow(TypedDict):
    """Two competing objectives for one partner, with the facts and rules on both sides, as texts."""

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
    """The content of the portfolio page; lead, holes, notes: sentences."""

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
    """The charts of the portfolio page."""

    years: Drawing
    groups: list[Drawing]


class BarGroup(TypedDict):
    """The bars of one kind of group."""

    kind: str
    rows: list[Bar]


class PlannedLine(TypedDict):
    """A partner in the plan: sums before and after in words, points per million, and what limits its change."""

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
    """The content of the what-if page; more: binding changes without their own sentence."""

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
