"""The back-test's forecasts at past origins with observed outcomes, shown on the pages."""

from pathlib import Path

import polars as pl

RECORD_SCHEMA = pl.Schema(
    {
        "iso3": pl.String,
        "origin": pl.Int64,
        "outcome": pl.String,
        "probability": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "observed": pl.Boolean,
        "status": pl.String,
    }
)
RECORD_NAME = "record.csv"
# The record of this version's own back-test, so that pages show it before anyone has run one.
SHIPPED_RECORD = Path(__file__).resolve().parents[2] / "docs" / "reference" / "backtest_record.csv"


def build_backtest_record(forecasts: pl.DataFrame) -> pl.DataFrame:
    """Select the columns of RECORD_SCHEMA, with probabilities to four decimals, sorted."""
    rounded = forecasts.with_columns(pl.col("probability", "low", "high").round(4))
    return rounded.select(RECORD_SCHEMA.names()).sort("iso3", "outcome", "origin")


def read_backtest_record(out: Path) -> pl.DataFrame:
    """Read the record of the last standard back-test in the output folder, or else this version's."""
    path = out / "backtest" / RECORD_NAME
    return pl.read_csv(path if path.is_file() else SHIPPED_RECORD, schema=RECORD_SCHEMA)
