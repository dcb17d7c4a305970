"""How far a measure improved in other partners within five years, from a level similar to a partner's own."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.training.matrix import Array
from models.training.signs import MONOTONE_SIGNS

SpanMask = NDArray[np.bool_]

SPAN_YEARS = 5
FIRST_ORIGIN = 1990
# The percentile of the improvements from a similar level that bounds a target.
GAIN_PERCENTILE = 0.9
# An improvement that fewer other partners made from a similar level is not called realistic.
FEWEST_IMPROVERS = 5
# Indices have three decimals: equal differences may differ in the last digits of a float.
ROUNDING_ERROR = 1e-9


@dataclass(frozen=True)
class ActionableMeasure:
    """A measure a government can change: the step of improvement, the distance within which starts are similar, and the
    best possible value.

    Steps and distances of a count (`halving`) are in base-2 logarithms of one more: each step about halves it.
    """

    measure: str
    step: float
    near: float
    best: float
    halving: bool = False

    def compute_severity(self, values: Array) -> Array:
        """Values on the scale of steps, higher being worse."""
        scaled: Array = np.log2(1 + values) if self.halving else values
        return MONOTONE_SIGNS[self.measure] * scaled

    def compute_gain(self, now: float, value: float) -> float:
        """How much better a value is than the current one, on that scale."""
        start, end = self.compute_severity(np.array([now, value]))
        return float(start - end)

    def list_target_values(self, now: float, bound: float) -> list[float]:
        """The target values for a partner, each one step better, none further than `bound` on that scale."""
        steps = self.step * np.arange(1, int(bound / self.step) + 2)
        if self.halving:
            values = np.floor((1 + now) / 2**steps - 1).clip(min=self.best)
        else:
            better = np.round(now - MONOTONE_SIGNS[self.measure] * steps, 6)
            values = better.clip(min=self.best) if MONOTONE_SIGNS[self.measure] > 0 else better.clip(max=self.best)
        distinct = dict.fromkeys(values.tolist())
        return [value for value in distinct if ROUNDING_ERROR < self.compute_gain(now, value) <= bound + ROUNDING_ERROR]


# Only measures with a monotone sign: for others (free expression, polyarchy) the models may have the opposite sign.
# Expert indices move in steps of 0.05: finer steps would suggest a precision that they do not have.
ACTIONABLE_MEASURES = (
    ActionableMeasure("pts_mean", step=0.5, near=0.25, best=1.0),
    ActionableMeasure("ucdp_government_killings", step=1.0, near=1.0, best=0.0, halving=True),
    ActionableMeasure("vdem_civil_liberties", step=0.05, near=0.1, best=1.0),
    ActionableMeasure("vdem_corruption", step=0.05, near=0.1, best=0.0),
    ActionableMeasure("vdem_physical_integrity", step=0.05, near=0.1, best=1.0),
    ActionableMeasure("vdem_rule_of_law", step=0.05, near=0.1, best=1.0),
)


@dataclass(frozen=True)
class ImprovementSpans:
    """Five-year spans of each partner that ended by the origin: the partner (a number for each code), and by measure
    start and gain on the scale of steps (missing as NaN)."""

    codes: dict[str, int]
    partners: Array
    start: dict[str, Array]
    gain: dict[str, Array]

    def find_alike_gains(self, kind: ActionableMeasure, iso3: str, now: float) -> Array:
        """The gains of other partners that started near `now`, one per span, NaN elsewhere."""
        near = np.abs(self.start[kind.measure] - kind.compute_severity(np.array([now]))) <= kind.near + ROUNDING_ERROR
        gains: Array = np.where(near & (self.partners != self.codes.get(iso3)), self.gain[kind.measure], np.nan)
        return gains

    def count_partners(self, which: SpanMask) -> int:
        """The number of partners with such a span."""
        return len(np.unique(self.partners[which]))

    def compute_gain_bound(self, gains: Array, percentile: float = GAIN_PERCENTILE) -> float:
        """That percentile of the positive gains, itself an observed gain; zero if too few partners improved."""
        improved = gains > ROUNDING_ERROR
        if self.count_partners(improved) < FEWEST_IMPROVERS:
            return 0.0
        return float(np.quantile(gains[improved], percentile, method="lower"))


def build_spans(panel: pl.DataFrame, origin: int) -> ImprovementSpans:
    """The spans of every partner of the panel that ended from 1990 to the origin.

    A value carried forward over a gap is not a new observation and counts in its own year only.
    """
    rows = panel.filter(pl.col("origin").is_between(FIRST_ORIGIN, origin))
    start, gain = {}, {}
    for kind in ACTIONABLE_MEASURES:
        age = rows[f"{kind.measure}_age"]
        fresh = (age == age.min()).fill_null(False).to_numpy()
        before, after = (
            kind.compute_severity(rows[name].fill_null(float("nan")).to_numpy())
            for name in (f"{kind.measure}_l{SPAN_YEARS}", kind.measure)
        )
        start[kind.measure], gain[kind.measure] = before, np.where(fresh, before - after, np.nan)
    codes = {iso3: code for code, iso3 in enumerate(rows["iso3"].unique().sort())}
    return ImprovementSpans(codes, rows["iso3"].replace_strict(codes, return_dtype=pl.Float64).to_numpy(), start, gain)


def select_reached_spans(gains: Array, target_gain: float) -> SpanMask:
    """The spans that gained at least the target gain."""
    enough: SpanMask = gains >= target_gain - ROUNDING_ERROR
    return enough
