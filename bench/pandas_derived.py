"""What features.timing.derived computes, in plain pandas: one series each, by state, of a frame sorted by both."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

# A series of the frame by the name it will have.
Derive = Callable[["Grid", str], tuple[str, pd.Series]]


class Grid:
    """Facts on the full grid of states and years, grouped by state once."""

    def __init__(self, frame: pd.DataFrame, lag: int, max_age: int) -> None:
        """`frame` has iso3, year and measures; `lag` and `max_age` are those of features.timing.as_known.Facts."""
        self.frame, self.lag, self.max_age = frame, lag, max_age
        self.states = frame["iso3"]
        self.by = frame.groupby("iso3", sort=False)

    def grouped(self, values: pd.Series) -> "pd.api.typing.SeriesGroupBy[Any, Any]":
        """A series of the frame, state by state."""
        return values.groupby(self.states, sort=False)

    def rolled(self, measure: str, years: int, how: str, least: int = 1) -> pd.Series:
        """A statistic of the last so many years."""
        rolling = self.by[measure].rolling(years, min_periods=least)
        return pd.Series(getattr(rolling, how)().to_numpy(), index=self.frame.index)


def shifted(years: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """The value so many years before."""
    return f"{measure}_l{years}", grid.by[measure].shift(years)


def changed(years: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """Change over so many years."""
    return f"{measure}_d{years}", grid.frame[measure] - grid.by[measure].shift(years)


def grown(years: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """Relative change over so many years."""
    return f"{measure}_g{years}", grid.frame[measure] / grid.by[measure].shift(years) - 1


def rolled(how: str, short: str, years: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """Sum, mean, median, maximum or minimum of the last so many years."""
    made = grid.rolled(measure, years, how)
    return f"{measure}_{short}{years}", made.round(4) if how == "sum" else made


def volatile(grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """Standard deviation of ten years, of which five are known."""
    return f"{measure}_sd10", grid.rolled(measure, 10, "std", least=5)


def dropped(years: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """How far below the highest of so many years."""
    return f"{measure}_drop{years}", grid.frame[measure] - grid.rolled(measure, years, "max")


def fallen(years: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """The same as a share of the highest."""
    return f"{measure}_fall{years}", grid.frame[measure] / grid.rolled(measure, years, "max") - 1


def smooth(half_life: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """Mean of all years so far, one so many known years back weighing half."""
    return f"{measure}_ewm{half_life}", _weighed(grid, grid.frame[measure], half_life)


def smooth_log(half_life: int, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """The same of the logarithm of one more."""
    return f"{measure}_logewm{half_life}", _weighed(grid, np.log1p(grid.frame[measure]), half_life)


def _weighed(grid: Grid, values: pd.Series, half_life: int) -> pd.Series:
    mean = grid.grouped(values).ewm(halflife=half_life, ignore_na=True).mean()
    return pd.Series(mean.to_numpy(), index=grid.frame.index).round(9)


def time_since(threshold: float, grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """Years since a threshold was last reached, or since the record began; at most 40."""
    year, value = grid.frame["year"].astype(float), grid.frame[measure]
    last = grid.grouped(year.where(value >= threshold)).ffill()
    began = grid.grouped(year.where(value.notna())).transform("min") - 1
    return f"{measure}_since", (year - last.fillna(began)).clip(upper=40)


def unchanged(grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """Years for which the value has stood."""
    value = grid.frame[measure]
    spell = grid.grouped(value.ne(grid.by[measure].shift(1))).cumsum()
    return f"{measure}_held", grid.frame.groupby([grid.states, spell], sort=False).cumcount().astype(float)


def beside_all(grid: Grid, measure: str) -> tuple[str, pd.Series]:
    """The value over the mean of all states of the year."""
    mean = grid.frame.groupby("year")[measure].transform("mean")
    return f"{measure}_rel", (grid.frame[measure] / mean).round(9)


def total(*years: int) -> list[Derive]:
    """Sums."""
    return [partial(rolled, "sum", "sum", n) for n in years]


def mean(*years: int) -> list[Derive]:
    """Means."""
    return [partial(rolled, "mean", "mean", n) for n in years]


def highest(*years: int) -> list[Derive]:
    """Maxima."""
    return [partial(rolled, "max", "max", n) for n in years]


def lowest(*years: int) -> list[Derive]:
    """Minima."""
    return [partial(rolled, "min", "min", n) for n in years]


def typical(years: int) -> list[Derive]:
    """Median."""
    return [partial(rolled, "median", "med", years)]


def each(derive: Callable[..., tuple[str, pd.Series]], *given: float) -> list[Derive]:
    """One derivation for each of several numbers."""
    return [partial(derive, number) for number in given]


def history() -> list[Derive]:
    """The value up to ten years earlier, and the change over one and five."""
    return [*each(shifted, 1, 2, 3, 5, 10), *each(changed, 1, 5)]


def path() -> list[Derive]:
    """History, changes, fall, depth, smooth level and volatility."""
    return [*history(), *each(changed, 3, 10), *each(dropped, 10), *lowest(10), *each(smooth, 5), volatile]
