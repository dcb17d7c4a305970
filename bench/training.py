"""Trees trained: the engine's own on event and grade, beside scikit-learn's classic boosting and LightGBM."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.learning_rows import learned, quality
from bench.measure import Measured, Side, Work
from models.training.estimator import PARAMETERS
from models.training.graded import fit_graded
from models.training.matrix import Array

TREES, LEAVES, RATE = PARAMETERS["max_iter"], PARAMETERS["max_leaf_nodes"], PARAMETERS["learning_rate"]


def engine(out: Path) -> Work:
    """Both sets of trees of the ensemble: on the event and on its grade."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    given, drawn = learned(out), PARAMETERS | {"random_state": 0}

    def fit() -> tuple[Any, Any]:
        rows, events, counts = given.doubled
        trees = HistGradientBoostingClassifier(**drawn, monotonic_cst=given.signs)
        trees.fit(rows, events, sample_weight=counts)
        return trees, fit_graded(given.past, given.grade, given.observed, given.weights, given.signs, drawn)

    def odds(fitted: tuple[Any, Any]) -> Array:
        trees, graded = fitted
        return np.asarray(trees.decision_function(given.ahead) + graded.log_odds(given.ahead)) / 2

    return Work(fit, lambda fitted: quality(given, odds(fitted)))


def classic(out: Path) -> Work:
    """scikit-learn's GradientBoostingClassifier of the same size; gaps stand at 0.5, since it takes none."""
    from sklearn.ensemble import GradientBoostingClassifier

    given = learned(out)
    past, ahead = (np.nan_to_num(rows, nan=0.5) for rows in (given.past, given.ahead))

    def fit() -> Any:
        trees = GradientBoostingClassifier(
            n_estimators=TREES, max_depth=3, learning_rate=RATE, min_samples_leaf=40, max_features=0.2, random_state=0
        )
        return trees.fit(past, given.observed, sample_weight=given.weights)

    return Work(fit, lambda fitted: quality(given, fitted.decision_function(ahead)))


def lightgbm(out: Path) -> Work:
    """LightGBM of the same size."""
    from lightgbm import LGBMClassifier

    given = learned(out)

    def fit() -> Any:
        trees = LGBMClassifier(
            n_estimators=TREES, num_leaves=LEAVES, max_depth=3, learning_rate=RATE, min_child_samples=40,
            reg_lambda=50.0, colsample_bytree=0.2, random_state=0, n_jobs=2, verbose=-1,
        )  # fmt: skip
        return trees.fit(given.past, given.observed, sample_weight=given.weights)

    return Work(fit, lambda fitted: quality(given, fitted.predict(given.ahead, raw_score=True)))


def check(measured: Sequence[Measured]) -> str:
    """The quality of each on the same held-out rows."""
    each = (
        f"{one.what}: AUC {one.told['auc']:.3f} (95% {one.told['low']:.3f} to {one.told['high']:.3f}), "
        f"Brier score {one.told['brier']:.4f}"
        for one in measured
    )
    return f"On the same held-out origins: {'; '.join(each)}."


SIDES = (
    Side("training, the engine's trees (event and grade)", engine),
    Side("training, scikit-learn GradientBoosting", classic),
    Side("training, LightGBM", lightgbm, needs="lightgbm"),
)
