"""Row types of the portfolio's tables; money in current dollars, shares from 0 to 1."""

from typing import TypedDict


class GroupSum(TypedDict):
    """recent_groups: a group's sum of a measure, its share, and its number of partners with a nonzero value."""

    value: float
    share: float
    partners: int


class YearSum(TypedDict):
    """by_year: a measure's total in a year; at_least: the total is known to be incomplete."""

    year: int
    value: float
    at_least: bool


class PoolSum(TypedDict):
    """pools: a year's total, and the parts that went to be wary, Europe and East Asia."""

    year: int
    total: float
    wary: float
    wary_share: float
    europe: float
    europe_share: float
    asia: float
    asia_share: float


class AccountSum(TypedDict):
    """account_periods: an account's sum over a period."""

    label: str
    first: int
    last: int
    value: float
    share: float


class LargestShares(TypedDict):
    """concentration: the shares of a measure's largest partners in a period; herfindahl from 0 to 1."""

    measure: str
    first: int
    last: int
    partners: int
    largest: str
    top1: float
    top5: float
    top10: float
    herfindahl: float


class ClaimRow(TypedDict):
    """claims: a claim's figure by one definition, in dollars or as a share."""

    definition: str
    years: str
    figure: float
    unit: str
    source: str


class Sums(TypedDict):
    """A year's dollars before and after, and the change."""

    before_usd: float
    after_usd: float
    change_usd: float


class PlannedRow(Sums):
    """what_if: a partner in the plan; points per million dollars; triggers: IDs joined by semicolons."""

    iso3: str
    partner: str
    region: str
    tier: str
    posture: str
    points: float
    limit: str
    triggers: str


class PlannedGroup(Sums):
    """what_if: sums by group and name."""

    group: str
    name: str
