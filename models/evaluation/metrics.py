"""Forecast metrics: discrimination, skill and calibration against the base rate, with intervals."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from joblib import delayed

from features.bad_input import BadInput
from models.evaluation.bootstrap import (
    BIN_COUNT,
    BOOTSTRAP_DRAWS,
    LEAST_PROBABILITY,
    assign_equal_bins,
    compute_bounded_logit,
    compute_interval,
    divide_where_valid,
    draw_partner_counts,
    fit_calibration_line,
    measure_ranking,
    sum_by_draw,
)
from models.parallel.pool import run_in_parallel
from models.training.matrix import Array


class ForecastSubset(NamedTuple):
    """Rows of one status at the origin (None: any status) and the column used as their forecast."""

    status: str | None
    forecast: str


FORECAST_SUBSETS = {
    "all": ForecastSubset(None, "probability"),
    "escape": ForecastSubset("ongoing", "ongoing_probability"),
    "onset": ForecastSubset("clear", "onset_probability"),
    "onset as issued": ForecastSubset("clear", "probability"),
}
FIGURE_KEYS = ["profile", "outcome", "subset", "estimator"]
RECALL_DEPTHS = (10, 20, 30)
COMPARED_FIGURES = ("auc", "average_precision", "skill", "log_loss")
PRINTED_FIGURES = ["n", "events", "base", "auc", "average_precision", "skill", "ece", "mean_forecast"]

# The columns that the metrics need.
MEASURED_COLUMNS = ["iso3", "origin", "estimator", "partner", "forecast", "observed"]

# The keys of a group of rows and, with its metrics, a row of the tables.
FigureRow = dict[str, object]
# A metric's values: of the sample itself, then of every draw.
DrawnFigures = dict[str, Array]


def measure_forecasts(forecasts: pl.DataFrame, subset: str = "all") -> dict[str, float]:
    """Point values of every metric for one estimator's forecasts of one outcome in a subset."""
    return compute_point_figures(select_subset_rows(number_partners(forecasts), subset))


def tabulate_figures(forecasts: pl.DataFrame, draws: int = BOOTSTRAP_DRAWS, jobs: int = 1) -> pl.DataFrame:
    """Figures by profile, outcome, subset and estimator: figure, value, and low and high of a 95% interval.

    n, events and base rate; AUC, average precision, Brier score and its skill over the subset's base rate, log loss;
    slope and intercept of a logistic calibration; expected calibration error `ece` over ten bins; mean forecast; and
    the share of events among the 10, 20 and 30 partners ranked highest at each origin, ties sharing the ranks left.
    Intervals are percentiles over `draws` samples of whole partners, the same for every estimator; bins and ranks
    are those of the full sample. The interval of `ece` is biased upward, as the noise of a draw adds to its gaps. Rows
    without a known outcome or forecast do not count. With one class only, metrics that compare the two are NaN.
    """
    rows = number_partners(forecasts)
    counts = draw_partner_counts(rows["partner"].n_unique(), draws)
    measuring = [delayed(_measure_group)(key, group, counts) for key, group in _iterate_groups(rows)]
    return pl.DataFrame([row for rows_of_group in run_in_parallel(measuring, jobs) for row in rows_of_group]).sort(
        *FIGURE_KEYS, "figure"
    )


def tabulate_differences(
    forecasts: pl.DataFrame, of: str = "engine", draws: int = BOOTSTRAP_DRAWS, jobs: int = 1
) -> pl.DataFrame:
    """`of` minus each other estimator, on the rows that both forecast and the same draws of partners.

    Columns profile, outcome, subset, estimator (the other), figure (AUC, average precision, skill, and log loss, for
    which less is better), value, low and high.
    """
    rows = number_partners(forecasts)
    counts = draw_partner_counts(rows["partner"].n_unique(), draws)
    comparing = [delayed(_compare_estimators)(key, group, of, counts) for key, group in _iterate_groups(rows)]
    differences = [row for rows_of_group in run_in_parallel(comparing, jobs) for row in rows_of_group]
    if not differences:
        raise BadInput(f"no forecasts of {of} to compare with another estimator's")
    return pl.DataFrame(differences).sort(*FIGURE_KEYS, "figure")


def pivot_figures(long: pl.DataFrame) -> pl.DataFrame:
    """The main values of `tabulate_figures` as printed, one row per profile, outcome, subset and estimator."""
    printed = long.filter(pl.col("figure").is_in(PRINTED_FIGURES)).pivot("figure", index=FIGURE_KEYS, values="value")
    return printed.select(*FIGURE_KEYS, pl.col("n", "events").cast(pl.Int64), *PRINTED_FIGURES[2:]).sort(FIGURE_KEYS)


def number_partners(forecasts: pl.DataFrame) -> pl.DataFrame:
    """Rows whose outcome is known, sorted, with `partner` as a number from zero."""
    known = forecasts.filter(pl.col("observed").is_not_null())
    partner = pl.col("iso3").rank("dense").cast(pl.Int64) - 1
    return known.with_columns(partner=partner).sort("profile", "outcome", "estimator", "origin", "iso3")


def select_subset_rows(rows: pl.DataFrame, subset: str) -> pl.DataFrame:
    """The rows of a subset with its forecast column as `forecast`; rows without a forecast are left out."""
    if subset not in FORECAST_SUBSETS:
        raise BadInput(f"unknown subset {subset!r}; expected one of {', '.join(FORECAST_SUBSETS)}")
    status, column = FORECAST_SUBSETS[subset]
    of_status = pl.lit(True) if status is None else pl.col("status") == status
    return rows.filter(of_status, pl.col(column).is_not_null()).with_columns(forecast=pl.col(column))


def compute_point_figures(rows: pl.DataFrame) -> dict[str, float]:
    """Every metric of one estimator's rows, each partner counted once."""
    once = np.ones((rows["partner"].n_unique(), 1))
    renumbered = rows.with_columns(pl.col("partner").rank("dense").cast(pl.Int64) - 1)
    return {figure: float(values[0]) for figure, values in compute_drawn_figures(renumbered, once).items()}


def compute_drawn_figures(rows: pl.DataFrame, counts: Array) -> DrawnFigures:
    """Every metric of one estimator's rows for each column of `counts` (see models.evaluation.bootstrap)."""
    forecast, observed, partner = (rows[name].to_numpy() for name in ("forecast", "observed", "partner"))
    observed = observed.astype(np.float64)
    parts = _compute_additive_parts(forecast, observed) | _compute_caught_shares(rows)
    total = dict(zip(parts, sum_by_draw(np.column_stack(list(parts.values())), partner, counts).T, strict=True))
    has_rows, has_both_classes = total["n"] > 0, (total["events"] > 0) & (total["events"] < total["n"])
    auc, precision = measure_ranking(forecast, observed, partner, counts)
    intercept, slope = fit_calibration_line(compute_bounded_logit(forecast), observed, partner, counts)
    base, brier, loss, mean = (
        divide_where_valid(total[name], total["n"], has_rows) for name in ("events", "brier", "loss", "forecast")
    )
    gaps = np.sum([np.abs(total[f"bin{bin_number}"]) for bin_number in range(BIN_COUNT)], axis=0)
    return {
        "n": total["n"],
        "events": total["events"],
        "base": base,
        "auc": auc,
        "average_precision": precision,
        "brier": brier,
        "skill": 1 - divide_where_valid(brier, base * (1 - base), has_both_classes),
        "log_loss": loss,
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "ece": divide_where_valid(gaps, total["n"], has_rows),
        "mean_forecast": mean,
    } | {
        f"recall{most}": divide_where_valid(total[f"caught{most}"], total["events"], has_both_classes)
        for most in RECALL_DEPTHS
    }


def _compute_additive_parts(forecast: Array, observed: Array) -> DrawnFigures:
    """What is summed over rows: rows, events, forecasts, squared errors, log losses and each bin's signed errors."""
    bounded = np.clip(forecast, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    bins = assign_equal_bins(forecast)
    return {
        "n": np.ones_like(forecast),
        "events": observed,
        "forecast": forecast,
        "brier": (forecast - observed) ** 2,
        "loss": -np.log(np.where(observed > 0, bounded, 1 - bounded)),
    } | {f"bin{bin_number}": (forecast - observed) * (bins == bin_number) for bin_number in range(BIN_COUNT)}


def _compute_caught_shares(rows: pl.DataFrame) -> DrawnFigures:
    """For each ranking depth, the share of a rank that each event has among its origin's highest forecasts."""
    above = pl.col("forecast").rank("min", descending=True).over("origin").cast(pl.Float64) - 1
    tied = pl.len().over("origin", "forecast")
    shares = {
        f"caught{most}": ((most - above) / tied).clip(0, 1) * pl.col("observed").cast(pl.Float64)
        for most in RECALL_DEPTHS
    }
    caught = rows.select(**shares)
    return {name: caught[name].to_numpy() for name in shares}


def _compute_compared_figures(rows: pl.DataFrame, counts: Array) -> DrawnFigures:
    """Only the metrics of `tabulate_differences`, which are faster than all of them."""
    forecast, observed, partner = (rows[name].to_numpy() for name in ("forecast", "observed", "partner"))
    observed = observed.astype(np.float64)
    parts = np.column_stack(
        [_compute_additive_parts(forecast, observed)[name] for name in ("n", "events", "brier", "loss")]
    )
    n, events, brier, loss = sum_by_draw(parts, partner, counts).T
    auc, precision = measure_ranking(forecast, observed, partner, counts)
    spread = divide_where_valid(events * (n - events), n, n > 0)
    return {
        "auc": auc,
        "average_precision": precision,
        "skill": 1 - divide_where_valid(brier, spread, spread > 0),
        "log_loss": divide_where_valid(loss, n, n > 0),
    }


def _iterate_groups(rows: pl.DataFrame) -> Iterator[tuple[FigureRow, pl.DataFrame]]:
    """Keys and rows, of all estimators, for every profile, outcome and subset."""
    for (profile, outcome), group in rows.group_by("profile", "outcome", maintain_order=True):
        for subset in FORECAST_SUBSETS:
            key = {"profile": profile, "outcome": outcome, "subset": subset}
            yield key, select_subset_rows(group, subset).select(MEASURED_COLUMNS)


def _measure_group(key: FigureRow, group: pl.DataFrame, counts: Array) -> list[FigureRow]:
    """Rows of `tabulate_figures` for one group."""
    return [
        key | {"estimator": estimator, "figure": figure} | _summarize_draws(values)
        for (estimator,), own in group.group_by("estimator", maintain_order=True)
        for figure, values in compute_drawn_figures(own, counts).items()
    ]


def _compare_estimators(key: FigureRow, group: pl.DataFrame, of: str, counts: Array) -> list[FigureRow]:
    """Rows of `tabulate_differences` for one group; empty without forecasts of `of`."""
    own = group.filter(pl.col("estimator") == of)
    if own.is_empty():
        return []
    differences = []
    for (estimator,), other in group.filter(pl.col("estimator") != of).group_by("estimator", maintain_order=True):
        ours, theirs = (
            _compute_compared_figures(
                left.join(right, on=["iso3", "origin"], how="semi", maintain_order="left"), counts
            )
            for left, right in ((own, other), (other, own))
        )
        differences += [
            key | {"estimator": estimator, "figure": figure} | _summarize_draws(ours[figure] - theirs[figure])
            for figure in COMPARED_FIGURES
        ]
    return differences


def _summarize_draws(values: Array) -> dict[str, float]:
    low, high = compute_interval(values[1:])
    return {"value": float(values[0]), "low": low, "high": high}
