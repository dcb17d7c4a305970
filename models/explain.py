"""Exact SHAP contributions to the ensemble's log-odds, as a tidy table of reasons."""

import numpy as np
import polars as pl

from models.linear import linear_contributions
from models.matrix import Array, matrix
from models.train import Model

TOLERANCE = 1e-6


def contributions(model: Model, rows: pl.DataFrame) -> tuple[Array, float]:
    """Rows × columns of contributions and the expected log-odds they start from.

    Raises ArithmeticError where the parts do not add up to the model's log-odds.
    """
    from shap import TreeExplainer

    ensemble = model.ensemble
    known = matrix(rows, ensemble.columns)
    explained = [TreeExplainer(booster, feature_perturbation="tree_path_dependent") for booster in ensemble.boosters]
    trees = np.mean([explainer.shap_values(known) for explainer in explained], axis=0)
    members = [(trees, float(np.mean([np.ravel(explainer.expected_value)[-1] for explainer in explained])))]
    members.append(linear_contributions(ensemble.linear, rows, ensemble.columns))
    if graded := ensemble.graded:
        explainer = TreeExplainer(graded.regressor, feature_perturbation="tree_path_dependent")
        expected = float(np.ravel(explainer.expected_value)[-1])
        members.append((graded.slope * explainer.shap_values(known), graded.slope * expected + graded.intercept))
    parts = np.mean([part for part, _ in members], axis=0)
    start = float(np.mean([base for _, base in members]))
    gap = float(np.abs(parts.sum(axis=1) + start - ensemble.log_odds(rows).mean(axis=0)).max())
    if gap > TOLERANCE:
        raise ArithmeticError(f"{model.outcome}: contributions miss the log-odds by {gap:.2g}")
    return parts, start


def reasons(model: Model, rows: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """One row a partner and feature: iso3, origin, outcome, theme, feature, label, value, unit, value_year,
    contribution_logodds, position (1 for the largest absolute contribution).

    `described` has feature, theme, label, unit and measure, whose `<measure>_age` dates the value.
    """
    parts, _ = contributions(model, rows)
    keys = rows.select("iso3", "origin")
    long = pl.concat(
        keys.with_columns(
            feature=pl.lit(column),
            value=rows[column],
            contribution_logodds=pl.Series(parts[:, i]),
            value_year=_value_year(rows, described, column),
        )
        for i, column in enumerate(model.ensemble.columns)
    )
    size = pl.col("contribution_logodds").abs()
    return (
        long.join(described, on="feature", how="left")
        .with_columns(
            outcome=pl.lit(model.outcome),
            position=size.rank("ordinal", descending=True).over("iso3").cast(pl.Int64),
        )
        .select(
            "iso3", "origin", "outcome", "theme", "feature", "label", "value", "unit", "value_year",
            "contribution_logodds", "position",
        )
        .sort("iso3", "outcome", "position")
    )  # fmt: skip


def _value_year(rows: pl.DataFrame, described: pl.DataFrame, column: str) -> pl.Series:
    """The year a value comes from, null where no age is kept for its measure."""
    measure = described.filter(pl.col("feature") == column)["measure"]
    age = f"{measure[0]}_age" if len(measure) else ""
    if age not in rows.columns:
        return pl.Series([None] * rows.height, dtype=pl.Int64)
    return (rows["origin"] - rows[age]).cast(pl.Int64)
