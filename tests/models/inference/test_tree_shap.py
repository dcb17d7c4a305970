"""Contributions read from a table are SHAP's own, on trees with gaps, repeated columns and signs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shap import TreeExplainer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from models.inference.tree_shap import compute_tree_contributions, has_exact_walk
from models.training.matrix import Array


def invented_rows(seed: int, height: int = 300, width: int = 6) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(height, width)).round(1)
    rows[rng.random(rows.shape) < 0.2] = np.nan
    return rows, np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 1] * rows[:, 2]) + rng.normal(size=height)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 11), st.one_of(st.none(), st.integers(1, 4)), st.integers(1, 6))
def test_contributions_are_those_of_shap_and_add_up(seed: int, leaves: int, depth: int | None, width: int) -> None:
    rows, target = invented_rows(seed, width=max(3, width))
    trees = HistGradientBoostingRegressor(
        max_iter=5,
        max_leaf_nodes=leaves,
        max_depth=depth,
        min_samples_leaf=5,
        monotonic_cst=[1, *[0] * (rows.shape[1] - 1)],
    ).fit(rows, target)
    parts, start = compute_tree_contributions(trees, rows)
    explainer = TreeExplainer(trees, feature_perturbation="tree_path_dependent")
    assert parts == pytest.approx(explainer.shap_values(rows), abs=1e-12)
    assert start == pytest.approx(float(np.ravel(explainer.expected_value)[-1]), abs=1e-12)
    assert parts.sum(axis=1) + start == pytest.approx(trees.predict(rows), abs=1e-12)


def test_a_tree_that_never_splits_gives_every_column_nothing() -> None:
    rows, target = invented_rows(0)
    trees = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=200).fit(rows, target > 0)
    parts, start = compute_tree_contributions(trees, rows)
    assert not parts.any() and start == pytest.approx(trees.decision_function(rows)[0])


def test_trees_with_more_leaves_than_a_table_could_hold_are_left_to_the_library() -> None:
    rows, target = invented_rows(0)
    assert has_exact_walk(
        HistGradientBoostingRegressor(max_iter=2, max_leaf_nodes=11, min_samples_leaf=5).fit(rows, target)
    )
    assert not has_exact_walk(
        HistGradientBoostingRegressor(max_iter=2, max_leaf_nodes=31, min_samples_leaf=5).fit(rows, target)
    )
