"""The derivations of features.timing.derived in plain pandas: one series each, by state and year."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

# A derivation returns the name and the values of its series.
SeriesDerivation = Callable[["PandasGrid", str], tuple[str, pd.Series]]


class PandasGrid:
    """Facts on the full grid of states and years, grouped by state once."""

    def __init__(self, frame: pd.DataFrame, lag: int, max_age: int) -> None:
        """`frame` has iso3, year and measures; `lag` and `max_age` are those of features.timing.as_known.Facts."""
        self.frame, self.lag, self.max_age = frame, lag, max_age
        self.states = frame["iso3"]
        self.by = frame.groupby("iso3", sort=False)

    def group_by_state(self, values: pd.Series) -> "pd.api.typing.SeriesGroupBy[Any, Any]":
        """A series of the frame grouped by state."""
        return values.groupby(self.states, sort=False)

    def compute_rolling_statistic(self, measure: str, years: int, how: str, least: int = 1) -> pd.Series:
        """A rolling statistic over `years` years."""
        rolling = self.by[measure].rolling(years, min_periods=least)
        return pd.Series(getattr(rolling, how)().to_numpy(), index=self.frame.index)


def derive_shifted_value(years: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """The value `years` years before."""
    return f"{measure}_l{years}", grid.by[measure].shift(years)


def derive_change(years: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Change over `years` years."""
    return f"{measure}_d{years}", grid.frame[measure] - grid.by[measure].shift(years)


def derive_growth(years: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Relative change over `years` years."""
    return f"{measure}_g{years}", grid.frame[measure] / grid.by[measure].shift(years) - 1


def derive_rolling_statistic(how: str, short: str, years: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Sum, mean, median, maximum or minimum of the last `years` years."""
    values = grid.compute_rolling_statistic(measure, years, how)
    return f"{measure}_{short}{years}", values.round(4) if how == "sum" else values


def derive_volatility(grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Standard deviation over ten years, at least five of them known."""
    return f"{measure}_sd10", grid.compute_rolling_statistic(measure, 10, "std", least=5)


def derive_peak_drop(years: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Distance below the maximum of `years` years."""
    return f"{measure}_drop{years}", grid.frame[measure] - grid.compute_rolling_statistic(measure, years, "max")


def derive_relative_drop(years: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Distance below the maximum as a share of it."""
    return f"{measure}_fall{years}", grid.frame[measure] / grid.compute_rolling_statistic(measure, years, "max") - 1


def derive_smooth_level(half_life: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Exponentially weighted mean of all years so far; `half_life` known years halve the weight."""
    return f"{measure}_ewm{half_life}", _compute_weighted_mean(grid, grid.frame[measure], half_life)


def derive_smooth_log(half_life: int, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """The same of log(1 + value)."""
    return f"{measure}_logewm{half_life}", _compute_weighted_mean(grid, np.log1p(grid.frame[measure]), half_life)


def _compute_weighted_mean(grid: PandasGrid, values: pd.Series, half_life: int) -> pd.Series:
    mean = grid.group_by_state(values).ewm(halflife=half_life, ignore_na=True).mean()
    return pd.Series(mean.to_numpy(), index=grid.frame.index).round(9)


def derive_years_since(threshold: float, grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Years since a threshold was last reached, or since the record began, capped at 40."""
    year, value = grid.frame["year"].astype(float), grid.frame[measure]
    last = grid.group_by_state(year.where(value >= threshold)).ffill()
    began = grid.group_by_state(year.where(value.notna())).transform("min") - 1
    return f"{measure}_since", (year - last.fillna(began)).clip(upper=40)


def derive_unchanged_years(grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """Years for which the value has not changed."""
    value = grid.frame[measure]
    spell = grid.group_by_state(value.ne(grid.by[measure].shift(1))).cumsum()
    return f"{measure}_held", grid.frame.groupby([grid.states, spell], sort=False).cumcount().astype(float)


def derive_relative_level(grid: PandasGrid, measure: str) -> tuple[str, pd.Series]:
    """The value divided by the year's mean over all states."""
    mean = grid.frame.groupby("year")[measure].transform("mean")
    return f"{measure}_rel", (grid.frame[measure] / mean).round(9)


def list_totals(*years: int) -> list[SeriesDerivation]:
    """Sums."""
    return [partial(derive_rolling_statistic, "sum", "sum", n) for n in years]


def list_means(*years: int) -> list[SeriesDerivation]:
    """Means."""
    return [partial(derive_rolling_statistic, "mean", "mean", n) for n in years]


def list_maxima(*years: int) -> list[SeriesDerivation]:
    """Maxima."""
    return [partial(derive_rolling_statistic, "max", "max", n) for n in years]


def list_minima(*years: int) -> list[SeriesDerivation]:
    """Minima."""
    return [partial(derive_rolling_statistic, "min", "min", n) for n in years]


def list_medians(years: int) -> list[SeriesDerivation]:
    """Median."""
    return [partial(derive_rolling_statistic, "median", "med", years)]


def list_derivations(derive: Callable[..., tuple[str, pd.Series]], *numbers: float) -> list[SeriesDerivation]:
    """One derivation per number."""
    return [partial(derive, number) for number in numbers]


def list_history() -> list[SeriesDerivation]:
    """Lagged values up to ten years, and the change over one and five years."""
    return [*list_derivations(derive_shifted_value, 1, 2, 3, 5, 10), *list_derivations(derive_change, 1, 5)]


def list_full_path() -> list[SeriesDerivation]:
    """History, changes, fall, depth, smooth level and volatility."""
    return [
        *list_history(),
        *list_derivations(derive_change, 3, 10),
        *list_derivations(derive_peak_drop, 10),
        *list_minima(10),
        *list_derivations(derive_smooth_level, 5),
        derive_volatility,
    ]
