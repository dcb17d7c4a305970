"""The thresholds above which drift is notable, and why; a module of its own, so that reports need not import NumPy."""

from typing import NamedTuple


class DriftThreshold(NamedTuple):
    """The value at which a drift figure becomes notable, and the reason for it."""

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
