"""A what-if from request to result: before and after, prices, and what a reader must know; or what collides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from risk.portfolio.flows import NOT_REVIEWED, Money
from risk.portfolio.what_if.linear_program import Division, Limit, at_end, collision, divide
from risk.portfolio.what_if.plan import MILLION, Plan, build_plan, dollars
from risk.portfolio.what_if.request import KINDS, Names, Request, read_request
from risk.portfolio.what_if.shadow_prices import Price, prices
from risk.report.formatting import counted, listed, phrase

ENDS = {"high": "rise", "low": "fall", "both": "cannot move"}


@dataclass(frozen=True)
class WhatIf:
    """One answered request.

    rows: iso3, partner, region, tier, posture, points, before_usd, after_usd, change_usd, limit, triggers; groups:
    the same summed by group and name; objective, notes: sentences.
    """

    request: Request
    rows: pl.DataFrame
    groups: pl.DataFrame
    prices: Sequence[Price]
    points_before: float
    points_after: float
    objective: Sequence[str]
    notes: Sequence[str]


def known_names(money: Money) -> Names:
    """Whom and what a request may name: the partners that the last run reviewed."""
    reviewed = money.partners.filter(pl.col("posture") != NOT_REVIEWED).sort("iso3")
    groups = {kind: sorted(reviewed[kind].unique()) for kind in KINDS[1:]}
    return Names(dict(reviewed.select("iso3", "partner").iter_rows()), groups)


def what_if(path: Path, money: Money) -> WhatIf:
    """Answer a request file; raises BadInput for one that cannot be read, or with a line a limit that collides."""
    request = read_request(path, known_names(money))
    plan = build_plan(request, money)
    division = divide(plan.programme)
    if division is None:
        head, *lines = told_collision(plan)
        raise BadInput(f"{path.name}: {head}", *lines)
    rows = _rows(plan, division)
    return WhatIf(
        request,
        rows,
        _groups(rows),
        prices(plan, division),
        float(plan.programme.base @ plan.programme.points),
        division.points,
        list(_objective(plan)),
        list(_notes(plan, division, rows)),
    )


def told_collision(plan: Plan) -> list[str]:
    """The lines that cannot hold together, each with how far it could go under the largest changes alone."""
    lines = collision(plan.programme)
    head = "these cannot all hold; leave out or loosen any one of them:" if len(lines) > 1 else "this can never hold:"
    changes = any(line.startswith(("largest_change", "exceptions")) for line in lines)
    told = [f"{line}: {plan.words[line]}{_reach(plan, line) if changes else ''}" for line in lines]
    return [head, *told]


def _reach(plan: Plan, line: str) -> str:
    """What the members of a line can add up to by their largest changes."""
    limits = plan.programme.limits
    limit = next(limit for limit in limits if limit.asked == line)
    if limit.kind == "change":
        return ""
    own = {other.members[0]: other for other in limits if other.kind == "change"}
    low, high = (sum(getattr(own[n], end) for n in limit.members) for end in ("low", "high"))
    return f", and by their largest changes they can have {dollars(low * MILLION)} to {dollars(high * MILLION)}"


def _rows(plan: Plan, division: Division) -> pl.DataFrame:
    held = {limit.members[0]: limit for limit in plan.programme.limits if limit.kind == "change"}
    rows = [
        {
            **{key: row[key] for key in ("iso3", "partner", "region", "tier", "posture")},
            "points": float(plan.programme.points[n]),
            "before_usd": round(row["base"], 2),
            "after_usd": round(float(division.amounts[n]) * MILLION, 2),
            "limit": _held(held[n], division),
            "triggers": row["triggers"],
        }
        for n, row in enumerate(plan.rows)
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    changed = frame.with_columns(change_usd=(pl.col("after_usd") - pl.col("before_usd")).round(2))
    order = [*frame.columns[:8], "change_usd", "limit", "triggers"]
    return changed.select(order).sort("after_usd", "iso3", descending=[True, False])


def _held(limit: Limit, division: Division) -> str:
    end = at_end(limit, division.amounts)
    return ENDS[end] if end else ""


def _groups(rows: pl.DataFrame) -> pl.DataFrame:
    parts = [
        rows.group_by(pl.col(kind).alias("name"))
        .agg(pl.len().alias("partners"), pl.col("before_usd", "after_usd", "change_usd").sum().round(2))
        .select(pl.lit(kind).alias("group"), pl.all())
        for kind in KINDS[1:]
    ]
    return pl.concat(parts).sort("group", "name")


def _objective(plan: Plan) -> Iterator[str]:
    given = [
        f"{phrase(kind).lower()} {name} {weight:+g}"
        for kind in KINDS
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


def _notes(plan: Plan, division: Division, rows: pl.DataFrame) -> Iterator[str]:
    if not division.alone:
        yield (
            "Other divisions have as many points, since several partners count alike. The rule of least and evenest "
            "change chose this one; read single figures among such partners as one choice of many."
        )
    bound = rows.filter(pl.col("triggers") != "", pl.col("change_usd") > MILLION / 100)["partner"].to_list()
    if bound:
        many = counted(len(bound), "partner")
        yield f"Law already binds {many} that would get more here ({listed(bound)}): look at their triggers first."
    left = plan.request.leave_out
    if left:
        yield f"Left out, and outside the budget: {listed(sorted(left))}."
    yield from plan.told
