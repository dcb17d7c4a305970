"""Trees trained: the engine's own on event and grade, beside scikit-learn's classic boosting and LightGBM."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.learning_rows import load_learning_rows, score_forecast_quality
from bench.measure import Contender, Measurement, TimedWork
from models.training.estimator import PARAMETERS
from models.training.graded import fit_severity_model
from models.training.matrix import Array

TREE_COUNT, LEAF_COUNT, LEARNING_RATE = (
    PARAMETERS["max_iter"],
    PARAMETERS["max_leaf_nodes"],
    PARAMETERS["learning_rate"],
)


def prepare_engine_training(out: Path) -> TimedWork:
    """Both sets of trees of the ensemble: on the event and on its grade."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    given, drawn = load_learning_rows(out), PARAMETERS | {"random_state": 0}

    def fit_trees() -> tuple[Any, Any]:
        rows, events, counts = given.weighted_rows
        trees = HistGradientBoostingClassifier(**drawn, monotonic_cst=given.signs)
        trees.fit(rows, events, sample_weight=counts)
        return trees, fit_severity_model(given.past, given.grade, given.observed, given.weights, given.signs, drawn)

    def compute_log_odds(fitted: tuple[Any, Any]) -> Array:
        trees, graded = fitted
        return np.asarray(trees.decision_function(given.ahead) + graded.log_odds(given.ahead)) / 2

    return TimedWork(fit_trees, lambda fitted: score_forecast_quality(given, compute_log_odds(fitted)))


def prepare_classic_training(out: Path) -> TimedWork:
    """scikit-learn's GradientBoostingClassifier of the same size; gaps stand at 0.5, since it takes none."""
    from sklearn.ensemble import GradientBoostingClassifier

    given = load_learning_rows(out)
    past, ahead = (np.nan_to_num(rows, nan=0.5) for rows in (given.past, given.ahead))

    def fit_trees() -> Any:
        trees = GradientBoostingClassifier(
            n_estimators=TREE_COUNT,
            max_depth=3,
            learning_rate=LEARNING_RATE,
            min_samples_leaf=40,
            max_features=0.2,
            random_state=0,
        )
        return trees.fit(past, given.observed, sample_weight=given.weights)

    return TimedWork(fit_trees, lambda fitted: score_forecast_quality(given, fitted.decision_function(ahead)))


def prepare_lightgbm_training(out: Path) -> TimedWork:
    """LightGBM of the same size."""
    from lightgbm import LGBMClassifier

    given = load_learning_rows(out)

    def fit_trees() -> Any:
        trees = LGBMClassifier(
            n_estimators=TREE_COUNT,
            num_leaves=LEAF_COUNT,
            max_depth=3,
            learning_rate=LEARNING_RATE,
            min_child_samples=40,
            reg_lambda=50.0,
            colsample_bytree=0.2,
            random_state=0,
            n_jobs=2,
            verbose=-1,
        )
        return trees.fit(given.past, given.observed, sample_weight=given.weights)

    return TimedWork(
        fit_trees, lambda fitted: score_forecast_quality(given, fitted.predict(given.ahead, raw_score=True))
    )


def describe_training_results(measured: Sequence[Measurement]) -> str:
    """The quality of each on the same held-out rows."""
    each = (
        f"{one.name}: AUC {one.results['auc']:.3f} (95% {one.results['low']:.3f} to {one.results['high']:.3f}), "
        f"Brier score {one.results['brier']:.4f}"
        for one in measured
    )
    return f"On the same held-out origins: {'; '.join(each)}."


TRAINING_CONTENDERS = (
    Contender("training, the engine's trees (event and grade)", prepare_engine_training),
    Contender("training, scikit-learn GradientBoosting", prepare_classic_training),
    Contender("training, LightGBM", prepare_lightgbm_training, needs="lightgbm"),
)
