"""Summarizes the notable drift of inputs in a few lines."""

import polars as pl

from models.drift_thresholds import DRIFT_THRESHOLDS

SHOWN_INPUTS = 3
DRIFT_TEXTS = {
    "lost": "known for {known:.0%} of partners, {known_in_training:.0%} in training",
    "outside": "outside the training range for {outside:.0%} of partners",
    "shift": "shifted against training (index {shift:.2f}, notable from {at:g})",
}


def describe_drift(drifted: pl.DataFrame) -> list[str]:
    """Describe notable drift: the number of inputs and the most important ones; empty if none is notable."""
    notable = drifted.filter(pl.col("notable") != "") if drifted.width else drifted
    if notable.is_empty():
        return []
    first = f"{notable.height} of {drifted.height} inputs differ notably from the training data; the most important:"
    return [first, *(f"  {_describe_drifted_input(row)}" for row in notable.head(SHOWN_INPUTS).iter_rows(named=True))]


def _describe_drifted_input(row: dict[str, str | float]) -> str:
    text = DRIFT_TEXTS[str(row["notable"])].format(**row, at=DRIFT_THRESHOLDS["shift"].limit)
    return f"{row['label']}: {text}; weighs {row['weight']:.2f} log-odds on average"
