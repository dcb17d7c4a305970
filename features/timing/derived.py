"""What is derived from a measure's past: changes, totals, means, peaks and times, one column each, state by state.

Made for rows of features.timing.derived, at least `LONGEST` years apart: what looks no further back needs no `over`.
"""

import polars as pl

# Years that anything without `over` may look back.
LONGEST_WINDOW = 10


def compute_change(measure: str, years: int) -> pl.Expr:
    """Change over so many years, null where either end is unknown."""
    return (pl.col(measure) - pl.col(measure).shift(years)).alias(f"{measure}_d{years}")


def shift_measure(measure: str, years: int) -> pl.Expr:
    """The value so many years before."""
    return pl.col(measure).shift(years).alias(f"{measure}_l{years}")


def compute_volatility(measure: str) -> pl.Expr:
    """Standard deviation over the last ten years, of which at least five are known."""
    return pl.col(measure).rolling_std(10, min_samples=5).alias(f"{measure}_sd10")


def compute_total(measure: str, years: int) -> pl.Expr:
    """Sum over the last so many years, unknown ones left out; rounded, since a running sum leaves a residue."""
    return pl.col(measure).rolling_sum(years, min_samples=1).over("state").round(4).alias(f"{measure}_sum{years}")


def compute_mean(measure: str, years: int) -> pl.Expr:
    """Mean over the last so many years, unknown ones left out."""
    return pl.col(measure).rolling_mean(years, min_samples=1).over("state").alias(f"{measure}_mean{years}")


def compute_median(measure: str, years: int) -> pl.Expr:
    """Median of the last so many years, which a year booked late or twice does not move."""
    return pl.col(measure).rolling_median(years, min_samples=1).alias(f"{measure}_med{years}")


def compute_maximum(measure: str, years: int) -> pl.Expr:
    """Highest value of the last so many years."""
    return pl.col(measure).rolling_max(years, min_samples=1).alias(f"{measure}_max{years}")


def count_years_since(measure: str, threshold: float) -> pl.Expr:
    """Years since the measure last reached a threshold, or since its record of the state began; at most 40."""
    row, year = pl.int_range(pl.len()), pl.col("year")
    last = pl.when(pl.col(measure) >= threshold).then(row).forward_fill()
    began = pl.when(pl.col(measure).is_not_null()).then(year).min().over("state") - 1
    # Where it was last reached by the state before, the record began later.
    years = pl.min_horizontal(row - last, year - began)
    return years.clip(upper_bound=40).cast(pl.Float64).alias(f"{measure}_since")


def compute_minimum(measure: str, years: int) -> pl.Expr:
    """Lowest value of the last so many years."""
    return pl.col(measure).rolling_min(years, min_samples=1).alias(f"{measure}_min{years}")


def compute_peak_drop(measure: str, years: int) -> pl.Expr:
    """How far the value lies below the highest of the last so many years, nought or less."""
    return (pl.col(measure) - compute_maximum(measure, years)).alias(f"{measure}_drop{years}")


def smooth_measure(measure: str, half_life: int) -> pl.Expr:
    """Mean of all years known so far, one so many known years back weighing half; rounded, as running sums drift."""
    known = pl.col(measure).ewm_mean(half_life=half_life, ignore_nulls=True)
    return known.over("state").round(9).alias(f"{measure}_ewm{half_life}")


def smooth_log_measure(measure: str, half_life: int) -> pl.Expr:
    """The same of the logarithm of one more, for counts in which one bad year would drown the rest."""
    known = pl.col(measure).log1p().ewm_mean(half_life=half_life, ignore_nulls=True)
    return known.over("state").round(9).alias(f"{measure}_logewm{half_life}")


def compute_growth(measure: str, years: int) -> pl.Expr:
    """Relative change over so many years, null where either end is unknown or both are nought."""
    return (pl.col(measure) / pl.col(measure).shift(years) - 1).fill_nan(None).alias(f"{measure}_g{years}")


def compute_relative_drop(measure: str, years: int) -> pl.Expr:
    """The same as `below_peak` as a share of the peak."""
    return (pl.col(measure) / compute_maximum(measure, years) - 1).fill_nan(None).alias(f"{measure}_fall{years}")


def count_unchanged_years(measure: str) -> pl.Expr:
    """Years for which the value has stood unchanged, 0 in the year of a change or of the record's beginning."""
    row, value = pl.int_range(pl.len()), pl.col(measure)
    changed = pl.when(value.ne_missing(value.shift(1))).then(row).forward_fill()
    return (row - changed).cast(pl.Float64).alias(f"{measure}_held")


def compute_relative_level(measure: str) -> pl.Expr:
    """The value over the mean of all states of the same year; rounded, as a mean moves with the order of its terms."""
    return (pl.col(measure) / pl.col(measure).mean().over("year")).fill_nan(None).round(9).alias(f"{measure}_rel")


def derive_history(measure: str) -> list[pl.Expr]:
    """The value up to ten years earlier, and the change over one and five."""
    before = [shift_measure(measure, years) for years in (1, 2, 3, 5, 10)]
    return before + [compute_change(measure, years) for years in (1, 5)]


def derive_full_path(measure: str) -> list[pl.Expr]:
    """How a slowly moving index came to where it is: history, fall from its peak, depth, smooth level, volatility."""
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
    """Rows sorted by state and year, with so many empty rows before each state; `state` and `row` number both.

    `shift`, `rolling_*` and a limited `forward_fill` that look back no further than that work state by state as they
    stand, in a fraction of the time that they take with `over`. The empty rows have the numbers too: states in
    order and without gaps are grouped as they stand.
    """
    state = frame.select(pl.col("iso3").rle_id().cast(pl.Int64)).to_series()
    row = pl.int_range(frame.height, eager=True)
    empty = pl.Series([None], dtype=pl.Int64).new_from_index(0, frame.height + years * state.n_unique())
    rows = empty.scatter(row + (state + 1) * years, row)
    number = pl.lit(state).gather(rows).backward_fill().set_sorted().alias("state")
    return frame.select(pl.all().gather(rows), number, pl.int_range(len(rows), dtype=pl.UInt32).alias("row"))
