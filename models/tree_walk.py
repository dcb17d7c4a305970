"""Exact Shapley contributions of small boosted trees, read from a table of every way through a tree.

A tree of seven splits sends rows 128 ways at most; what each column adds is worked out once a way. A leaf's share
among the columns on its path is the integral of a polynomial (each column known or not, its share of the training rows
in place of what is not), which a few of Gauss and Legendre's points give exactly, as Yu and others showed ("Linear
TreeShap", 2022). The values are those of SHAP's `tree_path_dependent`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.matrix import Array

# A tree of more splits would need too large a table.
MOST_SPLITS = 10
# Rows taken at a time, so that memory does not grow with their number.
AT_ONCE = 4096

Whole = NDArray[np.int64]


class Trees(NamedTuple):
    """The nodes of each tree, as scikit-learn's predictors keep them, and the value that their sum starts from."""

    nodes: list[Any]
    baseline: float

    @classmethod
    def of(cls, booster: Any) -> "Trees":
        """The trees of a HistGradientBoosting model of one output, or those given."""
        if isinstance(booster, cls):
            return booster
        return cls([tree.nodes for (tree,) in booster._predictors], float(np.ravel(booster._baseline_prediction)[0]))


class Splits(NamedTuple):
    """Trees × splits: the column read, the threshold up to which a row goes left, and whether a missing value does."""

    column: Whole
    threshold: Array
    missing_left: NDArray[np.bool_]


class Step(NamedTuple):
    """All splits on one column of a path: the first, their bits, the bits of a row that passes, and the share of the
    training rows that did."""

    first: int
    bits: int
    passed: int
    cover: float


class Leaf(NamedTuple):
    """Its tree, its value and the steps of its path by column."""

    tree: int
    value: float
    path: dict[int, Step]


def walkable(booster: Any) -> bool:
    """Whether a HistGradientBoosting model has one output and trees so small that this is the way to explain it."""
    return all(
        len(trees) == 1 and len(trees[0].nodes) <= 2 * MOST_SPLITS + 1 and not trees[0].nodes["is_categorical"].any()
        for trees in booster._predictors
    )


def tree_contributions(booster: Any, rows: Array) -> tuple[Array, float]:
    """Rows × columns of contributions to the raw prediction of a walkable model or its trees, and where they start."""
    trees, baseline = Trees.of(booster)
    size = max(1, *(len(nodes) // 2 for nodes in trees))
    splits, leaves = _splits(trees, size), [leaf for tree, nodes in enumerate(trees) for leaf in _leaves(tree, nodes)]
    table = _table(leaves, len(trees), size)
    start = baseline
    start += sum(leaf.value * float(np.prod([step.cover for step in leaf.path.values()])) for leaf in leaves)
    parts = [_looked_up(splits, table, rows[first : first + AT_ONCE]) for first in range(0, len(rows), AT_ONCE)]
    return (np.concatenate(parts) if parts else np.zeros_like(rows)), start


def _looked_up(splits: Splits, table: Array, rows: Array) -> Array:
    trees, size = splits.column.shape
    known = rows[:, splits.column.ravel()].reshape(len(rows), trees, size)
    left = (known <= splits.threshold) | (np.isnan(known) & splits.missing_left)
    ways = left @ (1 << np.arange(size))
    added = table[np.arange(trees), ways].reshape(len(rows), trees * size)
    order = np.argsort(splits.column, axis=None, kind="stable")
    named, starts = np.unique(splits.column.ravel()[order], return_index=True)
    total = np.zeros(rows.shape)
    total[:, named] = np.add.reduceat(added[:, order], starts, axis=1)
    return total


def _splits(trees: list[Any], size: int) -> Splits:
    """The splits of every tree in the order of its nodes; one that is not there reads column 0 to no effect."""
    shape = (len(trees), size)
    splits = Splits(np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape, np.bool_))
    for tree, nodes in enumerate(trees):
        inner = nodes[nodes["is_leaf"] == 0]
        for kept, name in zip(splits, ("feature_idx", "num_threshold", "missing_go_to_left"), strict=True):
            kept[tree, : len(inner)] = inner[name]
    return splits


def _leaves(tree: int, nodes: Any) -> list[Leaf]:
    number = np.cumsum(nodes["is_leaf"] == 0) - 1
    found: list[Leaf] = []
    ahead: list[tuple[int, dict[int, Step]]] = [(0, {})]
    while ahead:
        place, path = ahead.pop()
        node = nodes[place]
        if node["is_leaf"]:
            found.append(Leaf(tree, float(node["value"]), path))
            continue
        column, split = int(node["feature_idx"]), int(number[place])
        before = path.get(column, Step(split, 0, 0, 1.0))
        for side, passed in ((int(node["left"]), 1 << split), (int(node["right"]), 0)):
            cover = before.cover * int(nodes[side]["count"]) / int(node["count"])
            step = Step(before.first, before.bits | 1 << split, before.passed | passed, cover)
            ahead.append((side, {**path, column: step}))
    return found


def _table(leaves: list[Leaf], trees: int, size: int) -> Array:
    """Trees × ways × splits: what a row that goes this way is given for the column of the split."""
    longest = max(1, *(len(leaf.path) for leaf in leaves))
    nothing = Step(0, 0, 0, 1.0)
    steps = [[*leaf.path.values(), *[nothing] * (longest - len(leaf.path))] for leaf in leaves]
    first, bits, passed, cover = (np.array([[step[place] for step in path] for path in steps]) for place in range(4))
    ways = np.arange(1 << size)
    # Leaves × steps × ways: whether a row that goes this way passes the step.
    gain = ((ways & bits[..., None]) == passed[..., None]) - cover[..., None]
    shares = gain * _integrals(cover[..., None], gain) * np.array([leaf.value for leaf in leaves])[:, None, None]
    table = np.zeros((trees, size, len(ways)))
    np.add.at(table, (np.array([leaf.tree for leaf in leaves])[:, None], first), shares)
    return np.ascontiguousarray(table.swapaxes(1, 2))


def _integrals(cover: Array, gain: Array) -> Array:
    """For each step, the integral from 0 to 1 of the product over all others of cover + t × gain."""
    steps = gain.shape[1]
    points, weights = np.polynomial.legendre.leggauss((steps + 1) // 2)
    whole = np.zeros_like(gain)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        factors = cover + point * gain
        for step in range(steps):
            whole[:, step] += weight * np.delete(factors, step, axis=1).prod(axis=1)
    return whole
