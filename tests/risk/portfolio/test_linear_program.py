"""The linear programme: limits hold, prices are what solving again gives, collisions name no more than they must."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.portfolio.what_if.linear_program import (
    AllocationConstraint,
    LinearProgram,
    allocate_money,
    find_binding_end,
    find_collision,
    select_constraints,
    solve_linear_program,
)
from risk.portfolio.what_if.shadow_prices import compute_shadow_price, move_constraint

NEAR = 1e-3
SIZES = st.integers(2, 6)


@st.composite
def invented(draw: st.DrawFn) -> LinearProgram:
    """An invented programme: a budget, largest changes, and floors and caps that may or may not fit together."""
    size = draw(SIZES)
    base = np.array(draw(st.lists(st.integers(0, 500), min_size=size, max_size=size)), dtype=float)
    points = np.array(draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size)), dtype=float)
    share, grows = draw(st.sampled_from((0.1, 0.5, 2.0))), draw(st.sampled_from((0.8, 1.0, 1.3)))
    total = float(base.sum()) * grows
    limits = [AllocationConstraint("budget", "budget", tuple(range(size)), total, total)]
    for at in range(draw(st.integers(0, 3))):
        members = tuple(sorted(draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=3))))
        edge = float(draw(st.integers(0, 600)))
        kind = draw(st.sampled_from(("floor", "cap")))
        limits.append(
            AllocationConstraint(f"{kind}s.{at}", kind, members, **{"low" if kind == "floor" else "high": edge})
        )
    for at in range(size):
        room = share * float(base[at]) + 5
        limits.append(
            AllocationConstraint(
                "largest_change", "change", (at,), max(float(base[at]) - room, 0), float(base[at]) + room
            )
        )
    return LinearProgram(base, points, tuple(limits))


@settings(max_examples=60, deadline=None)
@given(invented())
def test_a_division_keeps_every_limit_and_uses_the_whole_budget(programme: LinearProgram) -> None:
    division = allocate_money(programme)
    if division is None:
        return
    for limit in programme.limits:
        total = division.amounts[list(limit.members)].sum()
        assert limit.low - NEAR <= total <= limit.high + NEAR, limit
    assert (division.amounts >= 0).all()
    assert abs(division.amounts @ programme.points - division.points) < NEAR


@settings(max_examples=40, deadline=None)
@given(invented())
def test_the_price_of_a_limit_is_the_difference_of_solving_again(programme: LinearProgram) -> None:
    division = allocate_money(programme)
    if division is None:
        return
    for at, limit in enumerate(programme.limits):
        end = find_binding_end(limit, division.amounts)
        if end is None or (limit.kind == "change" and end == "low" and limit.low < 1):
            continue
        moved = move_constraint(programme, at, end)
        there, cost = solve_linear_program(moved), compute_shadow_price(programme, moved)
        assert (there is None) == (cost is None)
        if there is not None and cost is not None:
            assert abs(-there.fun - division.points - cost) < NEAR
            # Points fall off ever faster: the first dollar says at most what a whole million brings.
            sign = -1.0 if limit.kind == "change" and end == "low" else 1.0
            assert cost <= sign * division.marginals[at] + NEAR


@settings(max_examples=60, deadline=None)
@given(invented())
def test_lines_that_collide_do_so_together_and_not_without_any_one_of_them(programme: LinearProgram) -> None:
    if solve_linear_program(programme) is not None:
        return
    lines = find_collision(programme)
    assert lines and solve_linear_program(select_constraints(programme, set(lines))) is None
    for line in lines:
        rest = select_constraints(programme, set(lines) - {line})
        assert not rest.limits or solve_linear_program(rest, np.zeros_like(programme.points)) is not None


def three(points: tuple[float, ...], *limits: AllocationConstraint) -> LinearProgram:
    """Three invented partners with 100 million each, who may move by 50."""
    changes = [AllocationConstraint("largest_change", "change", (n,), 50.0, 150.0) for n in range(3)]
    return LinearProgram(
        np.full(3, 100.0),
        np.array(points),
        (AllocationConstraint("budget", "budget", (0, 1, 2), 300, 300), *limits, *changes),
    )


def test_most_points_come_first_and_a_floor_costs_what_is_preferred_elsewhere() -> None:
    programme = three((3.0, 1.0, 0.0), AllocationConstraint("floors.0", "floor", (2,), low=80.0))
    division = allocate_money(programme)
    assert division is not None and division.unique
    assert np.allclose(division.amounts, (150, 70, 80), atol=NEAR)
    # A million more for the third is a million less for the second, which counts 1 point.
    assert compute_shadow_price(programme, move_constraint(programme, 1, "low")) == -1.0
    assert abs(division.marginals[1] + 1.0) < NEAR


def test_among_divisions_with_as_many_points_nothing_moves_that_need_not() -> None:
    division = allocate_money(three((1.0, 1.0, 1.0)))
    assert division is not None and not division.unique
    assert np.allclose(division.amounts, 100, atol=NEAR)


def test_a_cut_that_may_fall_on_anyone_is_spread_evenly() -> None:
    programme = three((1.0, 1.0, 1.0))
    less = replace(
        programme, limits=(AllocationConstraint("budget", "budget", (0, 1, 2), 240.0, 240.0), *programme.limits[1:])
    )
    division = allocate_money(less)
    assert division is not None
    assert np.allclose(division.amounts, 80, atol=5 + NEAR)


def test_the_same_programme_gives_the_same_division_to_the_last_bit() -> None:
    programme = three((1.0, 1.0, 0.0), AllocationConstraint("caps.0", "cap", (0, 1), high=230.0))
    first, second = allocate_money(programme), allocate_money(programme)
    assert first is not None and second is not None
    assert first.amounts.tobytes() == second.amounts.tobytes()


def test_a_collision_leaves_out_what_has_no_part_in_it() -> None:
    programme = three(
        (0.0, 0.0, 0.0),
        AllocationConstraint("floors.0", "floor", (0,), low=120.0),
        AllocationConstraint("floors.1", "floor", (1,), low=60.0),
        AllocationConstraint("caps.0", "cap", (0,), high=110.0),
    )
    assert find_collision(programme) == ["floors.0", "caps.0"]
