"""Solves a what-if request: amounts before and after, shadow prices and notes, or the lines that collide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from risk.portfolio.flows import NOT_REVIEWED, MoneyFlows
from risk.portfolio.what_if.linear_program import (
    AllocationConstraint,
    AllocationResult,
    allocate_money,
    find_binding_end,
    find_collision,
)
from risk.portfolio.what_if.plan import ONE_MILLION, WhatIfPlan, build_what_if_plan, format_dollars
from risk.portfolio.what_if.request import NAME_KINDS, KnownNames, WhatIfRequest, read_what_if_request
from risk.portfolio.what_if.shadow_prices import ShadowPrice, compute_shadow_prices
from risk.report.formatting import format_count, format_list, format_name

END_LABELS = {"high": "rise", "low": "fall", "both": "cannot move"}


@dataclass(frozen=True)
class WhatIfResult:
    """The result of a request.

    rows: iso3, partner, region, tier, posture, points, before_usd, after_usd, change_usd, limit, triggers; groups:
    sums by group and name; objective, notes: sentences.
    """

    request: WhatIfRequest
    rows: pl.DataFrame
    groups: pl.DataFrame
    prices: Sequence[ShadowPrice]
    points_before: float
    points_after: float
    objective: Sequence[str]
    notes: Sequence[str]


def list_known_names(money: MoneyFlows) -> KnownNames:
    """List the names a request may use: the partners reviewed by the last run, and their groups."""
    reviewed = money.partners.filter(pl.col("posture") != NOT_REVIEWED).sort("iso3")
    groups = {kind: sorted(reviewed[kind].unique()) for kind in NAME_KINDS[1:]}
    return KnownNames(dict(reviewed.select("iso3", "partner").iter_rows()), groups)


def solve_what_if(path: Path, money: MoneyFlows) -> WhatIfResult:
    """Solve a request file; raises BadInput if it is invalid, or with one line per colliding limit."""
    request = read_what_if_request(path, list_known_names(money))
    plan = build_what_if_plan(request, money)
    allocation = allocate_money(plan.program)
    if allocation is None:
        head, *lines = describe_collision(plan)
        raise BadInput(f"{path.name}: {head}", *lines)
    rows = _build_partner_rows(plan, allocation)
    return WhatIfResult(
        request,
        rows,
        _sum_groups(rows),
        compute_shadow_prices(plan, allocation),
        float(plan.program.base @ plan.program.points),
        allocation.points,
        list(_describe_objective(plan)),
        list(_list_reader_notes(plan, allocation, rows)),
    )


def describe_collision(plan: WhatIfPlan) -> list[str]:
    """Describe the lines that cannot all hold, each with its range under the largest changes alone."""
    lines = find_collision(plan.program)
    head = (
        "these limits cannot all hold; remove or relax any one of them:"
        if len(lines) > 1
        else "this limit cannot hold:"
    )
    changes = any(line.startswith(("largest_change", "exceptions")) for line in lines)
    texts = [f"{line}: {plan.line_texts[line]}{_describe_reach(plan, line) if changes else ''}" for line in lines]
    return [head, *texts]


def _describe_reach(plan: WhatIfPlan, line: str) -> str:
    """Describe the range of a line's sum under its members' largest changes."""
    limits = plan.program.limits
    limit = next(limit for limit in limits if limit.line == line)
    if limit.kind == "change":
        return ""
    own = {other.members[0]: other for other in limits if other.kind == "change"}
    low, high = (sum(getattr(own[n], end) for n in limit.members) for end in ("low", "high"))
    return f"; the largest changes allow {format_dollars(low * ONE_MILLION)} to {format_dollars(high * ONE_MILLION)}"


def _build_partner_rows(plan: WhatIfPlan, allocation: AllocationResult) -> pl.DataFrame:
    change_limits = {limit.members[0]: limit for limit in plan.program.limits if limit.kind == "change"}
    rows = [
        {
            **{key: row[key] for key in ("iso3", "partner", "region", "tier", "posture")},
            "points": float(plan.program.points[n]),
            "before_usd": round(row["base"], 2),
            "after_usd": round(float(allocation.amounts[n]) * ONE_MILLION, 2),
            "limit": _describe_binding_end(change_limits[n], allocation),
            "triggers": row["triggers"],
        }
        for n, row in enumerate(plan.rows)
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    changed = frame.with_columns(change_usd=(pl.col("after_usd") - pl.col("before_usd")).round(2))
    order = [*frame.columns[:8], "change_usd", "limit", "triggers"]
    return changed.select(order).sort("after_usd", "iso3", descending=[True, False])


def _describe_binding_end(limit: AllocationConstraint, allocation: AllocationResult) -> str:
    end = find_binding_end(limit, allocation.amounts)
    return END_LABELS[end] if end else ""


def _sum_groups(rows: pl.DataFrame) -> pl.DataFrame:
    parts = [
        rows.group_by(pl.col(kind).alias("name"))
        .agg(pl.len().alias("partners"), pl.col("before_usd", "after_usd", "change_usd").sum().round(2))
        .select(pl.lit(kind).alias("group"), pl.all())
        for kind in NAME_KINDS[1:]
    ]
    return pl.concat(parts).sort("group", "name")


def _describe_objective(plan: WhatIfPlan) -> Iterator[str]:
    weights = [
        f"{format_name(kind).lower()} {name} {weight:+g}"
        for kind in NAME_KINDS
        for name, weight in sorted(getattr(plan.request.priorities, kind).items())
    ]
    if weights:
        yield (
            "Each $1 million to a partner counts the points of all that names it, added up: "
            f"{'; '.join(weights)}. What is not named counts 0. Points say what the request prefers, and nothing else."
        )
    else:
        yield "The request prefers nobody: every division that keeps its limits counts alike."
    yield (
        "Of all divisions that use the whole budget and keep every limit, this one has the most points; among those "
        "with as many, the least money changes hands; and among those, changes are spread evenly, each partner in "
        "proportion to how far it may move."
    )


def _list_reader_notes(plan: WhatIfPlan, allocation: AllocationResult, rows: pl.DataFrame) -> Iterator[str]:
    if not allocation.unique:
        yield (
            "Other divisions have as many points, since several partners count alike. The rule of least and evenest "
            "change chose this one; read single figures among such partners as one choice of many."
        )
    bound = rows.filter(pl.col("triggers") != "", pl.col("change_usd") > ONE_MILLION / 100)["partner"].to_list()
    if bound:
        many = format_count(len(bound), "partner")
        yield f"Law already binds {many} that would get more here ({format_list(bound)}): look at their triggers first."
    excluded = plan.request.leave_out
    if excluded:
        yield f"Left out, and outside the budget: {format_list(sorted(excluded))}."
    yield from plan.notes
