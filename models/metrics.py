"""How good forecasts were: discrimination, skill and calibration, each beside its base rate."""

import numpy as np
import polars as pl
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

SUBSETS = {"all": pl.lit(True), "onset": pl.col("status") == "clear", "escape": pl.col("status") == "ongoing"}


def measure(forecasts: pl.DataFrame) -> dict[str, float]:
    """Rows, events, base rate, AUC, average precision, Brier skill over the base rate, and the mean forecast.

    `forecasts` has probability and observed, unknown outcomes left out; AUC is not a number for a single class.
    """
    observed = forecasts["observed"].to_numpy().astype(int)
    probability = forecasts["probability"].to_numpy()
    base = float(observed.mean()) if len(observed) else float("nan")
    both = 0 < observed.sum() < len(observed)
    return {
        "n": len(observed),
        "events": int(observed.sum()),
        "base": base,
        "auc": float(roc_auc_score(observed, probability)) if both else float("nan"),
        "average_precision": float(average_precision_score(observed, probability)) if both else float("nan"),
        "skill": float(1 - brier_score_loss(observed, probability) / (base * (1 - base))) if both else float("nan"),
        "mean_forecast": float(np.mean(probability)) if len(observed) else float("nan"),
    }


def table(forecasts: pl.DataFrame) -> pl.DataFrame:
    """Figures by profile, outcome, subset and estimator, one row each."""
    known = forecasts.filter(pl.col("observed").is_not_null())
    keys = ["profile", "outcome", "estimator"]
    rows = [
        dict(zip(keys, key, strict=True)) | {"subset": subset} | measure(group.filter(chosen))
        for key, group in known.group_by(keys, maintain_order=True)
        for subset, chosen in SUBSETS.items()
    ]
    return (
        pl.DataFrame(rows)
        .select("profile", "outcome", "subset", "estimator", pl.exclude(*keys, "subset"))
        .sort("profile", "outcome", "subset", "estimator")
    )
