"""Shadow prices of binding limits, from solving again with each limit moved by one million dollars."""

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

# Solving again for a sentence is expensive, so only this many limits on single partners' changes get one.
PRICED_CHANGES = 8
LEAST_DIFFERENCE = 0.01
MOST_NAMED = 3


@dataclass(frozen=True)
class ShadowPrice:
    """A binding limit, the points that one million more of it brings (for a floor, costs), and its sentence.

    end: the binding end; points: None if the limit cannot move by a million; marginal: HiGHS's shadow price.
    """

    asked: str
    kind: str
    about: str
    end: str
    points: float | None
    marginal: float
    words: str


def compute_shadow_prices(plan: WhatIfPlan, allocation: AllocationResult) -> list[ShadowPrice]:
    """Compute the price of every binding limit: floors, caps and budget first, then changes by cost, highest first."""
    prices = list(_list_binding_prices(plan, allocation))
    own = [price for price in prices if price.kind != "change"]
    changes = sorted(
        (price for price in prices if price.kind == "change"), key=lambda price: (-abs(price.points or 0), price.about)
    )
    return own + changes


def _list_binding_prices(plan: WhatIfPlan, allocation: AllocationResult) -> Iterator[ShadowPrice]:
    """Yield the price of each binding limit; of changes, only the costliest get a sentence (three solutions each)."""
    limits = plan.program.limits
    ranked = sorted(range(len(limits)), key=lambda n: (-abs(allocation.marginals[n]), n))
    described = {n for n in ranked if limits[n].kind == "change" and abs(allocation.marginals[n]) > LEAST_DIFFERENCE}
    described = set(sorted(described, key=ranked.index)[:PRICED_CHANGES])
    for index, limit in enumerate(limits):
        end = find_binding_end(limit, allocation.amounts)
        if end is None or (limit.kind == "change" and limit.low == limit.high):
            continue
        marginal = float(allocation.marginals[index])
        moved = move_constraint(plan.program, index, end)
        cost = compute_shadow_price(plan.program, moved, allocation.points)
        words = ""
        if limit.kind != "change" or index in described:
            words = _format_price_sentence(plan, limit, end, cost, marginal, allocation.amounts, moved)
        yield ShadowPrice(limit.line, limit.kind, _name_constraint(plan, limit), end, cost, marginal, words)


def move_constraint(program: LinearProgram, index: int, end: str) -> LinearProgram:
    """Move one limit by one million: a floor, cap or budget up, a change limit wider."""
    limit = program.limits[index]
    falls = limit.kind == "change" and end == "low"
    limits = list(program.limits)
    limits[index] = limit.move_ends(-1.0 if falls else 1.0, end)
    if falls:
        limits[index] = replace(limits[index], low=max(limits[index].low, 0.0))
    return replace(program, limits=tuple(limits))


def compute_shadow_price(program: LinearProgram, moved: LinearProgram, points: float | None = None) -> float | None:
    """Compute the points gained by the moved program; None if it is infeasible."""
    result = solve_linear_program(moved)
    if points is None:
        points = -float(solve_linear_program(program).fun)
    return None if result is None else round(-float(result.fun) - points, 6)


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
    direction = "grow" if end == "high" else "fall"
    return f"{head} may {direction} no further: $1 million more room to {direction} {_format_gain(cost)}{shift}."


def _format_cost(cost: float) -> str:
    if abs(cost) < LEAST_DIFFERENCE:
        return "costs no points"
    return f"costs {-cost:.2f} points" if cost < 0 else f"brings {cost:.2f} points"


def _format_gain(cost: float) -> str:
    if abs(cost) < LEAST_DIFFERENCE:
        return "brings no points"
    return f"brings {cost:.2f} points" if cost > 0 else f"costs {-cost:.2f} points"


def _describe_shift(plan: WhatIfPlan, shift: FloatVector, members: set[int]) -> str:
    """Describe who pays and who gains when a limit moves, except the limit's own members."""
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
    """Format one sum and who shares it: among partners with equal points, the split is arbitrary."""
    names = [name for _, name in moves[:MOST_NAMED]]
    more = [f"{len(moves) - MOST_NAMED} more"] if len(moves) > MOST_NAMED else []
    return f"${sum(abs(by) for by, _ in moves):.2f} million {way} {format_list(names + more)}"
