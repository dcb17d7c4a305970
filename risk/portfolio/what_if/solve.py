"""A what-if from request to result: before and after, prices, and what a reader must know; or what collides."""

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
    """One answered request.

    rows: iso3, partner, region, tier, posture, points, before_usd, after_usd, change_usd, limit, triggers; groups:
    the same summed by group and name; objective, notes: sentences.
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
    """Whom and what a request may name: the partners that the last run reviewed."""
    reviewed = money.partners.filter(pl.col("posture") != NOT_REVIEWED).sort("iso3")
    groups = {kind: sorted(reviewed[kind].unique()) for kind in NAME_KINDS[1:]}
    return KnownNames(dict(reviewed.select("iso3", "partner").iter_rows()), groups)


def solve_what_if(path: Path, money: MoneyFlows) -> WhatIfResult:
    """Answer a request file; raises BadInput for one that cannot be read, or with a line a limit that collides."""
    request = read_what_if_request(path, list_known_names(money))
    plan = build_what_if_plan(request, money)
    division = allocate_money(plan.program)
    if division is None:
        head, *lines = describe_collision(plan)
        raise BadInput(f"{path.name}: {head}", *lines)
    rows = _build_partner_rows(plan, division)
    return WhatIfResult(
        request,
        rows,
        _sum_groups(rows),
        compute_shadow_prices(plan, division),
        float(plan.program.base @ plan.program.points),
        division.points,
        list(_describe_objective(plan)),
        list(_list_reader_notes(plan, division, rows)),
    )


def describe_collision(plan: WhatIfPlan) -> list[str]:
    """The lines that cannot hold together, each with how far it could go under the largest changes alone."""
    lines = find_collision(plan.program)
    head = "these cannot all hold; leave out or loosen any one of them:" if len(lines) > 1 else "this can never hold:"
    changes = any(line.startswith(("largest_change", "exceptions")) for line in lines)
    told = [f"{line}: {plan.line_texts[line]}{_describe_reach(plan, line) if changes else ''}" for line in lines]
    return [head, *told]


def _describe_reach(plan: WhatIfPlan, line: str) -> str:
    """What the members of a line can add up to by their largest changes."""
    limits = plan.program.limits
    limit = next(limit for limit in limits if limit.line == line)
    if limit.kind == "change":
        return ""
    own = {other.members[0]: other for other in limits if other.kind == "change"}
    low, high = (sum(getattr(own[n], end) for n in limit.members) for end in ("low", "high"))
    return (
        f", and by their largest changes they can have {format_dollars(low * ONE_MILLION)} to "
        f"{format_dollars(high * ONE_MILLION)}"
    )


def _build_partner_rows(plan: WhatIfPlan, division: AllocationResult) -> pl.DataFrame:
    held = {limit.members[0]: limit for limit in plan.program.limits if limit.kind == "change"}
    rows = [
        {
            **{key: row[key] for key in ("iso3", "partner", "region", "tier", "posture")},
            "points": float(plan.program.points[n]),
            "before_usd": round(row["base"], 2),
            "after_usd": round(float(division.amounts[n]) * ONE_MILLION, 2),
            "limit": _describe_binding_end(held[n], division),
            "triggers": row["triggers"],
        }
        for n, row in enumerate(plan.rows)
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    changed = frame.with_columns(change_usd=(pl.col("after_usd") - pl.col("before_usd")).round(2))
    order = [*frame.columns[:8], "change_usd", "limit", "triggers"]
    return changed.select(order).sort("after_usd", "iso3", descending=[True, False])


def _describe_binding_end(limit: AllocationConstraint, division: AllocationResult) -> str:
    end = find_binding_end(limit, division.amounts)
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
    given = [
        f"{format_name(kind).lower()} {name} {weight:+g}"
        for kind in NAME_KINDS
        for name, weight in sorted(getattr(plan.request.priorities, kind).items())
    ]
    if given:
        yield (
            "Each $1 million to a partner counts the points of all that names it, added up: "
            f"{'; '.join(given)}. What is not named counts 0. Points say what the request prefers, and nothing else."
        )
    else:
        yield "The request prefers nobody: every division that keeps its limits counts alike."
    yield (
        "Of all divisions that use the whole budget and keep every limit, this one has the most points; among those "
        "with as many, the least money changes hands; and among those, changes are spread evenly, each partner in "
        "proportion to how far it may move."
    )


def _list_reader_notes(plan: WhatIfPlan, division: AllocationResult, rows: pl.DataFrame) -> Iterator[str]:
    if not division.unique:
        yield (
            "Other divisions have as many points, since several partners count alike. The rule of least and evenest "
            "change chose this one; read single figures among such partners as one choice of many."
        )
    bound = rows.filter(pl.col("triggers") != "", pl.col("change_usd") > ONE_MILLION / 100)["partner"].to_list()
    if bound:
        many = format_count(len(bound), "partner")
        yield f"Law already binds {many} that would get more here ({format_list(bound)}): look at their triggers first."
    left = plan.request.leave_out
    if left:
        yield f"Left out, and outside the budget: {format_list(sorted(left))}."
    yield from plan.notes
