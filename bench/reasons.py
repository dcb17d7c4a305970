"""Why a forecast is what it is: exact contributions of small trees, beside SHAP and LightGBM on trees of 31 leaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.learning_rows import learned, quality
from bench.measure import Measured, Side, Work
from models.inference.tree_shap import tree_contributions
from models.training.estimator import PARAMETERS

ROWS, LEAVES = 1_000, 31


def engine(out: Path) -> Work:
    """The engine's trees on the event, of 8 leaves, by its own table of ways."""
    given = learned(out)
    trees, rows = _fitted(out, **PARAMETERS), given.ahead[:ROWS]
    return Work(
        lambda: tree_contributions(trees, rows),
        lambda told: (
            {"gap": _gap(told[0], told[1], trees.decision_function(rows))}
            | quality(given, trees.decision_function(given.ahead))
        ),
    )


def shap_default(out: Path) -> Work:
    """SHAP's TreeExplainer with its defaults, on as many trees of 31 leaves; made anew each run, as the engine's is."""
    return _shap(out, max_leaf_nodes=LEAVES, max_depth=None)


def shap_small(out: Path) -> Work:
    """The same on the engine's own trees, to tell what the small trees save from what the table saves."""
    return _shap(out)


def lightgbm(out: Path) -> Work:
    """LightGBM's own contributions (`pred_contrib`) on as many trees of 31 leaves."""
    from lightgbm import LGBMClassifier

    given = learned(out)
    trees = LGBMClassifier(
        n_estimators=PARAMETERS["max_iter"], num_leaves=LEAVES, learning_rate=PARAMETERS["learning_rate"],
        min_child_samples=40, reg_lambda=50.0, colsample_bytree=0.2, random_state=0, n_jobs=2, verbose=-1,
    ).fit(given.past, given.observed, sample_weight=given.weights)  # fmt: skip
    rows = given.ahead[:ROWS]
    return Work(
        lambda: trees.predict(rows, pred_contrib=True),
        lambda told: (
            {"gap": _gap(told, 0.0, trees.predict(rows, raw_score=True))}
            | quality(given, np.asarray(trees.predict(given.ahead, raw_score=True), dtype=np.float64))
        ),
    )


def _shap(out: Path, **other: Any) -> Work:
    from shap import TreeExplainer

    given = learned(out)
    trees, rows = _fitted(out, **PARAMETERS | other), given.ahead[:ROWS]

    def explain() -> tuple[Any, float]:
        explainer = TreeExplainer(trees)
        return explainer.shap_values(rows), float(np.ravel(explainer.expected_value)[-1])

    return Work(
        explain,
        lambda told: (
            {"gap": _gap(told[0], told[1], trees.decision_function(rows))}
            | quality(given, trees.decision_function(given.ahead))
        ),
    )


def _fitted(out: Path, **parameters: Any) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    given = learned(out)
    rows, events, counts = given.doubled
    trees = HistGradientBoostingClassifier(**parameters, monotonic_cst=given.signs, random_state=0)
    return trees.fit(rows, events, sample_weight=counts)


def _gap(parts: Any, start: float, odds: Any) -> float:
    """How far contributions miss the log-odds, at most."""
    return float(np.abs(parts.sum(axis=1) + start - odds).max())


def check(measured: Sequence[Measured]) -> str:
    """Exactness and forecast quality of each."""
    each = (
        f"{one.what}: misses the log-odds by at most {one.told['gap']:.1g}, AUC {one.told['auc']:.3f} "
        f"(95% {one.told['low']:.3f} to {one.told['high']:.3f})"
        for one in measured
    )
    return "; ".join(each) + "."


SIDES = (
    Side("reasons, the engine (8 leaves)", engine, ROWS),
    Side("reasons, SHAP's defaults (31 leaves)", shap_default, ROWS, needs="shap"),
    Side("reasons, SHAP on the engine's trees (8 leaves)", shap_small, ROWS, needs="shap"),
    Side("reasons, LightGBM's own (31 leaves)", lightgbm, ROWS, needs="lightgbm"),
)
