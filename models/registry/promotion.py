"""Promotion of a challenger: only if its forecasts of the same past were significantly better than the champion's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from features.bad_input import BadInput
from features.vocabulary import HEADLINE_OUTCOME
from models.registry import tracking
from models.registry.fingerprint import Fingerprint
from models.registry.tracking import ModelVersion

PROMOTION_DRAWS = 2000
WHOLE_SUBSETS = {"all": pl.lit(True), "onset": pl.col("status") == "clear"}
ROW_KEYS = ["iso3", "origin"]


@dataclass(frozen=True)
class PromotionVerdict:
    """Whether the challenger was promoted, and why in one line."""

    promoted: bool
    line: str


@dataclass(frozen=True)
class BrierDifference:
    """Brier scores on the same rows, and the 95% interval of the challenger's minus the champion's."""

    challenger: float
    champion: float
    low: float
    high: float

    @property
    def mean_difference(self) -> float:
        """The challenger's Brier score minus the champion's."""
        return self.challenger - self.champion


def build_forecasts_path(out: Path, key: Fingerprint | ModelVersion, outcome: str = HEADLINE_OUTCOME) -> Path:
    """The path of a fingerprint's back-test forecasts in the output folder, which saves computing them twice."""
    return out / "backtest" / f"{key.panel[:12]}-{key.recipe[:12]}" / f"{outcome}.parquet"


def promote_challengers(out: Path) -> PromotionVerdict:
    """Give all challengers the alias champion if the headline's challenger was better on the same rows.

    Back-test forecasts come from the version in MLflow, or else from the output folder.
    """
    challengers, champions = (
        tracking.find_versions(out, alias) for alias in (tracking.CHALLENGER_ALIAS, tracking.CHAMPION_ALIAS)
    )
    if _match_fingerprints(challengers, champions):
        return PromotionVerdict(False, "the challenger is the champion: the same data and the same recipe")
    forecasts = [_load_forecasts(out, versions.get(HEADLINE_OUTCOME)) for versions in (challengers, champions)]
    for name, frame in zip(("challenger", "champion"), forecasts, strict=True):
        if frame is None:
            return PromotionVerdict(
                False, f"not promoted: no back-test forecasts of {HEADLINE_OUTCOME} are kept with the {name}"
            )
    verdict = compare_forecasts(*(frame for frame in forecasts if frame is not None))
    if verdict.promoted:
        tracking.make_champions(out, challengers)
    return verdict


def compare_forecasts(challenger: pl.DataFrame, champion: pl.DataFrame) -> PromotionVerdict:
    """Compare back-test forecasts of the headline outcome on shared rows; promoted if better with 95% confidence.

    Both have iso3, origin, outcome, estimator, profile, probability, observed and status. Observed and status are
    those of the challenger's data.
    """
    rows = _pair_forecasts(challenger, champion)
    if rows.is_empty():
        return PromotionVerdict(
            False, "not promoted: challenger and champion have no forecasts of the same partner and origin"
        )
    difference = compute_brier_difference(rows)
    onset = rows.filter(WHOLE_SUBSETS["onset"])
    better = difference.high < 0
    origins = f"{rows['origin'][0]}-{rows['origin'][-1]}"
    line = (
        f"{'promoted' if better else 'not promoted'}: {HEADLINE_OUTCOME} Brier "
        f"{_format_four_decimals(difference.challenger)} against the "
        f"champion's {_format_four_decimals(difference.champion)} on {rows.height:,} rows of origins {origins}; "
        f"difference {_format_brier_interval(difference)} {_describe_verdict(difference)}"
    )
    return PromotionVerdict(
        better,
        line
        if onset.is_empty()
        else f"{line}; on onset rows {_format_brier_interval(compute_brier_difference(onset))}",
    )


def compute_brier_difference(rows: pl.DataFrame) -> BrierDifference:
    """The difference in Brier scores, resampling whole partners; `rows` has iso3, observed, probability, champion."""
    errors = rows.select(
        "iso3",
        challenger=(pl.col("probability") - pl.col("observed")) ** 2,
        champion=(pl.col("champion") - pl.col("observed")) ** 2,
    )
    partners = errors.group_by("iso3", maintain_order=True).agg(
        count=pl.len(), total=(pl.col("challenger") - pl.col("champion")).sum()
    )
    count, total = (partners[name].to_numpy() for name in ("count", "total"))
    drawn = np.random.default_rng(0).multinomial(len(count), np.full(len(count), 1 / len(count)), size=PROMOTION_DRAWS)
    low, high = np.quantile(drawn @ total / (drawn @ count), (0.025, 0.975))
    challenger, champion = errors.select(pl.col("challenger", "champion").mean()).row(0)
    return BrierDifference(challenger, champion, float(low), float(high))


def _pair_forecasts(challenger: pl.DataFrame, champion: pl.DataFrame) -> pl.DataFrame:
    """Sorted rows of both with a known outcome: iso3, origin, probability, observed (0 or 1), status, champion."""
    own, other = (
        forecasts.filter(outcome=HEADLINE_OUTCOME, estimator="engine", profile="snapshot").drop_nulls(["probability"])
        for forecasts in (challenger, champion)
    )
    return (
        own.drop_nulls(["observed"])
        .select(*ROW_KEYS, "probability", pl.col("observed").cast(pl.Float64), "status")
        .join(other.select(*ROW_KEYS, champion="probability"), on=ROW_KEYS)
        .sort("origin", "iso3")
    )


def _match_fingerprints(challengers: Mapping[str, ModelVersion], champions: Mapping[str, ModelVersion]) -> bool:
    """Whether both have the same data and recipe, or the same files."""
    pairs = [(version, champions.get(outcome)) for outcome, version in challengers.items()]
    return bool(pairs) and all(
        champion
        and (
            challenger.sha256 == champion.sha256
            or (challenger.panel, challenger.recipe) == (champion.panel, champion.recipe)
        )
        for challenger, champion in pairs
    )


def _load_forecasts(out: Path, version: ModelVersion | None) -> pl.DataFrame | None:
    if version is None:
        return None
    with TemporaryDirectory() as temporary:
        path = tracking.fetch_kept_forecasts(out, version, Path(temporary)) or build_forecasts_path(out, version)
        try:
            return pl.read_parquet(path) if path.exists() else None
        except (pl.exceptions.PolarsError, OSError):
            raise BadInput(
                f"{path.name} kept with version {version.number}: not readable as forecasts; run the back-test again"
            ) from None


def _describe_verdict(difference: BrierDifference) -> str:
    if difference.low == difference.high == 0:
        return "in every draw: the same forecasts"
    if difference.low <= 0 <= difference.high:
        return "includes zero"
    return "excludes zero" if difference.high < 0 else "excludes zero: the challenger is worse"


def _format_brier_interval(difference: BrierDifference) -> str:
    low, high = _format_four_decimals(difference.low, "+"), _format_four_decimals(difference.high, "+")
    return f"{_format_four_decimals(difference.mean_difference, '+')} (95% {low} to {high})"


def _format_four_decimals(value: float, sign: str = "") -> str:
    """Four decimals without the zero before the point."""
    return f"{value:{sign}.4f}".replace("0.", ".", 1)
