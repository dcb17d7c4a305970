"""From where on a figure of drift is notable, and why; apart, as those who only tell of it need no arrays."""

from typing import NamedTuple


class DriftThreshold(NamedTuple):
    """From where on a figure is notable, and why from there."""

    limit: float
    reason: str


DRIFT_THRESHOLDS = {
    "lost": DriftThreshold(
        0.10, "about 20 partners lose a value that the models are used to; one source's usual gaps move fewer than 5"
    ),
    "outside": DriftThreshold(
        0.05, "about 10 partners lie beyond all that was seen in training; one or two extremes always do"
    ),
    "shift": DriftThreshold(
        0.25,
        "the usual reading of a population stability index: 0.1 to 0.25 some shift, more a large one; "
        "by chance alone about 0.05 is seen with 190 partners",
    ),
}
