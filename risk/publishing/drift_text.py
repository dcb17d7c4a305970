"""The few lines on the inputs' drift that are worth saying."""

import polars as pl

from models.drift_thresholds import DRIFT_THRESHOLDS

SHOWN_INPUTS = 3
DRIFT_TEXTS = {
    "lost": "known for {known:.0%} of partners, {known_in_training:.0%} in training",
    "outside": "outside all that was seen in training for {outside:.0%} of partners",
    "shift": "shifted against training (index {shift:.2f}, notable from {at:g})",
}


def describe_drift(drifted: pl.DataFrame) -> list[str]:
    """How many inputs are notably off and the heaviest of them, one line each; none where nothing is notable."""
    notable = drifted.filter(pl.col("notable") != "") if drifted.width else drifted
    if notable.is_empty():
        return []
    first = f"{notable.height} of {drifted.height} inputs lie notably off the training rows; the heaviest:"
    return [first, *(f"  {_describe_drifted_input(row)}" for row in notable.head(SHOWN_INPUTS).iter_rows(named=True))]


def _describe_drifted_input(row: dict[str, str | float]) -> str:
    said = DRIFT_TEXTS[str(row["notable"])].format(**row, at=DRIFT_THRESHOLDS["shift"].limit)
    return f"{row['label']}: {said}; weighs {row['weight']:.2f} log-odds on average"
