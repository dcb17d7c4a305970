"""How far the inputs at the scored origin lie from those the models learnt from."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from features.vocabulary import HEADLINE_OUTCOME, LATEST_ORIGIN
from models.drift_thresholds import DRIFT_THRESHOLDS
from models.inference.compact_model import AnyModel
from models.training.matrix import Array, build_matrix
from models.training.splits import FIRST_TRAINING_ORIGIN

# Older rows weigh little in training, and much of the world has drifted since: the last ten origins are the yardstick.
RECENT_ORIGINS = 10
# Tenths, as is usual for this index; with fewer values than this in either part, a share of a tenth is mostly noise.
BIN_COUNT, FEWEST_VALUES = 10, 20
# A share of nought has no logarithm; half a partner of two hundred stands in for it.
LEAST_SHARE = 0.0025
DRIFT_SCHEMA = {
    "feature": pl.String, "known": pl.Float64, "known_in_training": pl.Float64, "outside": pl.Float64,
    "shift": pl.Float64, "notable": pl.String,
}  # fmt: skip


def measure_drift(panel: pl.DataFrame, columns: Sequence[str], origin: int, trained_to: int) -> pl.DataFrame:
    """One row a feature: known and known_in_training (shares), outside, shift and notable; in the order of `columns`.

    outside: share of the values known at the origin that lie outside the range of all training rows. shift: population
    stability index over tenths of the last ten training origins, null with too few values. notable: lost, outside or
    shift, the first whose threshold is reached, or empty. Only rows up to the origin are read.
    """
    now = build_matrix(panel.filter(pl.col("origin") == origin), columns)
    trained = panel.filter(pl.col("origin").is_between(FIRST_TRAINING_ORIGIN, trained_to))
    every = build_matrix(trained, columns)
    recent = build_matrix(trained.filter(pl.col("origin") > trained_to - RECENT_ORIGINS), columns)
    rows = [
        (name, *_compute_drift_figures(now[:, i], every[:, i], recent[:, i]))
        for i, name in enumerate(columns)
        if len(now) and len(recent)
    ]
    return pl.DataFrame([(*row, _describe_notable_drift(*row[1:])) for row in rows], schema=DRIFT_SCHEMA, orient="row")


def _compute_drift_figures(now: Array, every: Array, recent: Array) -> tuple[float, float, float, float | None]:
    known, seen, late = (values[~np.isnan(values)] for values in (now, every, recent))
    outside = float(((known < seen.min()) | (known > seen.max())).mean()) if len(known) and len(seen) else 0.0
    return len(known) / len(now), len(late) / len(recent), outside, _compute_shift(late, known)


def _compute_shift(before: Array, now: Array) -> float | None:
    """Population stability index: the sum over tenths of the change of share times the logarithm of its ratio."""
    if min(len(before), len(now)) < FEWEST_VALUES:
        return None
    # Where many values are equal, as noughts are, tenths fall together.
    edges = np.unique(np.quantile(before, np.arange(1, BIN_COUNT) / BIN_COUNT))
    then, today = (_compute_bin_shares(values, edges) for values in (before, now))
    return round(float(((today - then) * np.log(today / then)).sum()), 6)


def _compute_bin_shares(values: Array, edges: Array) -> Array:
    counts = np.bincount(np.searchsorted(edges, values, "left"), minlength=len(edges) + 1)
    shares: Array = np.maximum(counts / len(values), LEAST_SHARE)
    return shares


def _describe_notable_drift(known: float, before: float, outside: float, shift: float | None) -> str:
    reached = {"lost": before - known, "outside": outside, "shift": shift or 0.0}
    return next((name for name, figure in reached.items() if figure >= DRIFT_THRESHOLDS[name].limit), "")


def measure_input_drift(panel: pl.DataFrame, model: AnyModel, reasons: pl.DataFrame) -> pl.DataFrame:
    """Drift of what a model reads (see models.drift) with label and weight, the heaviest first.

    weight: mean absolute contribution to the headline's log-odds over partners.
    """
    found = measure_drift(panel, model.ensemble.columns, LATEST_ORIGIN, model.trained_to)
    told = reasons.filter(outcome=HEADLINE_OUTCOME).group_by("feature", maintain_order=True)
    # A mean of floats moves with their order in its last digits: rounded, the same inputs give the same bytes.
    weights = told.agg(pl.col("label").first(), weight=pl.col("contribution_logodds").abs().mean().round(6))
    return found.join(weights, on="feature", how="left", maintain_order="left").sort(
        "weight", "feature", descending=[True, False], nulls_last=True
    )
