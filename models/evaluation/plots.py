"""Plots for run records: reliability, precision against recall, and feature weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from models.evaluation.bootstrap import assign_equal_bins

SHOWN_FEATURES = 20


def draw_reliability(forecasts: pl.DataFrame, path: Path) -> None:
    """Plot the observed rate against the mean forecast in ten bins, by outcome; `forecasts` are one estimator's."""
    with open_figure(path) as axes:
        for (outcome,), rows in _select_known_rows(forecasts).group_by("outcome", maintain_order=True):
            bins = rows.with_columns(bin=pl.Series(assign_equal_bins(rows["probability"].to_numpy())))
            means = bins.group_by("bin").agg(pl.col("probability").mean(), pl.col("observed").mean()).sort("bin")
            axes.plot(means["probability"], means["observed"], marker="o", label=outcome)
        axes.plot([0, 1], [0, 1], linestyle=":", color="gray")
        axes.set(xlabel="mean forecast", ylabel="share in which it happened", title="Reliability")
        axes.legend()


def draw_precision_recall(forecasts: pl.DataFrame, path: Path) -> None:
    """Plot precision against recall of onsets, by outcome; `forecasts` are one estimator's."""
    from sklearn.metrics import precision_recall_curve

    with open_figure(path) as axes:
        onsets = _select_known_rows(forecasts).filter(pl.col("status") == "clear")
        for (outcome,), rows in onsets.group_by("outcome", maintain_order=True):
            observed = rows["observed"].to_numpy()
            precision, recall, _ = precision_recall_curve(observed, rows["onset_probability"].to_numpy())
            axes.plot(recall, precision, label=f"{outcome}, base rate {observed.mean():.3f}")
        axes.set(xlabel="recall", ylabel="precision", title="Onsets")
        axes.legend()


def draw_feature_weights(reasons: pl.DataFrame, path: Path) -> None:
    """Plot the features with the largest mean absolute contribution to one outcome's log-odds."""
    mean = reasons.group_by("feature").agg(pl.col("contribution_logodds").abs().mean().alias("size"))
    top = mean.sort("size", "feature", descending=[True, False]).head(SHOWN_FEATURES).reverse()
    with open_figure(path) as axes:
        axes.barh(np.arange(top.height), top["size"], tick_label=top["feature"].to_list())
        axes.set(xlabel="mean absolute contribution to the log-odds", title="What the forecasts weigh most")


def _select_known_rows(forecasts: pl.DataFrame) -> pl.DataFrame:
    return forecasts.filter(pl.col("observed").is_not_null()).sort("outcome", "origin", "iso3")


@contextmanager
def open_figure(path: Path) -> Iterator[Any]:
    """The axes of a figure that is saved as PNG at the end, the same bytes for the same plot."""
    # Imported here: it is slow and only recording a run needs it.
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(7, 6), layout="constrained")
    yield canvas.subplots()
    canvas.savefig(path, metadata={"Software": None})
