"""Exact SHAP contributions to the log-odds of a probability, as a tidy table of reasons."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from models.inference.compact_model import AnyModel, CompactEnsemble
from models.inference.tree_shap import compute_tree_contributions, has_exact_walk
from models.training.calibration import build_design_matrix
from models.training.matrix import Array
from models.training.outcomes import build_status_expression

if TYPE_CHECKING:
    from models.training.estimator import Ensemble

SUM_TOLERANCE = 1e-6


def compute_contributions(model: AnyModel, rows: pl.DataFrame) -> tuple[Array, Array]:
    """Rows × columns of contributions, and the log-odds that each row, by its status, starts from.

    They sum to the log-odds of the calibrated probability; raises ArithmeticError if they do not.
    """
    ensemble, calibration = model.ensemble, model.calibration
    explained = [
        member for member, kept in zip(_explain_members(ensemble, rows), calibration.member_mask, strict=True) if kept
    ]
    slope = calibration.overall.point[1]
    parts = slope * np.mean([part for part, _ in explained], axis=0)
    inputs = build_design_matrix(np.full(rows.height, np.mean([start for _, start in explained])), rows["status"])
    starts = inputs @ calibration.overall.point
    odds = (
        build_design_matrix(calibration.average_member_odds(ensemble.compute_log_odds(rows)), rows["status"])
        @ calibration.overall.point
    )
    gap = float(np.abs(parts.sum(axis=1) + starts - odds).max())
    if gap > SUM_TOLERANCE:
        raise ArithmeticError(f"{model.outcome}: contributions differ from the log-odds by {gap:.2g}")
    return parts, starts


def _explain_members(ensemble: "Ensemble | CompactEnsemble", rows: pl.DataFrame) -> list[tuple[Array, float]]:
    """Each member's contributions (rows × columns) and the log-odds they start from."""
    if isinstance(ensemble, CompactEnsemble):
        return ensemble.compute_contributions(rows)
    from models.training.estimator import round_ranks
    from models.training.linear import compute_linear_contributions, compute_normal_scores

    ranks, tree_columns = ensemble.compute_ranks(rows), ensemble.tree_places
    trees = [(ensemble.booster, 1.0, 0.0)]
    if graded := ensemble.graded:
        trees.append((graded.regressor, graded.slope, graded.intercept))
    contributions = []
    for booster, slope, intercept in trees:
        shares, start = _explain_trees(booster, round_ranks(ranks[:, tree_columns]))
        parts = np.zeros_like(ranks)
        parts[:, tree_columns] = slope * shares
        contributions.append((parts, slope * start + intercept))
    smooth = ((ensemble.on_scores, compute_normal_scores(ranks)), (ensemble.on_ranks, ranks))
    return contributions + [compute_linear_contributions(pipeline, inputs) for pipeline, inputs in smooth]


def _explain_trees(booster: Any, rows: Array) -> tuple[Array, float]:
    """Each column's contribution to the trees' forecast, and their start; both methods are exact."""
    if has_exact_walk(booster):
        return compute_tree_contributions(booster, rows)
    # Only a champion of another recipe has such large trees; the library takes seconds to import.
    from shap import TreeExplainer

    explainer = TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    return explainer.shap_values(rows), float(np.ravel(explainer.expected_value)[-1])


def list_reasons(model: AnyModel, rows: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """One row per partner and feature: iso3, origin, outcome, theme, feature, label, value, unit, value_year,
    contribution_logodds, position (1 for the largest absolute contribution).

    `described` has feature, theme, label, unit and measure; `<measure>_age` gives the age of the value.
    """
    parts, _ = compute_contributions(model, rows.with_columns(status=build_status_expression(model.outcome)))
    columns = model.ensemble.columns
    labeled = pl.DataFrame({"feature": columns}).join(described, on="feature", how="left", maintain_order="left")
    # Partners by code, and columns by weight within each: equal weights stay in column order.
    by_weight = np.argsort(-np.abs(parts), axis=1, kind="stable")
    partners = rows["iso3"].arg_sort().to_numpy()
    partner, column = np.repeat(partners, len(columns)), by_weight[partners].ravel()
    cell = column * rows.height + partner
    sorted_labels: pl.DataFrame = labeled[column]
    return sorted_labels.select(
        rows["iso3"].gather(partner),
        rows["origin"].gather(partner),
        pl.lit(model.outcome).alias("outcome"),
        "theme",
        "feature",
        "label",
        pl.concat([rows[name] for name in columns]).gather(cell).alias("value"),
        "unit",
        pl.concat(_find_value_years(rows, described, columns)).gather(cell).alias("value_year"),
        pl.Series("contribution_logodds", parts[partner, column]),
        pl.Series("position", np.tile(np.arange(1, len(columns) + 1), rows.height)),
    )


def _find_value_years(rows: pl.DataFrame, described: pl.DataFrame, columns: Sequence[str]) -> list[pl.Series]:
    """For each column the years of its values, null if the panel has no age for its measure."""
    measures = dict(described.select("feature", "measure").unique("feature", keep="first").iter_rows())
    ages = [f"{measures.get(column)}_age" for column in columns]
    kept = sorted(set(ages) & set(rows.columns))
    dated = rows.select((pl.col("origin") - pl.col(age)).cast(pl.Int64).alias(age) for age in kept)
    undated = pl.Series([None] * rows.height, dtype=pl.Int64)
    return [dated[age] if age in dated.columns else undated for age in ages]
