"""Speed of training: the engine's trees on event and grade, against scikit-learn's classic boosting and LightGBM."""

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
    """Both sets of the ensemble's trees: on the event and on its grade."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    learning_rows, parameters = load_learning_rows(out), PARAMETERS | {"random_state": 0}

    def fit_trees() -> tuple[Any, Any]:
        rows, events, counts = learning_rows.weighted_rows
        trees = HistGradientBoostingClassifier(**parameters, monotonic_cst=learning_rows.signs)
        trees.fit(rows, events, sample_weight=counts)
        return trees, fit_severity_model(
            learning_rows.past,
            learning_rows.grade,
            learning_rows.observed,
            learning_rows.weights,
            learning_rows.signs,
            parameters,
        )

    def compute_log_odds(fitted: tuple[Any, Any]) -> Array:
        trees, graded = fitted
        return np.asarray(trees.decision_function(learning_rows.ahead) + graded.log_odds(learning_rows.ahead)) / 2

    return TimedWork(fit_trees, lambda fitted: score_forecast_quality(learning_rows, compute_log_odds(fitted)))


def prepare_classic_training(out: Path) -> TimedWork:
    """scikit-learn's GradientBoostingClassifier of the same size; missing values become 0.5, as it accepts none."""
    from sklearn.ensemble import GradientBoostingClassifier

    learning_rows = load_learning_rows(out)
    past, ahead = (np.nan_to_num(rows, nan=0.5) for rows in (learning_rows.past, learning_rows.ahead))

    def fit_trees() -> Any:
        trees = GradientBoostingClassifier(
            n_estimators=TREE_COUNT,
            max_depth=3,
            learning_rate=LEARNING_RATE,
            min_samples_leaf=40,
            max_features=0.2,
            random_state=0,
        )
        return trees.fit(past, learning_rows.observed, sample_weight=learning_rows.weights)

    return TimedWork(fit_trees, lambda fitted: score_forecast_quality(learning_rows, fitted.decision_function(ahead)))


def prepare_lightgbm_training(out: Path) -> TimedWork:
    """LightGBM of the same size."""
    from lightgbm import LGBMClassifier

    learning_rows = load_learning_rows(out)

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
        return trees.fit(learning_rows.past, learning_rows.observed, sample_weight=learning_rows.weights)

    return TimedWork(
        fit_trees,
        lambda fitted: score_forecast_quality(learning_rows, fitted.predict(learning_rows.ahead, raw_score=True)),
    )


def describe_training_results(measured: Sequence[Measurement]) -> str:
    """Sentence: the quality of each contender on the same held-out rows."""
    parts = (
        f"{row.name}: AUC {row.results['auc']:.3f} (95% {row.results['low']:.3f} to {row.results['high']:.3f}), "
        f"Brier score {row.results['brier']:.4f}"
        for row in measured
    )
    return f"On the same held-out origins: {'; '.join(parts)}."


TRAINING_CONTENDERS = (
    Contender("training, the engine's trees (event and grade)", prepare_engine_training),
    Contender("training, scikit-learn GradientBoosting", prepare_classic_training),
    Contender("training, LightGBM", prepare_lightgbm_training, needs="lightgbm"),
)
