"""Allocation as a linear program: maximize points, then minimize change, then spread change evenly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

FloatVector = np.ndarray[Any, np.dtype[np.float64]]

# In millions of dollars and in points: far below a table's precision, far above HiGHS's tolerance of 1e-7.
POINT_SLACK = 1e-5
UNIQUE_TOLERANCE = 0.1
CHANGE_STEPS = 10


@dataclass(frozen=True)
class AllocationConstraint:
    """A bound on the sum of some partners' amounts, in millions; `line` is the request line it comes from."""

    line: str
    kind: str
    members: tuple[int, ...]
    low: float = -np.inf
    high: float = np.inf

    def move_ends(self, by: float, side: str) -> "AllocationConstraint":
        """Return the bound with its low end, its high end or both moved, in millions."""
        ends = {"both": ("low", "high")}.get(side, (side,))
        return replace(self, **{end: getattr(self, end) + by for end in ends})


@dataclass(frozen=True)
class LinearProgram:
    """An allocation among n partners: base (millions), points per million, limits; amounts are not negative."""

    base: FloatVector
    points: FloatVector
    limits: tuple[AllocationConstraint, ...]


@dataclass(frozen=True)
class AllocationResult:
    """An allocation in millions, its points, each limit's shadow price, and whether it is the only optimum."""

    amounts: FloatVector
    points: float
    marginals: FloatVector
    unique: bool


def solve_linear_program(
    program: LinearProgram, objective: FloatVector | None = None, fewest: float | None = None
) -> Any:
    """Solve with HiGHS for the most points or the minimum of another objective; None if infeasible.

    fewest: minimum points of the allocation.
    """
    matrix, bounds = _build_matrix_rows(program, fewest)
    costs = -program.points if objective is None else objective
    result = linprog(costs, A_ub=matrix, b_ub=bounds, bounds=(0, None), method="highs-ds")
    return result if result.status == 0 else None


def _list_constraint_ends(program: LinearProgram) -> tuple[FloatVector, FloatVector]:
    """Return all bounds as upper bounds (highs, then negated lows), and which of them are finite."""
    highs = [limit.high for limit in program.limits]
    ends = np.array(highs + [-limit.low for limit in program.limits])
    return ends, np.isfinite(ends)


def _build_matrix_rows(program: LinearProgram, fewest: float | None = None) -> tuple[csr_array, FloatVector]:
    """Build a row per finite upper bound, and a last row for the minimum points."""
    lengths = [len(limit.members) for limit in program.limits]
    columns = np.concatenate([np.asarray(limit.members, dtype=int) for limit in program.limits])
    indices = (np.repeat(np.arange(len(lengths)), lengths), columns)
    sums = csr_array((np.ones(len(columns)), indices), shape=(len(lengths), len(program.base)))
    ends, finite = _list_constraint_ends(program)
    rows, ends = csr_array(_stack_rows([sums, -sums])[np.flatnonzero(finite)]), ends[finite]
    if fewest is None:
        return rows, ends
    return _stack_rows([rows, csr_array(-program.points[None, :])]), np.append(ends, -fewest)


def _stack_rows(parts: Sequence[csr_array]) -> csr_array:
    return csr_array(vstack(parts, format="csr"))


def allocate_money(program: LinearProgram) -> AllocationResult | None:
    """Find the allocation with most points, then least and most even change; None if the limits collide."""
    first = solve_linear_program(program)
    if first is None:
        return None
    most = -float(first.fun)
    _, finite = _list_constraint_ends(program)
    shadow = np.zeros(len(finite))
    shadow[finite] = first.ineqlin.marginals
    highs, lows = np.split(shadow, 2)
    return AllocationResult(
        _minimize_change(program, most - POINT_SLACK),
        most,
        # A limit binds at one end unless its ends are equal: raising it relaxes the high end and tightens the low.
        lows - highs,
        _has_unique_solution(program, most - POINT_SLACK),
    )


def _has_unique_solution(program: LinearProgram, fewest: float) -> bool:
    """Whether no other allocation has as many points: the optima in two opposite directions then coincide."""
    direction = np.modf(np.arange(1, len(program.base) + 1) * 0.6180339887498949)[0] + 0.5
    ends = [solve_linear_program(program, sign * direction, fewest) for sign in (1, -1)]
    return bool(all(ends) and abs(ends[0].fun + ends[1].fun) < UNIQUE_TOLERANCE)


def _minimize_change(program: LinearProgram, fewest: float) -> FloatVector:
    """Among allocations with most points, minimize the sum of changes, then spread each partner's change evenly."""
    matrix, bounds = _build_matrix_rows(program, fewest)
    ups, downs = _compute_change_room(program)
    widths = np.concatenate([np.repeat(ups, CHANGE_STEPS), np.repeat(downs, CHANGE_STEPS)]) / CHANGE_STEPS
    spread = csr_array(np.kron(np.eye(len(program.base)), np.ones(CHANGE_STEPS)))
    moves = hstack([spread, -spread], format="csr")
    shifted = bounds - matrix @ program.base
    limits = np.stack([np.zeros_like(widths), widths], axis=1)
    rows = csr_array(matrix @ moves)
    least = linprog(np.ones_like(widths), A_ub=rows, b_ub=shifted, bounds=limits, method="highs-ds")
    rows = _stack_rows([rows, csr_array(np.ones((1, len(widths))))])
    ends = np.append(shifted, float(least.fun) + POINT_SLACK)
    steps = np.tile(np.arange(1.0, CHANGE_STEPS + 1), 2 * len(program.base))
    even = linprog(steps, A_ub=rows, b_ub=ends, bounds=limits, method="highs-ds")
    solution = even if even.status == 0 else least
    amounts: FloatVector = np.maximum(program.base + moves @ solution.x, 0)
    return amounts


def _compute_change_room(program: LinearProgram) -> tuple[FloatVector, FloatVector]:
    """Compute each partner's room up and down under the limits on that partner alone."""
    highs = np.full_like(program.base, max(float(program.base.sum()) * 10, 1e6))
    lows = np.zeros_like(program.base)
    for limit in program.limits:
        if len(limit.members) == 1:
            (index,) = limit.members
            highs[index], lows[index] = min(highs[index], limit.high), max(lows[index], limit.low)
    return np.maximum(highs - program.base, 0), np.maximum(program.base - lows, 0)


def select_constraints(program: LinearProgram, lines: set[str]) -> LinearProgram:
    """Keep only the limits of the given request lines."""
    kept = tuple(limit for limit in program.limits if limit.line in lines)
    return replace(program, limits=kept)


def find_collision(program: LinearProgram) -> list[str]:
    """Find a minimal set of request lines that cannot all hold (deletion filter)."""
    kept = list(dict.fromkeys(limit.line for limit in program.limits))
    for line in tuple(kept):
        rest = [other for other in kept if other != line]
        if not _is_feasible(select_constraints(program, set(rest))):
            kept = rest
    return kept


def _is_feasible(program: LinearProgram) -> bool:
    return not program.limits or solve_linear_program(program, np.zeros_like(program.points)) is not None


def find_binding_end(limit: AllocationConstraint, amounts: FloatVector) -> str | None:
    """Return which end of a limit an allocation touches: low, high, both, or None."""
    total = float(amounts[list(limit.members)].sum())
    near = {side for side in ("low", "high") if abs(total - getattr(limit, side)) < 10 * POINT_SLACK}
    return "both" if len(near) == 2 else next(iter(near), None)
