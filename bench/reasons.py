"""Speed of reasons: exact contributions of small trees, against SHAP and LightGBM on trees of 31 leaves."""

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
    """The engine's trees on the event, of 8 leaves, by its table of split patterns."""
    learning_rows = load_learning_rows(out)
    trees, rows = _fit_trees(out, **PARAMETERS), learning_rows.ahead[:EXPLAINED_ROWS]
    return TimedWork(
        lambda: compute_tree_contributions(trees, rows),
        lambda explained: (
            {"gap": _compute_largest_gap(explained[0], explained[1], trees.decision_function(rows))}
            | score_forecast_quality(learning_rows, trees.decision_function(learning_rows.ahead))
        ),
    )


def prepare_default_shap(out: Path) -> TimedWork:
    """SHAP's TreeExplainer with its defaults, on as many trees of 31 leaves; rebuilt each run, like the engine's."""
    return _prepare_shap(out, max_leaf_nodes=LARGE_TREE_LEAVES, max_depth=None)


def prepare_small_tree_shap(out: Path) -> TimedWork:
    """SHAP on the engine's own trees, to separate the savings of small trees from those of the table."""
    return _prepare_shap(out)


def prepare_lightgbm_reasons(out: Path) -> TimedWork:
    """LightGBM's own contributions (`pred_contrib`) on as many trees of 31 leaves."""
    from lightgbm import LGBMClassifier

    learning_rows = load_learning_rows(out)
    trees = LGBMClassifier(
        n_estimators=PARAMETERS["max_iter"], num_leaves=LARGE_TREE_LEAVES, learning_rate=PARAMETERS["learning_rate"],
        min_child_samples=40, reg_lambda=50.0, colsample_bytree=0.2, random_state=0, n_jobs=2, verbose=-1,
    ).fit(learning_rows.past, learning_rows.observed, sample_weight=learning_rows.weights)  # fmt: skip
    rows = learning_rows.ahead[:EXPLAINED_ROWS]
    return TimedWork(
        lambda: trees.predict(rows, pred_contrib=True),
        lambda explained: (
            {"gap": _compute_largest_gap(explained, 0.0, trees.predict(rows, raw_score=True))}
            | score_forecast_quality(
                learning_rows, np.asarray(trees.predict(learning_rows.ahead, raw_score=True), dtype=np.float64)
            )
        ),
    )


def _prepare_shap(out: Path, **parameters: Any) -> TimedWork:
    from shap import TreeExplainer

    learning_rows = load_learning_rows(out)
    trees, rows = _fit_trees(out, **PARAMETERS | parameters), learning_rows.ahead[:EXPLAINED_ROWS]

    def explain_rows() -> tuple[Any, float]:
        explainer = TreeExplainer(trees)
        return explainer.shap_values(rows), float(np.ravel(explainer.expected_value)[-1])

    return TimedWork(
        explain_rows,
        lambda explained: (
            {"gap": _compute_largest_gap(explained[0], explained[1], trees.decision_function(rows))}
            | score_forecast_quality(learning_rows, trees.decision_function(learning_rows.ahead))
        ),
    )


def _fit_trees(out: Path, **parameters: Any) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    learning_rows = load_learning_rows(out)
    rows, events, counts = learning_rows.weighted_rows
    trees = HistGradientBoostingClassifier(**parameters, monotonic_cst=learning_rows.signs, random_state=0)
    return trees.fit(rows, events, sample_weight=counts)


def _compute_largest_gap(parts: Any, start: float, odds: Any) -> float:
    """The largest difference between summed contributions and log-odds."""
    return float(np.abs(parts.sum(axis=1) + start - odds).max())


def describe_reason_results(measured: Sequence[Measurement]) -> str:
    """Sentence: exactness and forecast quality of each contender."""
    parts = (
        f"{row.name}: differs from the log-odds by at most {row.results['gap']:.1g}, AUC {row.results['auc']:.3f} "
        f"(95% {row.results['low']:.3f} to {row.results['high']:.3f})"
        for row in measured
    )
    return "; ".join(parts) + "."


REASON_CONTENDERS = (
    Contender("reasons, the engine (8 leaves)", prepare_engine_reasons, EXPLAINED_ROWS),
    Contender("reasons, SHAP's defaults (31 leaves)", prepare_default_shap, EXPLAINED_ROWS, needs="shap"),
    Contender("reasons, SHAP on the engine's trees (8 leaves)", prepare_small_tree_shap, EXPLAINED_ROWS, needs="shap"),
    Contender("reasons, LightGBM's own (31 leaves)", prepare_lightgbm_reasons, EXPLAINED_ROWS, needs="lightgbm"),
)
