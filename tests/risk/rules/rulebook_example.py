"""The rule inputs of an invented partner, with the columns the rulebook reads."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from risk.rules.loading import load_rulebook
from risk.rules.rulebook import Rulebook

RULEBOOK_FOLDER = Path(__file__).resolve().parents[3] / "risk" / "rulebook"
RULES_DAY = date(2026, 11, 24)
LIST_IDS = sorted(path.stem for path in (RULEBOOK_FOLDER / "designations").glob("*.yaml"))

# An ordinary invented partner: middling record, some US help, on no list.
ORDINARY_PARTNER: dict[str, Any] = {
    "iso3": "XXA",
    "partner": "Examplia",
    "region": "Nowhere",
    "origin": 2025,
    "coverage": 0.9,
    "tier": "guarded",
    "misuse_probability": 0.10,
    "misuse_tier": "guarded",
    "misuse_status": "clear",
    "state_terror_probability": 0.09,
    "state_terror_tier": "guarded",
    "state_terror_status": "clear",
    "civilian_killing_probability": 0.01,
    "civilian_killing_tier": "low",
    "civilian_killing_status": "clear",
    "coup_probability": 0.005,
    "coup_tier": "low",
    "coup_status": "clear",
    "leverage": 8.0,
    "dependence": 10.0,
    "hedging": 20.0,
    "strategic_value": 14.0,
    "vdem_physical_integrity": 0.7,
    "vdem_rule_of_law": 0.6,
    "vdem_civil_liberties": 0.7,
    "vdem_free_expression": 0.7,
    "vdem_polyarchy": 0.6,
    "vdem_corruption": 0.4,
    "wgi_effectiveness": 0.1,
    "wgi_corruption_control": 0.0,
    "pts_mean": 2.0,
    "pts_mean_age": 2,
    "ucdp_government_killings": 0.0,
    "ucdp_battle_deaths": 0.0,
    "ucdp_conflict_deaths": 0.0,
    "coup_attempts": 0,
    "coup_successes": 0,
    "sipri_us_tiv_sum5": 0.0,
    "sipri_us_tiv_sum10": 0.0,
    "sipri_exports_tiv_sum10": 0.0,
    "usmil_assistance_usd_sum5": 2_000_000.0,
    "usmil_assistance_usd_age": 1,
    "ustroops_total": 10.0,
    "rivalries": 0,
    "rival_russia": 0.0,
    "leverage_assistance": 3.0,
    "hedging_suppliers": 5.0,
    "hedging_influence": 20.0,
    "value_frontline": 8.0,
    "distance_usa_km": 6_000.0,
    "vdem_regime": 2.0,
    "vdem_polyarchy_d5": 0.0,
    "vdemord_judicial_reform": 1.0,
    "wgi_rule_of_law": 0.0,
    "wgi_stability": 0.0,
    "ucdp_conflict_intensity": 0.0,
    "ucdp_government_killings_sum5": 0.0,
    "ucdp_nonstate_deaths_sum5": 0.0,
    "coup_attempts_sum10": 0,
    "sipri_us_tiv": 0.0,
    "sipri_us_share10": 0.08,
    "sipri_russia_share10": 0.02,
    "sipri_europe_share10": 0.2,
    "sipri_aircraft_tiv_sum10": 0.0,
    "sipri_armoured_vehicles_tiv_sum10": 0.0,
    "sipri_missiles_tiv_sum10": 0.0,
    "fbic_china": 0.05,
    "fbic_russia": 0.01,
    "fbic_russia_security": 0.0,
    "usmil_fmf_usd": 0.0,
    "nmc_spending_usd": 2_000_000_000.0,
    "wdi_gdp_per_head_usd": 2_500.0,
    "us_partner": True,
    **{f"{what}_{name}": False for name in LIST_IDS for what in ("listed", "waived")},
}
COLUMN_TYPES = {str: pl.String, int: pl.Int64, float: pl.Float64, bool: pl.Boolean}
INPUT_SCHEMA = pl.Schema({name: COLUMN_TYPES[type(value)] for name, value in ORDINARY_PARTNER.items()})


def build_example_inputs(*changes: Mapping[str, Any]) -> pl.DataFrame:
    """Build one invented partner per set of changes; a column missing from the example is a mistake in the test."""
    unknown = sorted({name for change in changes for name in change} - set(ORDINARY_PARTNER))
    assert not unknown, f"no column {unknown[0]!r} in the invented standing"
    return pl.DataFrame([{**ORDINARY_PARTNER, **change} for change in changes], schema=INPUT_SCHEMA, orient="row")


def load_project_rulebook() -> Rulebook:
    """Load the project's rulebook, checked against the columns of the invented rule inputs."""
    return load_rulebook(RULEBOOK_FOLDER, INPUT_SCHEMA)
