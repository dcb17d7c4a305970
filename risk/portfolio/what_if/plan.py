"""Turns a request and the money flows into a plan: partners, base amounts and limits."""

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
    """The partners in the plan (iso3, partner, region, tier, posture, base in dollars) and their linear program.

    notes: caveats on the base; line_texts: each request line in words, by its name in the program.
    """

    request: WhatIfRequest
    rows: Sequence[PlanRow]
    program: LinearProgram
    line_texts: Mapping[str, str]
    notes: Sequence[str]
    budget: float


def build_what_if_plan(request: WhatIfRequest, money: MoneyFlows) -> WhatIfPlan:
    """Build the plan; raises BadInput for a base in a data gap, with the alternatives."""
    base, notes = _compute_base_dollars(request, money)
    rows = [row | {"base": base[row["iso3"]]} for row in _select_plan_partners(request, money, base)]
    if not rows:
        raise BadInput("base: no partner received money in these years and accounts; use other years")
    budget = request.budget if request.budget is not None else sum(row["base"] for row in rows)
    constraints = list(_list_plan_constraints(request, rows, budget))
    program = LinearProgram(
        np.array([row["base"] for row in rows]) / ONE_MILLION,
        np.array([compute_points(request, row) for row in rows]),
        tuple(limit for limit, _ in constraints),
    )
    return WhatIfPlan(request, rows, program, {limit.line: words for limit, words in constraints}, notes, budget)


def compute_points(request: WhatIfRequest, row: Mapping[str, Any]) -> float:
    """Sum the points per million dollars of the priorities that apply to a partner."""
    keys = {"partner": row["iso3"], **{kind: row[kind] for kind in NAME_KINDS[1:]}}
    return float(sum(getattr(request.priorities, kind).get(key, 0.0) for kind, key in keys.items()))


def _compute_base_dollars(request: WhatIfRequest, money: MoneyFlows) -> tuple[dict[str, float], list[str]]:
    """Return average dollars per year by partner, and notes; the request's base values override the data."""
    first, last = request.base.first, request.base.last
    account_rows = money.accounts.filter(pl.col("account").is_in([ACCOUNT_NAMES[name] for name in request.accounts]))
    rows = (account_rows if request.accounts else money.aid).filter(pl.col("year").is_between(first, last))
    _refuse_data_gaps(request, rows)
    sums = rows.group_by("iso3").agg(pl.col("usd").sum()).with_columns(pl.col("usd") / (last - first + 1))
    base: dict[str, float] = dict(sums.sort("iso3").iter_rows()) | dict(request.base_values)
    negative = sorted(iso3 for iso3, usd in base.items() if usd < 0)
    notes = (
        [f"More was taken back than given in these years: {', '.join(negative)}. Their base is 0."] if negative else []
    )
    notes += [f"{name} stands at the request's own figure." for name in sorted(request.base_values)]
    notes += sorted(_list_gap_notes(request, money, base)) if not request.accounts else []
    return {iso3: max(usd, 0.0) for iso3, usd in base.items()}, notes


def _list_gap_notes(request: WhatIfRequest, money: MoneyFlows, base: Mapping[str, float]) -> Iterator[str]:
    """List the notes on data gaps that make a planned partner's base a lower bound."""
    for gap in money.policy.data_gaps:
        overlaps = gap.series == ASSISTANCE and gap.first <= request.base.last and request.base.first <= gap.last
        if overlaps and gap.lower_bound and gap.partner in base and gap.partner not in request.leave_out:
            yield gap.told


def _refuse_data_gaps(request: WhatIfRequest, rows: pl.DataFrame) -> None:
    exempt = [*request.leave_out, *request.base_values]
    missing = rows.filter(pl.col("usd").is_null(), ~pl.col("iso3").is_in(exempt)).sort("iso3", "year")
    if not missing.is_empty():
        iso3, year = missing["iso3"][0], missing["year"][0]
        raise BadInput(
            f"base: {iso3} has no figure for FY{year} in the source; use other "
            f"years, base_values: {{{iso3}: dollars}}, or leave_out: [{iso3}]"
        )


def _select_plan_partners(request: WhatIfRequest, money: MoneyFlows, base: dict[str, float]) -> Iterator[PlanRow]:
    """Yield the last run's reviewed partners with a base or named in the request, except those left out."""
    named = {exception.partner for exception in request.exceptions} | set(request.priorities.partner)
    named |= {bound.name for bound in request.floors if bound.kind == "partner"}
    for row in money.partners.sort("iso3").iter_rows(named=True):
        wanted = base.get(row["iso3"], 0) > 0 or row["iso3"] in named
        if wanted and row["iso3"] not in request.leave_out:
            base.setdefault(row["iso3"], 0.0)
            yield row


def _list_plan_constraints(
    request: WhatIfRequest, rows: Sequence[PlanRow], budget: float
) -> Iterator[tuple[AllocationConstraint, str]]:
    """Yield every limit with its request line in words."""
    whole, total = tuple(range(len(rows))), budget / ONE_MILLION
    yield AllocationConstraint("budget", "budget", whole, total, total), f"the budget is {format_dollars(budget)}"
    for field, kind in (("floors", "floor"), ("caps", "cap")):
        for index, bound in enumerate(getattr(request, field)):
            line, size = f"{field}.{index}", compute_bound_dollars(bound, budget)
            members = tuple(n for n, row in enumerate(rows) if row[_find_bound_column(bound)] == bound.name)
            ends = {"low": size / ONE_MILLION} if kind == "floor" else {"high": size / ONE_MILLION}
            words = f"the {kind} for {describe_bound(bound, rows)} is {format_dollars(size)}{_format_share(bound)}"
            yield AllocationConstraint(line, kind, members, **ends), words
    own = {limit.partner: (f"exceptions.{index}", limit) for index, limit in enumerate(request.exceptions)}
    for n, row in enumerate(rows):
        line, change = own.get(row["iso3"], ("largest_change", request.largest_change))
        room, base = change.compute_allowed(row["base"]) / ONE_MILLION, row["base"] / ONE_MILLION
        who = f"for {row['partner']}" if row["iso3"] in own else "a partner"
        yield (
            AllocationConstraint(line, "change", (n,), max(base - room, 0), base + room),
            f"the largest change {who} is {_format_largest_change(change)}",
        )


def _find_bound_column(bound: AllocationBound) -> str:
    return "iso3" if bound.kind == "partner" else bound.kind


def compute_bound_dollars(bound: AllocationBound, budget: float) -> float:
    """Return a floor or a cap in dollars."""
    return bound.usd if bound.usd is not None else (bound.share or 0.0) * budget


def describe_bound(bound: AllocationBound, rows: Sequence[Mapping[str, Any]]) -> str:
    """Describe the partner or group that a bound applies to."""
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
    """Format dollars in words to the hundred thousand; small sums in full."""
    size = abs(value)
    words = f"${size / 1e9:,.3f} billion" if size >= 1e9 else f"${size / 1e6:,.1f} million"
    text = words if size >= 1e5 else f"${size:,.0f}"
    return f"−{text}" if value < 0 else text
