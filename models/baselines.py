"""What the engine must beat: persistence, the best single indicator, a ridge logit and the boosters by themselves."""

import polars as pl
from scipy.special import expit
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.linear import fit_linear, linear_log_odds
from models.matrix import Array, feature_columns, matrix

INDICATOR = ["pts_mean"]


def persistence(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """Share of past rows with the same status (ongoing, clear, unknown) in which the outcome followed."""
    shares = train.group_by("status").agg(pl.col("observed").mean().alias("share"))
    joined = ahead.join(shares, on="status", how="left", maintain_order="left")
    return joined["share"].fill_null(train["observed"].mean()).to_numpy()


def one_indicator(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """Logit on the Political Terror Scale's mean alone."""
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    pipeline.fit(matrix(train, INDICATOR), train["observed"].to_numpy())
    probability: Array = pipeline.predict_proba(matrix(ahead, INDICATOR))[:, 1]
    return probability


def ridge_logit(train: pl.DataFrame, ahead: pl.DataFrame) -> Array:
    """Ridge logit on all features, uncalibrated."""
    columns = feature_columns(train)
    probability: Array = expit(linear_log_odds(fit_linear(train, columns), ahead, columns))
    return probability
