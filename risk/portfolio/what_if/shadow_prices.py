"""What each binding limit costs, by solving again with it moved by one million dollars, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from risk.portfolio.what_if.linear_program import (
    AllocationConstraint,
    AllocationResult,
    FloatVector,
    LinearProgram,
    allocate_money,
    find_binding_end,
    solve_linear_program,
)
from risk.portfolio.what_if.plan import WhatIfPlan
from risk.report.formatting import format_list

# Of the limits on single partners' changes, as many as are worth a sentence.
PRICED_CHANGES = 8
LEAST_DIFFERENCE = 0.01
MOST_NAMED = 3


@dataclass(frozen=True)
class ShadowPrice:
    """One binding limit: the points that one million more of it brings (a floor's are lost), and the words for it.

    end: the end that binds; points: none where the limit cannot move by a million; marginal: HiGHS's own.
    """

    asked: str
    kind: str
    about: str
    end: str
    points: float | None
    marginal: float
    words: str


def compute_shadow_prices(plan: WhatIfPlan, division: AllocationResult) -> list[ShadowPrice]:
    """Every binding limit with its price: those of the request's own lines first, then changes, dearest first."""
    found = list(_list_binding_prices(plan, division))
    own = [price for price in found if price.kind != "change"]
    changes = sorted(
        (price for price in found if price.kind == "change"), key=lambda price: (-abs(price.points or 0), price.about)
    )
    return own + changes


def _list_binding_prices(plan: WhatIfPlan, division: AllocationResult) -> Iterator[ShadowPrice]:
    """Sentences cost three solutions each: of the changes, only the dearest by HiGHS's own price get one."""
    limits = plan.program.limits
    dear = sorted(range(len(limits)), key=lambda n: (-abs(division.marginals[n]), n))
    told = {n for n in dear if limits[n].kind == "change" and abs(division.marginals[n]) > LEAST_DIFFERENCE}
    told = set(sorted(told, key=dear.index)[:PRICED_CHANGES])
    for at, limit in enumerate(limits):
        end = find_binding_end(limit, division.amounts)
        if end is None or (limit.kind == "change" and limit.low == limit.high):
            continue
        marginal = float(division.marginals[at])
        moved = move_constraint(plan.program, at, end)
        cost = compute_shadow_price(plan.program, moved, division.points)
        words = ""
        if limit.kind != "change" or at in told:
            words = _format_price_sentence(plan, limit, end, cost, marginal, division.amounts, moved)
        yield ShadowPrice(limit.line, limit.kind, _name_constraint(plan, limit), end, cost, marginal, words)


def move_constraint(programme: LinearProgram, at: int, end: str) -> LinearProgram:
    """The programme with one limit moved by one million: a floor, cap or budget up, a change wider."""
    limit = programme.limits[at]
    falls = limit.kind == "change" and end == "low"
    limits = list(programme.limits)
    limits[at] = limit.move_ends(-1.0 if falls else 1.0, end)
    if falls:
        limits[at] = replace(limits[at], low=max(limits[at].low, 0.0))
    return replace(programme, limits=tuple(limits))


def compute_shadow_price(programme: LinearProgram, moved: LinearProgram, points: float | None = None) -> float | None:
    """Points of the moved programme less those of the programme; none where the moved one cannot hold."""
    there = solve_linear_program(moved)
    if points is None:
        points = -float(solve_linear_program(programme).fun)
    return None if there is None else round(-float(there.fun) - points, 6)


def _name_constraint(plan: WhatIfPlan, limit: AllocationConstraint) -> str:
    if limit.kind == "budget":
        return "the budget"
    if limit.kind == "change":
        return str(plan.rows[limit.members[0]]["partner"])
    return plan.line_texts[limit.line].split(" is $")[0]


def _format_price_sentence(
    plan: WhatIfPlan,
    limit: AllocationConstraint,
    end: str,
    cost: float | None,
    marginal: float,
    before: FloatVector,
    moved: LinearProgram,
) -> str:
    about = _name_constraint(plan, limit)
    head = about[:1].upper() + about[1:]
    if cost is None:
        return f"{head}: it cannot move by a further $1 million without breaking another limit."
    after = allocate_money(moved)
    named = set(limit.members) if limit.kind != "budget" else set()
    shift = _describe_shift(plan, (after.amounts if after else before) - before, named)
    if abs(abs(cost) - abs(marginal)) > LEAST_DIFFERENCE:
        shift += f" (the first dollars count {abs(marginal):.2f} points a million: another limit soon binds)"
    if limit.kind == "floor":
        return f"{head}: each further $1 million there {_format_cost(cost)}{shift}."
    if limit.kind == "cap":
        return f"{head}: each further $1 million allowed there {_format_gain(cost)}{shift}."
    if limit.kind == "budget":
        return f"{head}: each further $1 million in all {_format_gain(cost)}{shift}."
    way = "grow" if end == "high" else "fall"
    return f"{head} may {way} no further: $1 million more room to {way} {_format_gain(cost)}{shift}."


def _format_cost(cost: float) -> str:
    if abs(cost) < LEAST_DIFFERENCE:
        return "costs no points"
    return f"costs {-cost:.2f} points" if cost < 0 else f"brings {cost:.2f} points"


def _format_gain(cost: float) -> str:
    if abs(cost) < LEAST_DIFFERENCE:
        return "brings no points"
    return f"brings {cost:.2f} points" if cost > 0 else f"costs {-cost:.2f} points"


def _describe_shift(plan: WhatIfPlan, shift: FloatVector, members: set[int]) -> str:
    """Who pays and who gains when a limit moves, leaving out those whom the limit itself names."""
    others = [
        (float(by), str(row["partner"]))
        for n, (row, by) in enumerate(zip(plan.rows, shift, strict=True))
        if n not in members
    ]
    payers = sorted((by, name) for by, name in others if by <= -LEAST_DIFFERENCE)
    gainers = sorted((-by, name) for by, name in others if by >= LEAST_DIFFERENCE)
    parts = [
        f"takes {_format_moves(payers, 'from')}" if payers else "",
        f"gives {_format_moves(gainers, 'to')}" if gainers else "",
    ]
    return "".join(f", and {part}" for part in parts if part)


def _format_moves(moves: Sequence[tuple[float, str]], way: str) -> str:
    """One sum and who shares it: among partners that count alike, who pays what is chance."""
    names = [name for _, name in moves[:MOST_NAMED]]
    more = [f"{len(moves) - MOST_NAMED} more"] if len(moves) > MOST_NAMED else []
    return f"${sum(abs(by) for by, _ in moves):.2f} million {way} {format_list(names + more)}"
