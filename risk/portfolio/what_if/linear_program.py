"""A division of money as a linear programme: most points first, then least change, then change spread evenly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

FloatVector = np.ndarray[Any, np.dtype[np.float64]]

# Millions of dollars, and points: far below what a table shows, far above HiGHS's own tolerance of 1e-7.
POINT_SLACK = 1e-5
UNIQUE_TOLERANCE = 0.1
CHANGE_STEPS = 10


@dataclass(frozen=True)
class AllocationConstraint:
    """A bound on the sum of some members, in millions; `asked` names the line of the request that it comes from."""

    line: str
    kind: str
    members: tuple[int, ...]
    low: float = -np.inf
    high: float = np.inf

    def move_ends(self, by: float, side: str) -> "AllocationConstraint":
        """The same bound with its low, its high or both ends moved, in millions."""
        ends = {"both": ("low", "high")}.get(side, (side,))
        return replace(self, **{end: getattr(self, end) + by for end in ends})


@dataclass(frozen=True)
class LinearProgram:
    """What is divided among n partners: base (millions), points a million, limits; no partner gets less than 0."""

    base: FloatVector
    points: FloatVector
    limits: tuple[AllocationConstraint, ...]


@dataclass(frozen=True)
class AllocationResult:
    """A division in millions, its points, the shadow price of each limit, and whether others give as many points."""

    amounts: FloatVector
    points: float
    marginals: FloatVector
    unique: bool


def solve_linear_program(
    programme: LinearProgram, objective: FloatVector | None = None, fewest: float | None = None
) -> Any:
    """HiGHS's result for the most points, or for the least of another objective; None where nothing fits.

    fewest: points that the division must give.
    """
    matrix, bounds = _build_matrix_rows(programme, fewest)
    costs = -programme.points if objective is None else objective
    result = linprog(costs, A_ub=matrix, b_ub=bounds, bounds=(0, None), method="highs-ds")
    return result if result.status == 0 else None


def _list_constraint_ends(programme: LinearProgram) -> tuple[FloatVector, FloatVector]:
    """All ends as "at most", highs then lows turned round, and which of them are no bound at all."""
    highs = [limit.high for limit in programme.limits]
    ends = np.array(highs + [-limit.low for limit in programme.limits])
    return ends, np.isfinite(ends)


def _build_matrix_rows(programme: LinearProgram, fewest: float | None = None) -> tuple[csr_array, FloatVector]:
    """Every finite end as a row of "at most", and the points that must be reached as a last one."""
    lengths = [len(limit.members) for limit in programme.limits]
    columns = np.concatenate([np.asarray(limit.members, dtype=int) for limit in programme.limits])
    places = (np.repeat(np.arange(len(lengths)), lengths), columns)
    sums = csr_array((np.ones(len(columns)), places), shape=(len(lengths), len(programme.base)))
    ends, finite = _list_constraint_ends(programme)
    rows, ends = csr_array(_stack_rows([sums, -sums])[np.flatnonzero(finite)]), ends[finite]
    if fewest is None:
        return rows, ends
    return _stack_rows([rows, csr_array(-programme.points[None, :])]), np.append(ends, -fewest)


def _stack_rows(parts: Sequence[csr_array]) -> csr_array:
    return csr_array(vstack(parts, format="csr"))


def allocate_money(programme: LinearProgram) -> AllocationResult | None:
    """The division with the most points that changes least and most evenly; None where the limits collide."""
    first = solve_linear_program(programme)
    if first is None:
        return None
    most = -float(first.fun)
    _, finite = _list_constraint_ends(programme)
    shadow = np.zeros(len(finite))
    shadow[finite] = first.ineqlin.marginals
    highs, lows = np.split(shadow, 2)
    return AllocationResult(
        _minimize_change(programme, most - POINT_SLACK),
        most,
        # A limit binds at one end at most, or its ends are one: more room above, less need below.
        lows - highs,
        _has_unique_solution(programme, most - POINT_SLACK),
    )


def _has_unique_solution(programme: LinearProgram, fewest: float) -> bool:
    """Whether no other division gives as many points: two ends of one arbitrary direction then lie together."""
    direction = np.modf(np.arange(1, len(programme.base) + 1) * 0.6180339887498949)[0] + 0.5
    ends = [solve_linear_program(programme, sign * direction, fewest) for sign in (1, -1)]
    return bool(all(ends) and abs(ends[0].fun + ends[1].fun) < UNIQUE_TOLERANCE)


def _minimize_change(programme: LinearProgram, fewest: float) -> FloatVector:
    """Among the divisions with the most points: least sum of changes, then each partner's change in even steps."""
    matrix, bounds = _build_matrix_rows(programme, fewest)
    ups, downs = _compute_change_room(programme)
    widths = np.concatenate([np.repeat(ups, CHANGE_STEPS), np.repeat(downs, CHANGE_STEPS)]) / CHANGE_STEPS
    spread = csr_array(np.kron(np.eye(len(programme.base)), np.ones(CHANGE_STEPS)))
    moves = hstack([spread, -spread], format="csr")
    shifted = bounds - matrix @ programme.base
    limits = np.stack([np.zeros_like(widths), widths], axis=1)
    rows = csr_array(matrix @ moves)
    least = linprog(np.ones_like(widths), A_ub=rows, b_ub=shifted, bounds=limits, method="highs-ds")
    rows = _stack_rows([rows, csr_array(np.ones((1, len(widths))))])
    ends = np.append(shifted, float(least.fun) + POINT_SLACK)
    steps = np.tile(np.arange(1.0, CHANGE_STEPS + 1), 2 * len(programme.base))
    even = linprog(steps, A_ub=rows, b_ub=ends, bounds=limits, method="highs-ds")
    found = even if even.status == 0 else least
    amounts: FloatVector = np.maximum(programme.base + moves @ found.x, 0)
    return amounts


def _compute_change_room(programme: LinearProgram) -> tuple[FloatVector, FloatVector]:
    """How far each may move up and down by the limits that name it alone."""
    highs = np.full_like(programme.base, max(float(programme.base.sum()) * 10, 1e6))
    lows = np.zeros_like(programme.base)
    for limit in programme.limits:
        if len(limit.members) == 1:
            (at,) = limit.members
            highs[at], lows[at] = min(highs[at], limit.high), max(lows[at], limit.low)
    return np.maximum(highs - programme.base, 0), np.maximum(programme.base - lows, 0)


def select_constraints(programme: LinearProgram, asked: set[str]) -> LinearProgram:
    """The same programme with only the limits of the request lines named."""
    kept = tuple(limit for limit in programme.limits if limit.line in asked)
    return replace(programme, limits=kept)


def find_collision(programme: LinearProgram) -> list[str]:
    """Lines of a request that cannot hold together, and could if any one of them went (deletion filter)."""
    kept = list(dict.fromkeys(limit.line for limit in programme.limits))
    for line in tuple(kept):
        rest = [other for other in kept if other != line]
        if not _is_feasible(select_constraints(programme, set(rest))):
            kept = rest
    return kept


def _is_feasible(programme: LinearProgram) -> bool:
    return not programme.limits or solve_linear_program(programme, np.zeros_like(programme.points)) is not None


def find_binding_end(limit: AllocationConstraint, amounts: FloatVector) -> str | None:
    """Which end of a limit a division touches: low, high, both, or none."""
    total = float(amounts[list(limit.members)].sum())
    near = {side for side in ("low", "high") if abs(total - getattr(limit, side)) < 10 * POINT_SLACK}
    return "both" if len(near) == 2 else next(iter(near), None)
