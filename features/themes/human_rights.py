"""Human-rights theme: state terror, freedom from torture and killing, civilians killed by the government."""

import polars as pl

from features.snapshot.snapshot import Snapshot
from features.timing.as_known import DerivedColumns, TableFacts, TableFeatures, load_table_facts
from features.timing.derived import (
    compute_maximum,
    compute_mean,
    compute_total,
    compute_volatility,
    count_years_since,
    derive_full_path,
    derive_history,
    smooth_log_measure,
)

TERROR_THRESHOLD = 3.5
KILLINGS_THRESHOLD = 25.0
TERROR_MEASURE, INTEGRITY_MEASURE, KILLINGS_MEASURE = "pts_mean", "vdem_physical_integrity", "ucdp_government_killings"
ORDINAL_MEASURES = (
    "vdemord_killings_approved",
    "vdemord_civil_society_repression",
    "vdemord_civil_society_freedom",
    "vdemord_religious_freedom",
)


def load_terror_scores(snapshot: Snapshot) -> TableFacts:
    """The Political Terror Scale with the mean and the gap of its two codings (see `combined`)."""
    facts = load_table_facts("pts", "scores", snapshot)
    return facts._replace(frame=facts.frame.with_columns(combine_codings()))


def combine_codings() -> list[pl.Expr]:
    """`pts_mean`, the mean of the available State Department and Amnesty codings, and `pts_gap`, the absolute
    difference between the two (null unless both exist)."""
    gap = (pl.col("pts_state") - pl.col("pts_amnesty")).abs()
    return [pl.mean_horizontal("pts_state", "pts_amnesty").alias(TERROR_MEASURE), gap.alias("pts_gap")]


def list_human_rights_features() -> list[TableFeatures]:
    """Levels, changes, history and time since the last event, by iso3 and origin."""
    return [
        TableFeatures("pts", "scores", derive_terror_features(), combine_codings()),
        TableFeatures("vdem", "core", derive_integrity_features()),
        TableFeatures("vdem", "ordinals", {m: [] for m in ORDINAL_MEASURES}),
        TableFeatures("ucdp", "actor", derive_killings_features()),
    ]


def derive_terror_features() -> DerivedColumns:
    """Columns derived from the codings of the Political Terror Scale."""
    mean_columns = [
        *derive_history(TERROR_MEASURE),
        compute_mean(TERROR_MEASURE, 5),
        compute_mean(TERROR_MEASURE, 10),
        compute_maximum(TERROR_MEASURE, 10),
        compute_volatility(TERROR_MEASURE),
        count_years_since(TERROR_MEASURE, TERROR_THRESHOLD),
    ]
    coders = {coder: derive_history(coder) for coder in ("pts_state", "pts_amnesty")}
    return {TERROR_MEASURE: mean_columns} | coders | {"pts_gap": []}


def derive_integrity_features() -> DerivedColumns:
    """Columns derived from V-Dem's freedom from political killings and torture."""
    return {INTEGRITY_MEASURE: [*derive_full_path(INTEGRITY_MEASURE), compute_mean(INTEGRITY_MEASURE, 10)]}


def derive_killings_features() -> DerivedColumns:
    """Columns derived from UCDP's count of civilians killed by the government."""
    columns = [
        compute_total(KILLINGS_MEASURE, 5),
        compute_total(KILLINGS_MEASURE, 10),
        compute_maximum(KILLINGS_MEASURE, 10),
        count_years_since(KILLINGS_MEASURE, KILLINGS_THRESHOLD),
        *derive_history(KILLINGS_MEASURE),
        smooth_log_measure(KILLINGS_MEASURE, 2),
        smooth_log_measure(KILLINGS_MEASURE, 5),
    ]
    return {KILLINGS_MEASURE: columns}
