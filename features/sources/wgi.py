"""Worldwide Governance Indicators: six dimensions of governance as estimated by the World Bank."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

ESTIMATE_COLUMNS = {
    "wgi_va_est": "wgi_voice",
    "wgi_pv_est": "wgi_stability",
    "wgi_ge_est": "wgi_effectiveness",
    "wgi_rq_est": "wgi_regulation",
    "wgi_rl_est": "wgi_rule_of_law",
    "wgi_cc_est": "wgi_corruption_control",
}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Table `estimates`, in standard deviations around the world's mean of the year, higher is better."""
    types = {"iso3c": pl.String, "year": pl.Int64} | dict.fromkeys(ESTIMATE_COLUMNS, pl.Float64)
    facts = read_published(folder, "wgi/wgi_2025rev.csv", types).rename(ESTIMATE_COLUMNS)
    estimates = map_to_partners(facts, "iso3c", "iso3", "wgi").with_columns(pl.col(*ESTIMATE_COLUMNS.values()).round(6))
    return {"estimates": estimates.filter(~pl.all_horizontal(pl.col(*ESTIMATE_COLUMNS.values()).is_null()))}
