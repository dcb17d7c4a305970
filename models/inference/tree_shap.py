"""Exact Shapley contributions of small boosted trees, read from a table of all split patterns of a tree.

Seven splits give at most 128 patterns; each column's contribution is computed once per pattern, for all trees at once.
A leaf's share for a column on its path is the integral of a polynomial (each column known, or replaced by its share of
the training rows), which a few Gauss-Legendre points give exactly, as Yu et al. showed ("Linear TreeShap", 2022). The
values are those of SHAP's `tree_path_dependent`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.training.matrix import Array

# A tree with more splits would need too large a table.
MOST_SPLITS = 10
# Rows per block, so that memory does not grow with their number and intermediate arrays stay in cache.
ROWS_AT_ONCE = 256

WholeArray = NDArray[np.int64]


class BoostedTrees(NamedTuple):
    """The nodes of each tree, as scikit-learn's predictors store them, and the baseline of their sum."""

    nodes: list[Any]
    baseline: float

    @classmethod
    def from_booster(cls, booster: Any) -> "BoostedTrees":
        """The trees of a HistGradientBoosting model with one output; boosted trees are returned unchanged."""
        if isinstance(booster, cls):
            return booster
        return cls([tree.nodes for (tree,) in booster._predictors], float(np.ravel(booster._baseline_prediction)[0]))


class TreeNodes(NamedTuple):
    """All trees' nodes in sequence: scikit-learn's nodes, the tree, the split's number in its tree, the left child and
    the parent, which for a root is the node itself."""

    raw_nodes: Any
    tree: WholeArray
    number: WholeArray
    left: WholeArray
    parent: WholeArray

    @property
    def split_column(self) -> WholeArray:
        """The column of each split."""
        read: WholeArray = self.raw_nodes["feature_idx"].astype(np.int64)
        return read

    @property
    def is_leaf(self) -> NDArray[np.bool_]:
        """Whether each node is a leaf."""
        leaf: NDArray[np.bool_] = self.raw_nodes["is_leaf"].astype(np.bool_)
        return leaf


class TreeSplits(NamedTuple):
    """All trees' splits by column: tree, number in its tree, the column, the threshold up to which a row goes left, and
    whether a missing value goes left."""

    tree: WholeArray
    number: WholeArray
    column: WholeArray
    threshold: Array
    missing_left: NDArray[np.bool_]


class TreeLeaves(NamedTuple):
    """All trees' leaves: tree, value and path.

    A path has one step per column: the first split on it, the bits of all splits on it, the bits of a row that passes,
    and the share of the training rows that passed. An unused step has no bits, and all rows pass it.
    """

    tree: WholeArray
    value: Array
    first: WholeArray
    bits: WholeArray
    passed: WholeArray
    cover: Array


def has_exact_walk(booster: Any) -> bool:
    """Whether a HistGradientBoosting model has one output and trees small enough for this module's table."""
    return all(
        len(trees) == 1 and len(trees[0].nodes) <= 2 * MOST_SPLITS + 1 and not trees[0].nodes["is_categorical"].any()
        for trees in booster._predictors
    )


def compute_tree_contributions(booster: Any, rows: Array) -> tuple[Array, float]:
    """Contributions (rows × columns) to the raw prediction of a model with an exact walk or its trees, and start."""
    trees, baseline = BoostedTrees.from_booster(booster)
    nodes, size = _build_nodes(trees), max(1, *(len(tree) // 2 for tree in trees))
    splits, leaves = _build_splits(nodes), _build_leaves(nodes)
    table = _build_share_table(leaves, len(trees), size)
    total = np.zeros(rows.shape)
    for first in range(0, len(rows), ROWS_AT_ONCE):
        block = slice(first, first + ROWS_AT_ONCE)
        total[block] = _look_up_shares(splits, table, rows[block])
    return total, baseline + float(leaves.value @ leaves.cover.prod(axis=1))


def _look_up_shares(splits: TreeSplits, table: Array, rows: Array) -> Array:
    trees, size, patterns = table.shape
    known = rows.T[splits.column]
    left = (known <= splits.threshold[:, None]) | (np.isnan(known) & splits.missing_left[:, None])
    pattern = _sum_by_position(left << splits.number[:, None], splits.tree, trees)
    offsets = (splits.tree * size + splits.number) * patterns
    looked_up = table.take(pattern[splits.tree] + offsets[:, None])
    split_columns, starts = np.unique(splits.column, return_index=True)
    total = np.zeros(rows.shape)
    if len(split_columns):
        total[:, split_columns] = np.add.reduceat(np.ascontiguousarray(looked_up.T), starts, axis=1)
    return total


def _sum_by_position(parts: NDArray[Any], position: WholeArray, count: int) -> NDArray[Any]:
    """Positions × width: the sum of the parts (parts × width) at each position, in their order."""
    order = np.argsort(position, kind="stable")
    turn = np.arange(len(position)) - np.searchsorted(position[order], position[order])
    total = np.zeros((count, parts.shape[1]), parts.dtype)
    for current_turn in range(int(turn.max(initial=-1)) + 1):
        parts_of_turn = order[turn == current_turn]
        total[position[parts_of_turn]] += parts[parts_of_turn]
    return total


def _build_nodes(trees: list[Any]) -> TreeNodes:
    nodes: Any = np.concatenate(trees)
    sizes = [len(tree) for tree in trees]
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    split = nodes["is_leaf"] == 0
    number, left, right = np.cumsum(split), nodes["left"] + start, nodes["right"] + start
    parent = np.arange(len(nodes))
    parent[left[split]] = parent[right[split]] = np.flatnonzero(split)
    # A tree with any split has a split as its root.
    return TreeNodes(nodes, np.repeat(np.arange(len(trees)), sizes), number - number[start], left, parent)


def _build_splits(nodes: TreeNodes) -> TreeSplits:
    inner = np.flatnonzero(~nodes.is_leaf)
    at = inner[np.argsort(nodes.split_column[inner], kind="stable")]
    missing_left = nodes.raw_nodes["missing_go_to_left"][at].astype(np.bool_)
    return TreeSplits(
        nodes.tree[at], nodes.number[at], nodes.split_column[at], nodes.raw_nodes["num_threshold"][at], missing_left
    )


def _build_leaves(nodes: TreeNodes) -> TreeLeaves:
    # From right to left: in another order of summation, shares differ in their last digits.
    at = np.flatnonzero(nodes.is_leaf)[::-1]
    path = [at]
    for _ in range(max(1, int(nodes.raw_nodes["depth"].max()))):
        path.insert(0, nodes.parent[path[0]])
    return TreeLeaves(nodes.tree[at], nodes.raw_nodes["value"][at], *_trace_path_steps(nodes, np.array(path)))


def _trace_path_steps(nodes: TreeNodes, path: WholeArray) -> tuple[WholeArray, WholeArray, WholeArray, Array]:
    """Leaves × steps of each leaf's path, from the path's nodes, depth × leaves; short paths repeat their root."""
    above, below = path[:-1], path[1:]
    column = np.where(above == below, -1, nodes.split_column[above])
    # The first split on the same column.
    step = (column[:, None] == column).argmax(axis=0)
    bit = (above != below) << nodes.number[above]
    passed = np.where(nodes.left[above] == below, bit, 0)
    count = nodes.raw_nodes["count"].astype(np.int64)
    step_arrays = np.zeros_like(bit), np.zeros_like(bit), np.ones(bit.shape)
    for depth in range(len(bit)):
        at = step[depth], np.arange(path.shape[1])
        step_arrays[0][at] |= bit[depth]
        step_arrays[1][at] |= passed[depth]
        step_arrays[2][at] = step_arrays[2][at] * count[below[depth]] / count[above[depth]]
    bits, passing, cover = (array.T for array in step_arrays)
    return nodes.number[above].T, bits, passing, cover


def _build_share_table(leaves: TreeLeaves, trees: int, size: int) -> Array:
    """Trees × splits × patterns: the contribution of the split's column to a row with this split pattern."""
    steps = np.arange(leaves.bits.shape[1])[:, None]
    # Leaves × steps × patterns of passed steps.
    gain = (np.arange(1 << len(steps)) >> steps & 1) - leaves.cover[..., None]
    shares = gain * _compute_integrals(leaves.cover[..., None], gain) * leaves.value[:, None, None]
    passes = (np.arange(1 << size) & leaves.bits[..., None]) == leaves.passed[..., None]
    passing = (passes << steps).sum(axis=1)
    leaf, step = np.nonzero(leaves.bits)
    contributions = np.take_along_axis(shares[leaf, step], passing[leaf], axis=1)
    split = leaves.tree[leaf] * size + leaves.first[leaf, step]
    return _sum_by_position(contributions, split, trees * size).reshape(trees, size, -1)


def _compute_integrals(cover: Array, gain: Array) -> Array:
    """For each step, the integral from 0 to 1 of the product over all other steps of cover + t × gain."""
    steps = gain.shape[1]
    points, weights = np.polynomial.legendre.leggauss((steps + 1) // 2)
    integrals = np.zeros_like(gain)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        factors = cover + point * gain
        for step in range(steps):
            integrals[:, step] += weight * np.delete(factors, step, axis=1).prod(axis=1)
    return integrals
