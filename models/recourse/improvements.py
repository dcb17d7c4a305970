"""How far a measure improved elsewhere within five years, from a level like a partner's own."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.training.matrix import Array
from models.training.signs import SIGNS

Mask = NDArray[np.bool_]

YEARS = 5
FIRST_ORIGIN = 1990
# Of the improvements seen from a like level, the part that a bound leaves below it.
PERCENTILE = 0.9
# What fewer other partners managed from a like level is not called realistic.
FEWEST = 5
# Indices have three decimals: differences that are equal on paper may differ in the last digits of a float.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Improvable:
    """A measure a government can change: the step in which it is asked to improve, how near a start is alike, and the
    best value there is.

    Steps and distances of a count (`halving`) are in base-2 logarithms of one more: each step about halves it.
    """

    measure: str
    step: float
    near: float
    best: float
    halving: bool = False

    def badness(self, values: Array) -> Array:
        """Values on the scale in which steps are taken, higher being worse."""
        scaled: Array = np.log2(1 + values) if self.halving else values
        return SIGNS[self.measure] * scaled

    def gain(self, now: float, value: float) -> float:
        """How much better a value is than now, on that scale."""
        start, end = self.badness(np.array([now, value]))
        return float(start - end)

    def ahead(self, now: float, bound: float) -> list[float]:
        """The values that can be asked of a partner, a step better each, none further than `bound` on that scale."""
        steps = self.step * np.arange(1, int(bound / self.step) + 2)
        if self.halving:
            values = np.floor((1 + now) / 2**steps - 1).clip(min=self.best)
        else:
            better = np.round(now - SIGNS[self.measure] * steps, 6)
            values = better.clip(min=self.best) if SIGNS[self.measure] > 0 else better.clip(max=self.best)
        whole = dict.fromkeys(values.tolist())
        return [value for value in whole if ROUNDING < self.gain(now, value) <= bound + ROUNDING]


# Only measures whose sign theory fixes: of the rest (free expression, polyarchy) the models may say the opposite.
# Indices by experts are asked for in steps of a twentieth: finer ones would feign a precision that they do not have.
IMPROVABLE = (
    Improvable("pts_mean", step=0.5, near=0.25, best=1.0),
    Improvable("ucdp_government_killings", step=1.0, near=1.0, best=0.0, halving=True),
    Improvable("vdem_civil_liberties", step=0.05, near=0.1, best=1.0),
    Improvable("vdem_corruption", step=0.05, near=0.1, best=0.0),
    Improvable("vdem_physical_integrity", step=0.05, near=0.1, best=1.0),
    Improvable("vdem_rule_of_law", step=0.05, near=0.1, best=1.0),
)


@dataclass(frozen=True)
class Spans:
    """Five years of each partner, ended by the origin: whose (a number for each code), and by measure the start and
    the gain on the scale of steps (missing as NaN)."""

    codes: dict[str, int]
    partners: Array
    start: dict[str, Array]
    gain: dict[str, Array]

    def alike(self, kind: Improvable, iso3: str, now: float) -> Array:
        """The gains of other partners that started near `now`, one a span, NaN elsewhere."""
        near = np.abs(self.start[kind.measure] - kind.badness(np.array([now]))) <= kind.near + ROUNDING
        gains: Array = np.where(near & (self.partners != self.codes.get(iso3)), self.gain[kind.measure], np.nan)
        return gains

    def count(self, which: Mask) -> int:
        """How many partners have such a span."""
        return len(np.unique(self.partners[which]))

    def bound(self, gains: Array, percentile: float = PERCENTILE) -> float:
        """That percentile of the gains of those that improved, itself a gain seen; nought with too few."""
        improved = gains > ROUNDING
        if self.count(improved) < FEWEST:
            return 0.0
        return float(np.quantile(gains[improved], percentile, method="lower"))


def spans(panel: pl.DataFrame, origin: int) -> Spans:
    """The spans of every partner of the panel that ended from 1990 to the origin.

    A value carried over a gap is no new observation and counts in its own year only.
    """
    rows = panel.filter(pl.col("origin").is_between(FIRST_ORIGIN, origin))
    start, gain = {}, {}
    for kind in IMPROVABLE:
        age = rows[f"{kind.measure}_age"]
        fresh = (age == age.min()).fill_null(False).to_numpy()
        before, after = (
            kind.badness(rows[name].fill_null(float("nan")).to_numpy())
            for name in (f"{kind.measure}_l{YEARS}", kind.measure)
        )
        start[kind.measure], gain[kind.measure] = before, np.where(fresh, before - after, np.nan)
    codes = {iso3: code for code, iso3 in enumerate(rows["iso3"].unique().sort())}
    return Spans(codes, rows["iso3"].replace_strict(codes, return_dtype=pl.Float64).to_numpy(), start, gain)


def as_much(gains: Array, asked: float) -> Mask:
    """Which spans gained at least as much as is asked."""
    enough: Mask = gains >= asked - ROUNDING
    return enough
