"""How far the inputs at the scored origin are from the training data."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from features.vocabulary import HEADLINE_OUTCOME, LATEST_ORIGIN
from models.drift_thresholds import DRIFT_THRESHOLDS
from models.inference.compact_model import AnyModel
from models.training.matrix import Array, build_matrix
from models.training.splits import FIRST_TRAINING_ORIGIN

# Older rows weigh little in training and much has drifted since: the last ten training origins are the reference.
RECENT_ORIGINS = 10
# Deciles, as is usual for this index; with fewer values than this on either side, a decile's share is mostly noise.
BIN_COUNT, FEWEST_VALUES = 10, 20
# A share of zero has no logarithm; half a partner out of two hundred replaces it.
LEAST_SHARE = 0.0025
DRIFT_SCHEMA = {
    "feature": pl.String, "known": pl.Float64, "known_in_training": pl.Float64, "outside": pl.Float64,
    "shift": pl.Float64, "notable": pl.String,
}  # fmt: skip


def measure_drift(panel: pl.DataFrame, columns: Sequence[str], origin: int, trained_to: int) -> pl.DataFrame:
    """One row per feature: known and known_in_training (shares), outside, shift and notable; in the order of `columns`.

    outside: share of the values known at the origin that are outside the range of all training rows. shift: population
    stability index over deciles of the last ten training origins, null with too few values. notable: lost, outside or
    shift, the first whose threshold is reached, or empty. Only rows up to the origin are read.
    """
    current = build_matrix(panel.filter(pl.col("origin") == origin), columns)
    training_panel = panel.filter(pl.col("origin").is_between(FIRST_TRAINING_ORIGIN, trained_to))
    training = build_matrix(training_panel, columns)
    recent = build_matrix(training_panel.filter(pl.col("origin") > trained_to - RECENT_ORIGINS), columns)
    rows = [
        (name, *_compute_drift_figures(current[:, index], training[:, index], recent[:, index]))
        for index, name in enumerate(columns)
        if len(current) and len(recent)
    ]
    return pl.DataFrame([(*row, _describe_notable_drift(*row[1:])) for row in rows], schema=DRIFT_SCHEMA, orient="row")


def _compute_drift_figures(current: Array, training: Array, recent: Array) -> tuple[float, float, float, float | None]:
    known, trained, recent_known = (values[~np.isnan(values)] for values in (current, training, recent))
    outside = float(((known < trained.min()) | (known > trained.max())).mean()) if len(known) and len(trained) else 0.0
    return len(known) / len(current), len(recent_known) / len(recent), outside, _compute_shift(recent_known, known)


def _compute_shift(before: Array, after: Array) -> float | None:
    """Population stability index: the sum over deciles of the change in share times the log of the ratio."""
    if min(len(before), len(after)) < FEWEST_VALUES:
        return None
    # Many equal values, such as zeros, merge deciles.
    edges = np.unique(np.quantile(before, np.arange(1, BIN_COUNT) / BIN_COUNT))
    old_shares, new_shares = (_compute_bin_shares(values, edges) for values in (before, after))
    return round(float(((new_shares - old_shares) * np.log(new_shares / old_shares)).sum()), 6)


def _compute_bin_shares(values: Array, edges: Array) -> Array:
    counts = np.bincount(np.searchsorted(edges, values, "left"), minlength=len(edges) + 1)
    shares: Array = np.maximum(counts / len(values), LEAST_SHARE)
    return shares


def _describe_notable_drift(known: float, before: float, outside: float, shift: float | None) -> str:
    figures = {"lost": before - known, "outside": outside, "shift": shift or 0.0}
    return next((name for name, figure in figures.items() if figure >= DRIFT_THRESHOLDS[name].limit), "")


def measure_input_drift(panel: pl.DataFrame, model: AnyModel, reasons: pl.DataFrame) -> pl.DataFrame:
    """Drift of a model's inputs, the columns of measure_drift with label and weight, the largest weight first.

    weight: mean absolute contribution to the headline outcome's log-odds over partners.
    """
    drift = measure_drift(panel, model.ensemble.columns, LATEST_ORIGIN, model.trained_to)
    headline_reasons = reasons.filter(outcome=HEADLINE_OUTCOME).group_by("feature", maintain_order=True)
    # The last digits of a mean of floats depend on their order: rounding makes the same inputs give the same bytes.
    weights = headline_reasons.agg(pl.col("label").first(), weight=pl.col("contribution_logodds").abs().mean().round(6))
    return drift.join(weights, on="feature", how="left", maintain_order="left").sort(
        "weight", "feature", descending=[True, False], nulls_last=True
    )
