"""Drift of the inputs with what each weighs in the headline's forecasts, and the few lines that are worth saying."""

import polars as pl

from features.vocabulary import LATEST_ORIGIN
from models.drift import THRESHOLDS, drift
from models.plain import AnyModel
from models.promotion import HEADLINE

SHOWN = 3
WORDS = {
    "lost": "known for {known:.0%} of partners, {known_in_training:.0%} in training",
    "outside": "outside all that was seen in training for {outside:.0%} of partners",
    "shift": "shifted against training (index {shift:.2f}, notable from {at:g})",
}


def input_drift(panel: pl.DataFrame, model: AnyModel, reasons: pl.DataFrame) -> pl.DataFrame:
    """Drift of what a model reads (see models.drift) with label and weight, the heaviest first.

    weight: mean absolute contribution to the headline's log-odds over partners.
    """
    found = drift(panel, model.ensemble.columns, LATEST_ORIGIN, model.trained_to)
    told = reasons.filter(outcome=HEADLINE).group_by("feature", maintain_order=True)
    # A mean of floats moves with their order in its last digits: rounded, the same inputs give the same bytes.
    weights = told.agg(pl.col("label").first(), weight=pl.col("contribution_logodds").abs().mean().round(6))
    return found.join(weights, on="feature", how="left", maintain_order="left").sort(
        "weight", "feature", descending=[True, False], nulls_last=True
    )


def drift_lines(drifted: pl.DataFrame) -> list[str]:
    """How many inputs are notably off and the heaviest of them, one line each; none where nothing is notable."""
    notable = drifted.filter(pl.col("notable") != "") if drifted.width else drifted
    if notable.is_empty():
        return []
    first = f"{notable.height} of {drifted.height} inputs lie notably off the training rows; the heaviest:"
    return [first, *(f"  {_told(row)}" for row in notable.head(SHOWN).iter_rows(named=True))]


def _told(row: dict[str, str | float]) -> str:
    said = WORDS[str(row["notable"])].format(**row, at=THRESHOLDS["shift"].at)
    return f"{row['label']}: {said}; weighs {row['weight']:.2f} log-odds on average"
