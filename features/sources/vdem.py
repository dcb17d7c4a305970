"""V-Dem: core indices (release 16, carried by Our World in Data) and expert ordinals (release 15)."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

CORE_COLUMNS = {
    "v2x_clphy": "vdem_physical_integrity",
    "v2x_rule": "vdem_rule_of_law",
    "v2x_civlib": "vdem_civil_liberties",
    "v2x_freexp_altinf": "vdem_free_expression",
    "v2x_polyarchy": "vdem_polyarchy",
    "v2x_libdem": "vdem_liberal_democracy",
    "v2x_corr": "vdem_corruption",
    "v2x_regime": "vdem_regime",
}
ORDINAL_COLUMNS = {
    "pol_killing_approved": "vdemord_killings_approved",
    "repress_civilsoc": "vdemord_civil_society_repression",
    "v2csreprss_ord": "vdemord_civil_society_freedom",
    "judicialreform": "vdemord_judicial_reform",
    "religiousfreedom": "vdemord_religious_freedom",
    "freediscussion": "vdemord_free_discussion",
    "even_civilrights": "vdemord_even_civil_rights",
    "social_inequality": "vdemord_social_inequality",
    "minorityrule": "vdemord_minority_rule",
    "partyban": "vdemord_party_ban",
}


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `core` and `ordinals`, one row per state and year."""
    return {"core": _compile_core(folder), "ordinals": _compile_ordinals(folder)}


def _compile_core(folder: Path) -> pl.DataFrame:
    name = "vdem/vdem_v16_owid_8vars_1945_2025.csv"
    types = {"iso3c": pl.String, "year": pl.Int64} | dict.fromkeys(CORE_COLUMNS, pl.Float64)
    facts = read_published(folder, name, types).rename(CORE_COLUMNS)
    return map_to_partners(facts, "iso3c", "iso3", "vdem").filter(
        ~pl.all_horizontal(pl.col(*CORE_COLUMNS.values()).is_null())
    )


def _compile_ordinals(folder: Path) -> pl.DataFrame:
    name = "vdem/vdem_v15_ewp_ordinals_1934_2024.csv.gz"
    types = {"COWcode": pl.Int64, "year": pl.Int64} | dict.fromkeys(ORDINAL_COLUMNS, pl.Float64)
    facts = read_published(folder, name, types).rename(ORDINAL_COLUMNS)
    tidy = map_to_partners(facts, "COWcode", "cow", "vdem")
    return tidy.filter(~pl.all_horizontal(pl.col(*ORDINAL_COLUMNS.values()).is_null()))
