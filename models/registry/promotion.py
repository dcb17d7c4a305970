"""Whether a challenger takes the champion's place: only if its forecasts of the same past were better beyond chance."""

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
    """Brier scores on the same rows, and the 95% interval of the challenger's less the champion's."""

    challenger: float
    champion: float
    low: float
    high: float

    @property
    def mean_difference(self) -> float:
        """The challenger's Brier score less the champion's."""
        return self.challenger - self.champion


def build_forecasts_path(out: Path, key: Fingerprint | ModelVersion, outcome: str = HEADLINE_OUTCOME) -> Path:
    """Where the back-test forecasts of a fingerprint are kept in the output folder, so that none is made twice."""
    return out / "backtest" / f"{key.panel[:12]}-{key.recipe[:12]}" / f"{outcome}.parquet"


def promote_challengers(out: Path) -> PromotionVerdict:
    """Give all challengers the alias champion if the headline's challenger was better on the same rows.

    Back-test forecasts are those kept with a version in MLflow, or else in the output folder.
    """
    challengers, champions = (
        tracking.find_versions(out, alias) for alias in (tracking.CHALLENGER_ALIAS, tracking.CHAMPION_ALIAS)
    )
    if _match_fingerprints(challengers, champions):
        return PromotionVerdict(False, "the challenger is the champion: the same data and the same recipe")
    forecasts = [_load_forecasts(out, versions.get(HEADLINE_OUTCOME)) for versions in (challengers, champions)]
    for name, found in zip(("challenger", "champion"), forecasts, strict=True):
        if found is None:
            return PromotionVerdict(
                False, f"not promoted: no back-test forecasts of {HEADLINE_OUTCOME} are kept with the {name}"
            )
    verdict = compare_forecasts(*(found for found in forecasts if found is not None))
    if verdict.promoted:
        tracking.make_champions(out, challengers)
    return verdict


def compare_forecasts(challenger: pl.DataFrame, champion: pl.DataFrame) -> PromotionVerdict:
    """Compare back-test forecasts of the headline on the rows both have; promoted if better with 95% confidence.

    Both have iso3, origin, outcome, estimator, profile, probability, observed and status. What was observed, and the
    status, are taken as the challenger's data have them.
    """
    rows = _pair_forecasts(challenger, champion)
    if rows.is_empty():
        return PromotionVerdict(
            False, "not promoted: challenger and champion have no forecasts of the same partner and origin"
        )
    found = compute_brier_difference(rows)
    onset = rows.filter(WHOLE_SUBSETS["onset"])
    better = found.high < 0
    origins = f"{rows['origin'][0]}-{rows['origin'][-1]}"
    line = (
        f"{'promoted' if better else 'not promoted'}: {HEADLINE_OUTCOME} Brier "
        f"{_format_four_decimals(found.challenger)} against the "
        f"champion's {_format_four_decimals(found.champion)} on {rows.height:,} rows of origins {origins}; "
        f"difference {_format_brier_interval(found)} {_describe_verdict(found)}"
    )
    return PromotionVerdict(
        better,
        line
        if onset.is_empty()
        else f"{line}; on onset rows {_format_brier_interval(compute_brier_difference(onset))}",
    )


def compute_brier_difference(rows: pl.DataFrame) -> BrierDifference:
    """The difference of Brier scores, resampling partners whole; `rows` has iso3, observed, probability, champion."""
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
    """Rows both forecast, outcome known: iso3, origin, probability, observed (0 or 1), status, champion; in order."""
    mine, other = (
        forecasts.filter(outcome=HEADLINE_OUTCOME, estimator="engine", profile="snapshot").drop_nulls(["probability"])
        for forecasts in (challenger, champion)
    )
    return (
        mine.drop_nulls(["observed"])
        .select(*ROW_KEYS, "probability", pl.col("observed").cast(pl.Float64), "status")
        .join(other.select(*ROW_KEYS, champion="probability"), on=ROW_KEYS)
        .sort("origin", "iso3")
    )


def _match_fingerprints(challengers: Mapping[str, ModelVersion], champions: Mapping[str, ModelVersion]) -> bool:
    """Whether both were trained on the same by the same recipe, or are the same files."""
    pairs = [(version, champions.get(outcome)) for outcome, version in challengers.items()]
    return bool(pairs) and all(
        other and (mine.sha256 == other.sha256 or (mine.panel, mine.recipe) == (other.panel, other.recipe))
        for mine, other in pairs
    )


def _load_forecasts(out: Path, version: ModelVersion | None) -> pl.DataFrame | None:
    if version is None:
        return None
    with TemporaryDirectory() as aside:
        path = tracking.fetch_kept_forecasts(out, version, Path(aside)) or build_forecasts_path(out, version)
        try:
            return pl.read_parquet(path) if path.exists() else None
        except (pl.exceptions.PolarsError, OSError):
            raise BadInput(f"{path.name} kept with version {version.number}: cannot be read as forecasts") from None


def _describe_verdict(found: BrierDifference) -> str:
    if found.low == found.high == 0:
        return "everywhere: the same forecasts"
    if found.low <= 0 <= found.high:
        return "includes zero"
    return "leaves out zero" if found.high < 0 else "leaves out zero: the challenger is worse"


def _format_brier_interval(found: BrierDifference) -> str:
    low, high = _format_four_decimals(found.low, "+"), _format_four_decimals(found.high, "+")
    return f"{_format_four_decimals(found.mean_difference, '+')} (95% {low} to {high})"


def _format_four_decimals(value: float, sign: str = "") -> str:
    """Four decimals without the nought before the point."""
    return f"{value:{sign}.4f}".replace("0.", ".", 1)
