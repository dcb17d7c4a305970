"""A request set against the money: who is planned for, from which base, within which limits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from features.bad_input import BadInput
from risk.portfolio.flows import Money
from risk.portfolio.series import ASSISTANCE
from risk.portfolio.what_if.linear_program import Limit, Programme
from risk.portfolio.what_if.request import KINDS, SHORT, Bound, Request

MILLION = 1e6
Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """The partners planned for (iso3, partner, region, tier, posture, base in dollars) and the programme over them.

    told: what a reader must know of the base; words: each line of the request, by its name in the programme.
    """

    request: Request
    rows: Sequence[Row]
    programme: Programme
    words: Mapping[str, str]
    told: Sequence[str]
    budget: float


def build_plan(request: Request, money: Money) -> Plan:
    """Set a request against the money; a base that lies in a hole is refused, with the ways out."""
    base, told = _base(request, money)
    rows = [row | {"base": base[row["iso3"]]} for row in _members(request, money, base)]
    if not rows:
        raise BadInput("base: no partner received anything in these years by these accounts; expected other years")
    budget = request.budget if request.budget is not None else sum(row["base"] for row in rows)
    made = list(_limits(request, rows, budget))
    programme = Programme(
        np.array([row["base"] for row in rows]) / MILLION,
        np.array([points(request, row) for row in rows]),
        tuple(limit for limit, _ in made),
    )
    return Plan(request, rows, programme, {limit.asked: words for limit, words in made}, told, budget)


def points(request: Request, row: Mapping[str, Any]) -> float:
    """Points that a million to a partner counts: what names it, added up."""
    keys = {"partner": row["iso3"], **{kind: row[kind] for kind in KINDS[1:]}}
    return float(sum(getattr(request.priorities, kind).get(key, 0.0) for kind, key in keys.items()))


def _base(request: Request, money: Money) -> tuple[dict[str, float], list[str]]:
    """Average dollars a year by partner, and notes; the request's own values take the place of what is there."""
    first, last = request.base.first, request.base.last
    given = money.accounts.filter(pl.col("account").is_in([SHORT[name] for name in request.accounts]))
    rows = (given if request.accounts else money.aid).filter(pl.col("year").is_between(first, last))
    _refuse_holes(request, rows)
    sums = rows.group_by("iso3").agg(pl.col("usd").sum()).with_columns(pl.col("usd") / (last - first + 1))
    base: dict[str, float] = dict(sums.sort("iso3").iter_rows()) | dict(request.base_values)
    back = sorted(iso3 for iso3, usd in base.items() if usd < 0)
    told = [f"More was taken back than given in these years: {', '.join(back)}. Their base is 0."] if back else []
    told += [f"{name} stands at the request's own figure." for name in sorted(request.base_values)]
    told += sorted(_tell_gaps(request, money, base)) if not request.accounts else []
    return {iso3: max(usd, 0.0) for iso3, usd in base.items()}, told


def _tell_gaps(request: Request, money: Money, base: Mapping[str, float]) -> Iterator[str]:
    """What lacks, in words, in the base of a partner that is planned for: a part of it, for some of these years."""
    for gap in money.policy.data_gaps:
        meets = gap.series == ASSISTANCE and gap.first <= request.base.last and request.base.first <= gap.last
        if meets and gap.lower_bound and gap.partner in base and gap.partner not in request.leave_out:
            yield gap.told


def _refuse_holes(request: Request, rows: pl.DataFrame) -> None:
    spared = [*request.leave_out, *request.base_values]
    missing = rows.filter(pl.col("usd").is_null(), ~pl.col("iso3").is_in(spared)).sort("iso3", "year")
    if not missing.is_empty():
        iso3, year = missing["iso3"][0], missing["year"][0]
        raise BadInput(
            f"base: the figure of {iso3} for FY{year} is a hole in the source, found none to plan from; expected other "
            f"years, base_values: {{{iso3}: dollars}}, or leave_out: [{iso3}]"
        )


def _members(request: Request, money: Money, base: dict[str, float]) -> Iterator[Row]:
    """Partners reviewed by the last run that had something, or that the request names; not those left out."""
    named = {one.partner for one in request.exceptions} | set(request.priorities.partner)
    named |= {bound.name for bound in request.floors if bound.kind == "partner"}
    for row in money.partners.sort("iso3").iter_rows(named=True):
        wanted = base.get(row["iso3"], 0) > 0 or row["iso3"] in named
        if wanted and row["iso3"] not in request.leave_out:
            base.setdefault(row["iso3"], 0.0)
            yield row


def _limits(request: Request, rows: Sequence[Row], budget: float) -> Iterator[tuple[Limit, str]]:
    """Every limit, each with the words of its line."""
    whole, total = tuple(range(len(rows))), budget / MILLION
    yield Limit("budget", "budget", whole, total, total), f"the budget is {dollars(budget)}"
    for field, kind in (("floors", "floor"), ("caps", "cap")):
        for at, bound in enumerate(getattr(request, field)):
            asked, size = f"{field}.{at}", bound_dollars(bound, budget)
            members = tuple(n for n, row in enumerate(rows) if row[_key(bound)] == bound.name)
            ends = {"low": size / MILLION} if kind == "floor" else {"high": size / MILLION}
            words = f"the {kind} for {told_name(bound, rows)} is {dollars(size)}{_share(bound)}"
            yield Limit(asked, kind, members, **ends), words
    own = {one.partner: (f"exceptions.{at}", one) for at, one in enumerate(request.exceptions)}
    for n, row in enumerate(rows):
        asked, change = own.get(row["iso3"], ("largest_change", request.largest_change))
        room, base = change.allowed(row["base"]) / MILLION, row["base"] / MILLION
        who = f"for {row['partner']}" if row["iso3"] in own else "a partner"
        yield (
            Limit(asked, "change", (n,), max(base - room, 0), base + room),
            f"the largest change {who} is {_far(change)}",
        )


def _key(bound: Bound) -> str:
    return "iso3" if bound.kind == "partner" else bound.kind


def bound_dollars(bound: Bound, budget: float) -> float:
    """A floor or a cap in dollars."""
    return bound.usd if bound.usd is not None else (bound.share or 0.0) * budget


def told_name(bound: Bound, rows: Sequence[Mapping[str, Any]]) -> str:
    """Whom a bound names, as people say it."""
    if bound.kind == "partner":
        return next((str(row["partner"]) for row in rows if row["iso3"] == bound.name), bound.name)
    return bound.name if bound.kind == "region" else f"all of {bound.kind} {bound.name}"


def _share(bound: Bound) -> str:
    return f" ({bound.share:.3g} of the budget)" if bound.share is not None else ""


def _far(change: Any) -> str:
    parts = [f"{change.share:.0%} of its base" if change.share is not None else ""]
    parts += [dollars(change.usd) if change.usd is not None else ""]
    return " or ".join(part for part in parts if part) + (", the wider of the two" if all(parts) else "")


def dollars(value: float) -> str:
    """Dollars in words, to the hundred thousand, and small sums in full."""
    size = abs(value)
    words = f"${size / 1e9:,.3f} billion" if size >= 1e9 else f"${size / 1e6:,.1f} million"
    said = words if size >= 1e5 else f"${size:,.0f}"
    return f"−{said}" if value < 0 else said
