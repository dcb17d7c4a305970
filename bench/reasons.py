"""Why a forecast is what it is: exact contributions of small trees, beside SHAP and LightGBM on trees of 31 leaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.learning_rows import load_learning_rows, score_forecast_quality
from bench.measure import Contender, Measurement, TimedWork
from models.inference.tree_shap import compute_tree_contributions
from models.training.estimator import PARAMETERS

EXPLAINED_ROWS, LARGE_TREE_LEAVES = 1_000, 31


def prepare_engine_reasons(out: Path) -> TimedWork:
    """The engine's trees on the event, of 8 leaves, by its own table of ways."""
    given = load_learning_rows(out)
    trees, rows = _fit_trees(out, **PARAMETERS), given.ahead[:EXPLAINED_ROWS]
    return TimedWork(
        lambda: compute_tree_contributions(trees, rows),
        lambda told: (
            {"gap": _compute_largest_gap(told[0], told[1], trees.decision_function(rows))}
            | score_forecast_quality(given, trees.decision_function(given.ahead))
        ),
    )


def prepare_default_shap(out: Path) -> TimedWork:
    """SHAP's TreeExplainer with its defaults, on as many trees of 31 leaves; made anew each run, as the engine's is."""
    return _prepare_shap(out, max_leaf_nodes=LARGE_TREE_LEAVES, max_depth=None)


def prepare_small_tree_shap(out: Path) -> TimedWork:
    """The same on the engine's own trees, to tell what the small trees save from what the table saves."""
    return _prepare_shap(out)


def prepare_lightgbm_reasons(out: Path) -> TimedWork:
    """LightGBM's own contributions (`pred_contrib`) on as many trees of 31 leaves."""
    from lightgbm import LGBMClassifier

    given = load_learning_rows(out)
    trees = LGBMClassifier(
        n_estimators=PARAMETERS["max_iter"], num_leaves=LARGE_TREE_LEAVES, learning_rate=PARAMETERS["learning_rate"],
        min_child_samples=40, reg_lambda=50.0, colsample_bytree=0.2, random_state=0, n_jobs=2, verbose=-1,
    ).fit(given.past, given.observed, sample_weight=given.weights)  # fmt: skip
    rows = given.ahead[:EXPLAINED_ROWS]
    return TimedWork(
        lambda: trees.predict(rows, pred_contrib=True),
        lambda told: (
            {"gap": _compute_largest_gap(told, 0.0, trees.predict(rows, raw_score=True))}
            | score_forecast_quality(given, np.asarray(trees.predict(given.ahead, raw_score=True), dtype=np.float64))
        ),
    )


def _prepare_shap(out: Path, **other: Any) -> TimedWork:
    from shap import TreeExplainer

    given = load_learning_rows(out)
    trees, rows = _fit_trees(out, **PARAMETERS | other), given.ahead[:EXPLAINED_ROWS]

    def explain_rows() -> tuple[Any, float]:
        explainer = TreeExplainer(trees)
        return explainer.shap_values(rows), float(np.ravel(explainer.expected_value)[-1])

    return TimedWork(
        explain_rows,
        lambda told: (
            {"gap": _compute_largest_gap(told[0], told[1], trees.decision_function(rows))}
            | score_forecast_quality(given, trees.decision_function(given.ahead))
        ),
    )


def _fit_trees(out: Path, **parameters: Any) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    given = load_learning_rows(out)
    rows, events, counts = given.weighted_rows
    trees = HistGradientBoostingClassifier(**parameters, monotonic_cst=given.signs, random_state=0)
    return trees.fit(rows, events, sample_weight=counts)


def _compute_largest_gap(parts: Any, start: float, odds: Any) -> float:
    """How far contributions miss the log-odds, at most."""
    return float(np.abs(parts.sum(axis=1) + start - odds).max())


def describe_reason_results(measured: Sequence[Measurement]) -> str:
    """Exactness and forecast quality of each."""
    each = (
        f"{one.name}: misses the log-odds by at most {one.results['gap']:.1g}, AUC {one.results['auc']:.3f} "
        f"(95% {one.results['low']:.3f} to {one.results['high']:.3f})"
        for one in measured
    )
    return "; ".join(each) + "."


REASON_CONTENDERS = (
    Contender("reasons, the engine (8 leaves)", prepare_engine_reasons, EXPLAINED_ROWS),
    Contender("reasons, SHAP's defaults (31 leaves)", prepare_default_shap, EXPLAINED_ROWS, needs="shap"),
    Contender("reasons, SHAP on the engine's trees (8 leaves)", prepare_small_tree_shap, EXPLAINED_ROWS, needs="shap"),
    Contender("reasons, LightGBM's own (31 leaves)", prepare_lightgbm_reasons, EXPLAINED_ROWS, needs="lightgbm"),
)
