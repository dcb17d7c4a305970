"""A division of money as a linear programme: most points first, then least change, then change spread evenly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

Vector = np.ndarray[Any, np.dtype[np.float64]]

# Millions of dollars, and points: far below what a table shows, far above HiGHS's own tolerance of 1e-7.
SLACK = 1e-5
FREE = 0.1
STEPS = 10


@dataclass(frozen=True)
class Limit:
    """A bound on the sum of some members, in millions; `asked` names the line of the request that it comes from."""

    asked: str
    kind: str
    members: tuple[int, ...]
    low: float = -np.inf
    high: float = np.inf

    def moved(self, by: float, side: str) -> "Limit":
        """The same bound with its low, its high or both ends moved, in millions."""
        ends = {"both": ("low", "high")}.get(side, (side,))
        return replace(self, **{end: getattr(self, end) + by for end in ends})


@dataclass(frozen=True)
class Programme:
    """What is divided among n partners: base (millions), points a million, limits; no partner gets less than 0."""

    base: Vector
    points: Vector
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Division:
    """A division in millions, its points, the shadow price of each limit, and whether others give as many points."""

    amounts: Vector
    points: float
    marginals: Vector
    alone: bool


def best(programme: Programme, objective: Vector | None = None, fewest: float | None = None) -> Any:
    """HiGHS's result for the most points, or for the least of another objective; None where nothing fits.

    fewest: points that the division must give.
    """
    matrix, bounds = _rows(programme, fewest)
    costs = -programme.points if objective is None else objective
    result = linprog(costs, A_ub=matrix, b_ub=bounds, bounds=(0, None), method="highs-ds")
    return result if result.status == 0 else None


def _ends(programme: Programme) -> tuple[Vector, Vector]:
    """All ends as "at most", highs then lows turned round, and which of them are no bound at all."""
    highs = [limit.high for limit in programme.limits]
    ends = np.array(highs + [-limit.low for limit in programme.limits])
    return ends, np.isfinite(ends)


def _rows(programme: Programme, fewest: float | None = None) -> tuple[csr_array, Vector]:
    """Every finite end as a row of "at most", and the points that must be reached as a last one."""
    lengths = [len(limit.members) for limit in programme.limits]
    columns = np.concatenate([np.asarray(limit.members, dtype=int) for limit in programme.limits])
    places = (np.repeat(np.arange(len(lengths)), lengths), columns)
    sums = csr_array((np.ones(len(columns)), places), shape=(len(lengths), len(programme.base)))
    ends, finite = _ends(programme)
    rows, ends = csr_array(_stack([sums, -sums])[np.flatnonzero(finite)]), ends[finite]
    if fewest is None:
        return rows, ends
    return _stack([rows, csr_array(-programme.points[None, :])]), np.append(ends, -fewest)


def _stack(parts: Sequence[csr_array]) -> csr_array:
    return csr_array(vstack(parts, format="csr"))


def divide(programme: Programme) -> Division | None:
    """The division with the most points that changes least and most evenly; None where the limits collide."""
    first = best(programme)
    if first is None:
        return None
    most = -float(first.fun)
    _, finite = _ends(programme)
    shadow = np.zeros(len(finite))
    shadow[finite] = first.ineqlin.marginals
    highs, lows = np.split(shadow, 2)
    return Division(
        _least_change(programme, most - SLACK),
        most,
        # A limit binds at one end at most, or its ends are one: more room above, less need below.
        lows - highs,
        _alone(programme, most - SLACK),
    )


def _alone(programme: Programme, fewest: float) -> bool:
    """Whether no other division gives as many points: two ends of one arbitrary direction then lie together."""
    direction = np.modf(np.arange(1, len(programme.base) + 1) * 0.6180339887498949)[0] + 0.5
    ends = [best(programme, sign * direction, fewest) for sign in (1, -1)]
    return bool(all(ends) and abs(ends[0].fun + ends[1].fun) < FREE)


def _least_change(programme: Programme, fewest: float) -> Vector:
    """Among the divisions with the most points: least sum of changes, then each partner's change in even steps."""
    matrix, bounds = _rows(programme, fewest)
    ups, downs = _room(programme)
    widths = np.concatenate([np.repeat(ups, STEPS), np.repeat(downs, STEPS)]) / STEPS
    spread = csr_array(np.kron(np.eye(len(programme.base)), np.ones(STEPS)))
    moves = hstack([spread, -spread], format="csr")
    shifted = bounds - matrix @ programme.base
    limits = np.stack([np.zeros_like(widths), widths], axis=1)
    rows = csr_array(matrix @ moves)
    least = linprog(np.ones_like(widths), A_ub=rows, b_ub=shifted, bounds=limits, method="highs-ds")
    rows = _stack([rows, csr_array(np.ones((1, len(widths))))])
    ends = np.append(shifted, float(least.fun) + SLACK)
    steps = np.tile(np.arange(1.0, STEPS + 1), 2 * len(programme.base))
    even = linprog(steps, A_ub=rows, b_ub=ends, bounds=limits, method="highs-ds")
    found = even if even.status == 0 else least
    amounts: Vector = np.maximum(programme.base + moves @ found.x, 0)
    return amounts


def _room(programme: Programme) -> tuple[Vector, Vector]:
    """How far each may move up and down by the limits that name it alone."""
    highs = np.full_like(programme.base, max(float(programme.base.sum()) * 10, 1e6))
    lows = np.zeros_like(programme.base)
    for limit in programme.limits:
        if len(limit.members) == 1:
            (at,) = limit.members
            highs[at], lows[at] = min(highs[at], limit.high), max(lows[at], limit.low)
    return np.maximum(highs - programme.base, 0), np.maximum(programme.base - lows, 0)


def without(programme: Programme, asked: set[str]) -> Programme:
    """The same programme with only the limits of the request lines named."""
    kept = tuple(limit for limit in programme.limits if limit.asked in asked)
    return replace(programme, limits=kept)


def collision(programme: Programme) -> list[str]:
    """Lines of a request that cannot hold together, and could if any one of them went (deletion filter)."""
    kept = list(dict.fromkeys(limit.asked for limit in programme.limits))
    for line in tuple(kept):
        rest = [other for other in kept if other != line]
        if not _fits(without(programme, set(rest))):
            kept = rest
    return kept


def _fits(programme: Programme) -> bool:
    return not programme.limits or best(programme, np.zeros_like(programme.points)) is not None


def at_end(limit: Limit, amounts: Vector) -> str | None:
    """Which end of a limit a division touches: low, high, both, or none."""
    total = float(amounts[list(limit.members)].sum())
    near = {side for side in ("low", "high") if abs(total - getattr(limit, side)) < 10 * SLACK}
    return "both" if len(near) == 2 else next(iter(near), None)
