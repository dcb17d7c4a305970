"""How good forecasts were: discrimination, skill and calibration, each beside its base rate, with intervals."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from joblib import delayed

from features.bad_input import BadInput
from models.evaluation.bootstrap import (
    BINS,
    CLIP,
    DRAWS,
    bounded_logit,
    calibration_line,
    equal_count_bins,
    interval,
    partner_counts,
    ranking,
    ratio,
    sums,
)
from models.parallel.pool import in_parallel
from models.training.matrix import Array


class Subset(NamedTuple):
    """Rows of one status at the origin (any, where none is named) and the column read as their forecast."""

    status: str | None
    forecast: str


SUBSETS = {
    "all": Subset(None, "probability"),
    "escape": Subset("ongoing", "ongoing_probability"),
    "onset": Subset("clear", "onset_probability"),
    "onset as issued": Subset("clear", "probability"),
}
KEYS = ["profile", "outcome", "subset", "estimator"]
RECALLED = (10, 20, 30)
COMPARED = ("auc", "average_precision", "skill", "log_loss")
PRINTED = ["n", "events", "base", "auc", "average_precision", "skill", "ece", "mean_forecast"]

# What the figures read of a forecast.
MEASURED = ["iso3", "origin", "estimator", "partner", "forecast", "observed"]

# What names a group of rows, and with its figures a row of the tables.
Row = dict[str, object]
# A figure's values: of the sample itself, then of every draw.
Drawn = dict[str, Array]


def measure(forecasts: pl.DataFrame, subset: str = "all") -> dict[str, float]:
    """Every figure of `table`, as points, of one estimator's forecasts of one outcome in a subset."""
    return points(chosen(numbered(forecasts), subset))


def table(forecasts: pl.DataFrame, draws: int = DRAWS, jobs: int = 1) -> pl.DataFrame:
    """Figures by profile, outcome, subset and estimator: figure, value, and low and high of a 95% interval.

    n, events and base rate; AUC, average precision, Brier score and its skill over the subset's base rate, log loss;
    slope and intercept of a logistic calibration; expected calibration error `ece` over ten bins; mean forecast; and
    the share of events among the 10, 20 and 30 partners ranked highest at each origin, ties sharing the places left.
    Intervals are percentiles over `draws` samples of whole partners, the same for every estimator; bins and places
    are those of the full sample. The interval of `ece` leans upwards, as the noise of a draw adds to its gaps. Rows
    without a known outcome or forecast do not count. With one class only, figures that compare the two are not numbers.
    """
    rows = numbered(forecasts)
    counts = partner_counts(rows["partner"].n_unique(), draws)
    measuring = [delayed(_measured)(key, group, counts) for key, group in _groups(rows)]
    return pl.DataFrame([row for made in in_parallel(measuring, jobs) for row in made]).sort(*KEYS, "figure")


def differences(forecasts: pl.DataFrame, of: str = "engine", draws: int = DRAWS, jobs: int = 1) -> pl.DataFrame:
    """`of` less each other estimator, on the rows that both forecast and the same draws of partners.

    Columns profile, outcome, subset, estimator (the other), figure (AUC, average precision, skill, and log loss, of
    which alone less is better), value, low and high.
    """
    rows = numbered(forecasts)
    counts = partner_counts(rows["partner"].n_unique(), draws)
    comparing = [delayed(_ahead)(key, group, of, counts) for key, group in _groups(rows)]
    made = [row for some in in_parallel(comparing, jobs) for row in some]
    if not made:
        raise BadInput(f"no forecasts of {of} to compare with another estimator's")
    return pl.DataFrame(made).sort(*KEYS, "figure")


def wide(long: pl.DataFrame) -> pl.DataFrame:
    """The main points of a `table`, one row a profile, outcome, subset and estimator, as they are printed."""
    printed = long.filter(pl.col("figure").is_in(PRINTED)).pivot("figure", index=KEYS, values="value")
    return printed.select(*KEYS, pl.col("n", "events").cast(pl.Int64), *PRINTED[2:]).sort(KEYS)


def numbered(forecasts: pl.DataFrame) -> pl.DataFrame:
    """Rows whose outcome is known, sorted, with `partner` as a number from nought."""
    known = forecasts.filter(pl.col("observed").is_not_null())
    partner = pl.col("iso3").rank("dense").cast(pl.Int64) - 1
    return known.with_columns(partner=partner).sort("profile", "outcome", "estimator", "origin", "iso3")


def chosen(rows: pl.DataFrame, subset: str) -> pl.DataFrame:
    """The rows of a subset with the column it reads as `forecast`, without those it is missing for."""
    if subset not in SUBSETS:
        raise BadInput(f"subset {subset} is none of {', '.join(SUBSETS)}")
    status, column = SUBSETS[subset]
    of_status = pl.lit(True) if status is None else pl.col("status") == status
    return rows.filter(of_status, pl.col(column).is_not_null()).with_columns(forecast=pl.col(column))


def points(rows: pl.DataFrame) -> dict[str, float]:
    """Every figure of one estimator's chosen rows, each partner counted once."""
    once = np.ones((rows["partner"].n_unique(), 1))
    renumbered = rows.with_columns(pl.col("partner").rank("dense").cast(pl.Int64) - 1)
    return {figure: float(values[0]) for figure, values in figures(renumbered, once).items()}


def figures(rows: pl.DataFrame, counts: Array) -> Drawn:
    """Every figure of one estimator's chosen rows for each column of `counts` (see models.evaluation.bootstrap)."""
    forecast, observed, partner = (rows[name].to_numpy() for name in ("forecast", "observed", "partner"))
    observed = observed.astype(np.float64)
    parts = _additive(forecast, observed) | _caught(rows)
    total = dict(zip(parts, sums(np.column_stack(list(parts.values())), partner, counts).T, strict=True))
    some, both = total["n"] > 0, (total["events"] > 0) & (total["events"] < total["n"])
    auc, precision = ranking(forecast, observed, partner, counts)
    intercept, slope = calibration_line(bounded_logit(forecast), observed, partner, counts)
    base, brier, loss, mean = (ratio(total[name], total["n"], some) for name in ("events", "brier", "loss", "forecast"))
    gaps = np.sum([np.abs(total[f"bin{place}"]) for place in range(BINS)], axis=0)
    return {
        "n": total["n"],
        "events": total["events"],
        "base": base,
        "auc": auc,
        "average_precision": precision,
        "brier": brier,
        "skill": 1 - ratio(brier, base * (1 - base), both),
        "log_loss": loss,
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "ece": ratio(gaps, total["n"], some),
        "mean_forecast": mean,
    } | {f"recall{most}": ratio(total[f"caught{most}"], total["events"], both) for most in RECALLED}


def _additive(forecast: Array, observed: Array) -> Drawn:
    """What adds up over rows: rows, events, forecasts, squared errors, log losses and each bin's signed errors."""
    bounded = np.clip(forecast, CLIP, 1 - CLIP)
    bins = equal_count_bins(forecast)
    return {
        "n": np.ones_like(forecast),
        "events": observed,
        "forecast": forecast,
        "brier": (forecast - observed) ** 2,
        "loss": -np.log(np.where(observed > 0, bounded, 1 - bounded)),
    } | {f"bin{place}": (forecast - observed) * (bins == place) for place in range(BINS)}


def _caught(rows: pl.DataFrame) -> Drawn:
    """For each depth of ranking, the share of a place that each event has among its origin's highest forecasts."""
    above = pl.col("forecast").rank("min", descending=True).over("origin").cast(pl.Float64) - 1
    tied = pl.len().over("origin", "forecast")
    shares = {
        f"caught{most}": ((most - above) / tied).clip(0, 1) * pl.col("observed").cast(pl.Float64) for most in RECALLED
    }
    caught = rows.select(**shares)
    return {name: caught[name].to_numpy() for name in shares}


def _compared(rows: pl.DataFrame, counts: Array) -> Drawn:
    """The figures of `differences` alone, which are quicker than all."""
    forecast, observed, partner = (rows[name].to_numpy() for name in ("forecast", "observed", "partner"))
    observed = observed.astype(np.float64)
    parts = np.column_stack([_additive(forecast, observed)[name] for name in ("n", "events", "brier", "loss")])
    n, events, brier, loss = sums(parts, partner, counts).T
    auc, precision = ranking(forecast, observed, partner, counts)
    spread = ratio(events * (n - events), n, n > 0)
    return {
        "auc": auc,
        "average_precision": precision,
        "skill": 1 - ratio(brier, spread, spread > 0),
        "log_loss": ratio(loss, n, n > 0),
    }


def _groups(rows: pl.DataFrame) -> Iterator[tuple[Row, pl.DataFrame]]:
    """What is measured of the chosen rows, of all estimators, of every profile, outcome and subset."""
    for (profile, outcome), group in rows.group_by("profile", "outcome", maintain_order=True):
        for subset in SUBSETS:
            key = {"profile": profile, "outcome": outcome, "subset": subset}
            yield key, chosen(group, subset).select(MEASURED)


def _measured(key: Row, group: pl.DataFrame, counts: Array) -> list[Row]:
    """Rows of `table` for one group."""
    return [
        key | {"estimator": estimator, "figure": figure} | _estimate(values)
        for (estimator,), own in group.group_by("estimator", maintain_order=True)
        for figure, values in figures(own, counts).items()
    ]


def _ahead(key: Row, group: pl.DataFrame, of: str, counts: Array) -> list[Row]:
    """Rows of `differences` for one group; none without forecasts of `of`."""
    own = group.filter(pl.col("estimator") == of)
    if own.is_empty():
        return []
    made = []
    for (estimator,), other in group.filter(pl.col("estimator") != of).group_by("estimator", maintain_order=True):
        ours, theirs = (
            _compared(left.join(right, on=["iso3", "origin"], how="semi", maintain_order="left"), counts)
            for left, right in ((own, other), (other, own))
        )
        made += [
            key | {"estimator": estimator, "figure": figure} | _estimate(ours[figure] - theirs[figure])
            for figure in COMPARED
        ]
    return made


def _estimate(values: Array) -> dict[str, float]:
    low, high = interval(values[1:])
    return {"value": float(values[0]), "low": low, "high": high}
