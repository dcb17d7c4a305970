"""Columns derived from a measure's past: changes, totals, means, peaks and times, within each state.

They expect rows from `pad_states` with at least `LONGEST_WINDOW` empty rows between states, so that expressions that
look back no further need no `over`.
"""

import polars as pl

# Years that an expression without `over` may look back.
LONGEST_WINDOW = 10


def compute_change(measure: str, years: int) -> pl.Expr:
    """Change over `years` years, null if either end is unknown."""
    return (pl.col(measure) - pl.col(measure).shift(years)).alias(f"{measure}_d{years}")


def shift_measure(measure: str, years: int) -> pl.Expr:
    """The value `years` years before."""
    return pl.col(measure).shift(years).alias(f"{measure}_l{years}")


def compute_volatility(measure: str) -> pl.Expr:
    """Standard deviation over the last ten years, of which at least five are known."""
    return pl.col(measure).rolling_std(10, min_samples=5).alias(f"{measure}_sd10")


def compute_total(measure: str, years: int) -> pl.Expr:
    """Sum over the last `years` years, skipping unknown ones; rounded, since a running sum leaves a residue."""
    return pl.col(measure).rolling_sum(years, min_samples=1).over("state").round(4).alias(f"{measure}_sum{years}")


def compute_mean(measure: str, years: int) -> pl.Expr:
    """Mean over the last `years` years, skipping unknown ones."""
    return pl.col(measure).rolling_mean(years, min_samples=1).over("state").alias(f"{measure}_mean{years}")


def compute_median(measure: str, years: int) -> pl.Expr:
    """Median of the last `years` years, which a year booked late or twice does not change."""
    return pl.col(measure).rolling_median(years, min_samples=1).alias(f"{measure}_med{years}")


def compute_maximum(measure: str, years: int) -> pl.Expr:
    """Highest value of the last `years` years."""
    return pl.col(measure).rolling_max(years, min_samples=1).alias(f"{measure}_max{years}")


def count_years_since(measure: str, threshold: float) -> pl.Expr:
    """Years since the measure last reached a threshold, or since the state's data began; at most 40."""
    row, year = pl.int_range(pl.len()), pl.col("year")
    last = pl.when(pl.col(measure) >= threshold).then(row).forward_fill()
    began = pl.when(pl.col(measure).is_not_null()).then(year).min().over("state") - 1
    # If the previous state in the frame reached it last, this state's data began later.
    years = pl.min_horizontal(row - last, year - began)
    return years.clip(upper_bound=40).cast(pl.Float64).alias(f"{measure}_since")


def compute_minimum(measure: str, years: int) -> pl.Expr:
    """Lowest value of the last `years` years."""
    return pl.col(measure).rolling_min(years, min_samples=1).alias(f"{measure}_min{years}")


def compute_peak_drop(measure: str, years: int) -> pl.Expr:
    """Difference from the highest value of the last `years` years, zero or negative."""
    return (pl.col(measure) - compute_maximum(measure, years)).alias(f"{measure}_drop{years}")


def smooth_measure(measure: str, half_life: int) -> pl.Expr:
    """Exponentially weighted mean of known years, half-life in known years; rounded, since running sums drift."""
    known = pl.col(measure).ewm_mean(half_life=half_life, ignore_nulls=True)
    return known.over("state").round(9).alias(f"{measure}_ewm{half_life}")


def smooth_log_measure(measure: str, half_life: int) -> pl.Expr:
    """The same for log(1 + value), for counts in which one bad year would dominate the rest."""
    known = pl.col(measure).log1p().ewm_mean(half_life=half_life, ignore_nulls=True)
    return known.over("state").round(9).alias(f"{measure}_logewm{half_life}")


def compute_growth(measure: str, years: int) -> pl.Expr:
    """Relative change over `years` years, null if either end is unknown or both are zero."""
    return (pl.col(measure) / pl.col(measure).shift(years) - 1).fill_nan(None).alias(f"{measure}_g{years}")


def compute_relative_drop(measure: str, years: int) -> pl.Expr:
    """The drop of `compute_peak_drop` as a share of the peak."""
    return (pl.col(measure) / compute_maximum(measure, years) - 1).fill_nan(None).alias(f"{measure}_fall{years}")


def count_unchanged_years(measure: str) -> pl.Expr:
    """Years since the value last changed, 0 in the year of a change or the first year of data."""
    row, value = pl.int_range(pl.len()), pl.col(measure)
    changed = pl.when(value.ne_missing(value.shift(1))).then(row).forward_fill()
    return (row - changed).cast(pl.Float64).alias(f"{measure}_held")


def compute_relative_level(measure: str) -> pl.Expr:
    """The value over the year's mean of all states; rounded, since a mean depends on the order of its terms."""
    return (pl.col(measure) / pl.col(measure).mean().over("year")).fill_nan(None).round(9).alias(f"{measure}_rel")


def derive_history(measure: str) -> list[pl.Expr]:
    """The value one to ten years earlier, and the change over one and five years."""
    lags = [shift_measure(measure, years) for years in (1, 2, 3, 5, 10)]
    return lags + [compute_change(measure, years) for years in (1, 5)]


def derive_full_path(measure: str) -> list[pl.Expr]:
    """The path of a slowly changing index: history, drop from its peak, minimum, smoothed level, volatility."""
    return [
        *derive_history(measure),
        compute_change(measure, 3),
        compute_change(measure, 10),
        compute_peak_drop(measure, 10),
        compute_minimum(measure, 10),
        smooth_measure(measure, 5),
        compute_volatility(measure),
    ]


def pad_states(frame: pl.DataFrame, years: int) -> pl.DataFrame:
    """Rows sorted by state and year, with `years` empty rows before each state; `state` and `row` number both.

    `shift`, `rolling_*` and a limited `forward_fill` that look back no further then stay within each state without
    `over`, in a fraction of the time. The empty rows are numbered too, so that `state` is sorted without gaps and
    grouping needs no sort.
    """
    state = frame.select(pl.col("iso3").rle_id().cast(pl.Int64)).to_series()
    row = pl.int_range(frame.height, eager=True)
    empty = pl.Series([None], dtype=pl.Int64).new_from_index(0, frame.height + years * state.n_unique())
    rows = empty.scatter(row + (state + 1) * years, row)
    number = pl.lit(state).gather(rows).backward_fill().set_sorted().alias("state")
    return frame.select(pl.all().gather(rows), number, pl.int_range(len(rows), dtype=pl.UInt32).alias("row"))
