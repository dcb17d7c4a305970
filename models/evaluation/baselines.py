"""Baselines for the engine, from the base rate to a random forest; each learns from past rows alone.

Every baseline takes `train` (boolean observed, status, Float64 features) and `ahead`, and returns raw log-odds, or a
score on that scale, one per row of `ahead`; the caller calibrates all estimators alike.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from scipy.special import ndtri
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from features.bad_input import BadInput
from models.evaluation.bootstrap import compute_bounded_logit
from models.training.matrix import Array, build_matrix, list_feature_columns

LEAST_KNOWN_SHARE = 0.8
# Set for speed, about a second each. With 150 trees, on three origins up to 1997, half the rows did as well.
NET_PARAMETERS = {"solver": "saga", "l1_ratio": 0.5, "C": 0.01, "tol": 2e-2, "max_iter": 60, "random_state": 0}
# One thread: several would sum the trees in the order in which they finish.
FOREST_PARAMETERS = {
    "n_estimators": 60, "max_samples": 0.5, "min_samples_leaf": 10, "max_features": "sqrt", "n_jobs": 1,
    "random_state": 0,
}  # fmt: skip
# Four parts, as in published risk indices of arms sales, with the sign in which each measure is worse.
INDEX_SIGNS = {
    "corruption": {"vdem_corruption": 1, "wgi_corruption_control": -1},
    "instability": {"wgi_stability": -1, "coup_attempts_sum5": 1},
    "rights": {"pts_mean": 1, "vdem_physical_integrity": -1},
    "conflict": {"ucdp_battle_deaths_sum5": 1, "ucdp_conflict_intensity_mean10": 1},
}


def estimate_base_rate(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """The share of past rows in which the outcome followed, the same for all rows."""
    return compute_bounded_logit(np.full(ahead.height, _compute_event_share(train)))


def estimate_persistence(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """The share among past rows of the same status (ongoing, clear, unknown), with one more row at the base rate."""
    base, n = _compute_event_share(train), pl.col("observed").count()
    shares = train.group_by("status").agg(share=(pl.col("observed").sum() + base) / (n + 1))
    joined = ahead.join(shares, on="status", how="left", maintain_order="left")
    return compute_bounded_logit(joined["share"].fill_null(base).to_numpy())


def estimate_best_indicator(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """A logit on the normal score of the one feature that best discriminated past events."""
    name = find_best_indicator(train)
    scores, ahead_scores = (_compute_normal_score(train[name], rows[name]) for rows in (train, ahead))
    fitted = LogisticRegression().fit(scores, train["observed"].to_numpy())
    odds: Array = fitted.decision_function(ahead_scores)
    return odds


def find_best_indicator(train: pl.DataFrame) -> str:
    """The feature, known for four rows in five, whose AUC is farthest from one half; the first by name among equals."""
    known = [
        name for name in sorted(list_feature_columns(train)) if train[name].count() >= LEAST_KNOWN_SHARE * train.height
    ]
    if not known:
        raise BadInput(f"no feature is known for {LEAST_KNOWN_SHARE:.0%} of {train.height} rows")
    ranks, event = build_matrix(train.select(pl.col(known).rank()), known), train["observed"].to_numpy()
    events, others = (np.sum(~np.isnan(ranks[rows]), axis=0) for rows in (event, ~event))
    above = np.nansum(ranks[event], axis=0) - events * (events + 1) / 2
    distance = np.abs(above / np.maximum(events * others, 1) - 0.5)
    return known[int(np.argmax(np.where(events * others > 0, distance, 0)))]


def estimate_elastic_net(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """Logit with half lasso, half ridge on the standardized normal scores of all features and missing-value flags."""
    columns = list_feature_columns(train)
    scores = QuantileTransformer(n_quantiles=200, output_distribution="normal", random_state=0)
    steps = [("scores", scores), ("fill", SimpleImputer(strategy="median", add_indicator=True))]
    net = Pipeline([*steps, ("scale", StandardScaler()), ("logit", LogisticRegression(**NET_PARAMETERS))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        net.fit(build_matrix(train, columns), train["observed"].to_numpy())
    odds: Array = net.decision_function(build_matrix(ahead, columns))
    return odds


def estimate_random_forest(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """A random forest on all features, missing values included."""
    columns = list_feature_columns(train)
    forest = RandomForestClassifier(**FOREST_PARAMETERS).fit(build_matrix(train, columns), train["observed"].to_numpy())
    return compute_bounded_logit(forest.predict_proba(build_matrix(ahead, columns))[:, 1])


def estimate_equal_index(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """Mean of four parts' mean ranks among past rows, 0 best and 1 worst; no outcome is used.

    Measures that `train` or `ahead` lacks are left out; a row of which nothing is known gets 0.5.
    """
    usable = set(list_feature_columns(train)) & set(ahead.columns)
    parts = [
        _compute_index_part(train, ahead, {name: sign for name, sign in part.items() if name in usable})
        for part in INDEX_SIGNS.values()
    ]
    return compute_bounded_logit(_average_known_values(parts, ahead.height).fill_null(0.5).to_numpy())


def _compute_index_part(train: pl.DataFrame, ahead: pl.DataFrame, signs: dict[str, int]) -> pl.Series:
    return _average_known_values(
        [_rank_values(train[name], ahead[name], sign) for name, sign in signs.items()], ahead.height
    )


def _compute_normal_score(past: pl.Series, now: pl.Series) -> Array:
    """Rows × 1: the normal score of each value's rank among past values; the median's for an unknown value."""
    least = 0.5 / past.count()
    scores: Array = ndtri(_rank_values(past, now).fill_null(0.5).clip(least, 1 - least).to_numpy())
    return scores[:, None]


def _rank_values(past: pl.Series, now: pl.Series, sign: int = 1) -> pl.Series:
    """The share of past values below each value, with half of those it equals; above for sign -1; null if unknown."""
    ordered, values = np.sort(sign * past.drop_nulls().to_numpy()), sign * now.fill_null(0).to_numpy()
    rank = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2 / len(ordered)
    return pl.select(pl.when(now.is_not_null()).then(pl.Series(rank))).to_series()


def _average_known_values(columns: Sequence[pl.Series], height: int) -> pl.Series:
    """The mean of each row's known values, null if none; summed in order, so that threads cannot change the result."""
    added, known = np.zeros(height), np.zeros(height)
    for column in columns:
        added += column.fill_null(0).to_numpy()
        known += column.is_not_null().to_numpy()
    return pl.Series(np.where(known > 0, added / np.maximum(known, 1), np.nan)).fill_nan(None)


def _compute_event_share(train: pl.DataFrame) -> float:
    return float(np.mean(train["observed"].to_numpy()))


BASELINE_ESTIMATORS: dict[str, Callable[[pl.DataFrame, pl.DataFrame], Array]] = {
    "base rate": estimate_base_rate,
    "persistence": estimate_persistence,
    "best indicator": estimate_best_indicator,
    "elastic net": estimate_elastic_net,
    "random forest": estimate_random_forest,
    "equal-weight index": estimate_equal_index,
}
