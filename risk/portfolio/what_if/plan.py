"""A request set against the money: who is planned for, from which base, within which limits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from features.bad_input import BadInput
from risk.portfolio.flows import MoneyFlows
from risk.portfolio.series import ASSISTANCE
from risk.portfolio.what_if.linear_program import AllocationConstraint, LinearProgram
from risk.portfolio.what_if.request import ACCOUNT_NAMES, NAME_KINDS, AllocationBound, WhatIfRequest

ONE_MILLION = 1e6
PlanRow = dict[str, Any]


@dataclass(frozen=True)
class WhatIfPlan:
    """The partners planned for (iso3, partner, region, tier, posture, base in dollars) and the programme over them.

    told: what a reader must know of the base; words: each line of the request, by its name in the programme.
    """

    request: WhatIfRequest
    rows: Sequence[PlanRow]
    program: LinearProgram
    line_texts: Mapping[str, str]
    notes: Sequence[str]
    budget: float


def build_what_if_plan(request: WhatIfRequest, money: MoneyFlows) -> WhatIfPlan:
    """Set a request against the money; a base that lies in a hole is refused, with the ways out."""
    base, told = _compute_base_dollars(request, money)
    rows = [row | {"base": base[row["iso3"]]} for row in _select_plan_partners(request, money, base)]
    if not rows:
        raise BadInput("base: no partner received anything in these years by these accounts; expected other years")
    budget = request.budget if request.budget is not None else sum(row["base"] for row in rows)
    made = list(_list_plan_constraints(request, rows, budget))
    programme = LinearProgram(
        np.array([row["base"] for row in rows]) / ONE_MILLION,
        np.array([compute_points(request, row) for row in rows]),
        tuple(limit for limit, _ in made),
    )
    return WhatIfPlan(request, rows, programme, {limit.line: words for limit, words in made}, told, budget)


def compute_points(request: WhatIfRequest, row: Mapping[str, Any]) -> float:
    """Points that a million to a partner counts: what names it, added up."""
    keys = {"partner": row["iso3"], **{kind: row[kind] for kind in NAME_KINDS[1:]}}
    return float(sum(getattr(request.priorities, kind).get(key, 0.0) for kind, key in keys.items()))


def _compute_base_dollars(request: WhatIfRequest, money: MoneyFlows) -> tuple[dict[str, float], list[str]]:
    """Average dollars a year by partner, and notes; the request's own values take the place of what is there."""
    first, last = request.base.first, request.base.last
    given = money.accounts.filter(pl.col("account").is_in([ACCOUNT_NAMES[name] for name in request.accounts]))
    rows = (given if request.accounts else money.aid).filter(pl.col("year").is_between(first, last))
    _refuse_data_gaps(request, rows)
    sums = rows.group_by("iso3").agg(pl.col("usd").sum()).with_columns(pl.col("usd") / (last - first + 1))
    base: dict[str, float] = dict(sums.sort("iso3").iter_rows()) | dict(request.base_values)
    back = sorted(iso3 for iso3, usd in base.items() if usd < 0)
    told = [f"More was taken back than given in these years: {', '.join(back)}. Their base is 0."] if back else []
    told += [f"{name} stands at the request's own figure." for name in sorted(request.base_values)]
    told += sorted(_tell_gaps(request, money, base)) if not request.accounts else []
    return {iso3: max(usd, 0.0) for iso3, usd in base.items()}, told


def _tell_gaps(request: WhatIfRequest, money: MoneyFlows, base: Mapping[str, float]) -> Iterator[str]:
    """What lacks, in words, in the base of a partner that is planned for: a part of it, for some of these years."""
    for gap in money.policy.data_gaps:
        meets = gap.series == ASSISTANCE and gap.first <= request.base.last and request.base.first <= gap.last
        if meets and gap.lower_bound and gap.partner in base and gap.partner not in request.leave_out:
            yield gap.told


def _refuse_data_gaps(request: WhatIfRequest, rows: pl.DataFrame) -> None:
    spared = [*request.leave_out, *request.base_values]
    missing = rows.filter(pl.col("usd").is_null(), ~pl.col("iso3").is_in(spared)).sort("iso3", "year")
    if not missing.is_empty():
        iso3, year = missing["iso3"][0], missing["year"][0]
        raise BadInput(
            f"base: the figure of {iso3} for FY{year} is a hole in the source, found none to plan from; expected other "
            f"years, base_values: {{{iso3}: dollars}}, or leave_out: [{iso3}]"
        )


def _select_plan_partners(request: WhatIfRequest, money: MoneyFlows, base: dict[str, float]) -> Iterator[PlanRow]:
    """Partners reviewed by the last run that had something, or that the request names; not those left out."""
    named = {one.partner for one in request.exceptions} | set(request.priorities.partner)
    named |= {bound.name for bound in request.floors if bound.kind == "partner"}
    for row in money.partners.sort("iso3").iter_rows(named=True):
        wanted = base.get(row["iso3"], 0) > 0 or row["iso3"] in named
        if wanted and row["iso3"] not in request.leave_out:
            base.setdefault(row["iso3"], 0.0)
            yield row


def _list_plan_constraints(
    request: WhatIfRequest, rows: Sequence[PlanRow], budget: float
) -> Iterator[tuple[AllocationConstraint, str]]:
    """Every limit, each with the words of its line."""
    whole, total = tuple(range(len(rows))), budget / ONE_MILLION
    yield AllocationConstraint("budget", "budget", whole, total, total), f"the budget is {format_dollars(budget)}"
    for field, kind in (("floors", "floor"), ("caps", "cap")):
        for at, bound in enumerate(getattr(request, field)):
            asked, size = f"{field}.{at}", compute_bound_dollars(bound, budget)
            members = tuple(n for n, row in enumerate(rows) if row[_find_bound_column(bound)] == bound.name)
            ends = {"low": size / ONE_MILLION} if kind == "floor" else {"high": size / ONE_MILLION}
            words = f"the {kind} for {describe_bound(bound, rows)} is {format_dollars(size)}{_format_share(bound)}"
            yield AllocationConstraint(asked, kind, members, **ends), words
    own = {one.partner: (f"exceptions.{at}", one) for at, one in enumerate(request.exceptions)}
    for n, row in enumerate(rows):
        asked, change = own.get(row["iso3"], ("largest_change", request.largest_change))
        room, base = change.compute_allowed(row["base"]) / ONE_MILLION, row["base"] / ONE_MILLION
        who = f"for {row['partner']}" if row["iso3"] in own else "a partner"
        yield (
            AllocationConstraint(asked, "change", (n,), max(base - room, 0), base + room),
            f"the largest change {who} is {_format_largest_change(change)}",
        )


def _find_bound_column(bound: AllocationBound) -> str:
    return "iso3" if bound.kind == "partner" else bound.kind


def compute_bound_dollars(bound: AllocationBound, budget: float) -> float:
    """A floor or a cap in dollars."""
    return bound.usd if bound.usd is not None else (bound.share or 0.0) * budget


def describe_bound(bound: AllocationBound, rows: Sequence[Mapping[str, Any]]) -> str:
    """Whom a bound names, as people say it."""
    if bound.kind == "partner":
        return next((str(row["partner"]) for row in rows if row["iso3"] == bound.name), bound.name)
    return bound.name if bound.kind == "region" else f"all of {bound.kind} {bound.name}"


def _format_share(bound: AllocationBound) -> str:
    return f" ({bound.share:.3g} of the budget)" if bound.share is not None else ""


def _format_largest_change(change: Any) -> str:
    parts = [f"{change.share:.0%} of its base" if change.share is not None else ""]
    parts += [format_dollars(change.usd) if change.usd is not None else ""]
    return " or ".join(part for part in parts if part) + (", the wider of the two" if all(parts) else "")


def format_dollars(value: float) -> str:
    """Dollars in words, to the hundred thousand, and small sums in full."""
    size = abs(value)
    words = f"${size / 1e9:,.3f} billion" if size >= 1e9 else f"${size / 1e6:,.1f} million"
    said = words if size >= 1e5 else f"${size:,.0f}"
    return f"−{said}" if value < 0 else said
