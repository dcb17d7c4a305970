"""World Development Indicators: wealth, growth, population, trade, infant mortality and oil rents."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

DEVELOPMENT_COLUMNS = {
    "wdi.gdppc.new": "wdi_gdp_per_head_usd",
    "wdi.gdppcgrow.new": "wdi_gdp_growth_pct",
    "wdi.popsize.new": "wdi_population",
    "wdi.trade.new": "wdi_trade_pct_gdp",
    "wdi.imrate.new": "wdi_infant_mortality_per_1000",
}
OIL_COLUMNS = {"oil_rents_gdp": "wdi_oil_rents_pct_gdp"}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `development` and `oil`; GDP per head and its growth are in constant US dollars of 2015."""
    return {
        "development": _compile_table(folder, "wdi/wdi_1960_2024.csv", DEVELOPMENT_COLUMNS),
        "oil": _compile_table(folder, "wdi/wdi_oil_rents_to2021.csv", OIL_COLUMNS),
    }


def _compile_table(folder: Path, name: str, columns: dict[str, str]) -> pl.DataFrame:
    types = {"iso3c": pl.String, "year": pl.Int64} | dict.fromkeys(columns, pl.Float64)
    facts = read_published(folder, name, types).rename(columns)
    states = map_to_partners(facts, "iso3c", "iso3", "wdi").with_columns(pl.col(*columns.values()).round(6))
    return states.filter(~pl.all_horizontal(pl.col(*columns.values()).is_null()))
