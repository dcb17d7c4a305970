"""Rule-of-law theme: courts, corruption and equal rights."""

from features.timing.as_known import DerivedColumns, TableFeatures
from features.timing.derived import compute_change, derive_full_path, derive_history


def list_rule_of_law_features() -> list[TableFeatures]:
    """Levels, changes and volatility of the rule of law and of corruption, by iso3 and origin."""
    ordinals = ("vdemord_judicial_reform", "vdemord_even_civil_rights")
    return [
        TableFeatures("vdem", "core", derive_courts_features()),
        TableFeatures(
            "wgi",
            "estimates",
            {
                "wgi_rule_of_law": derive_history("wgi_rule_of_law"),
                "wgi_corruption_control": [compute_change("wgi_corruption_control", 5)],
            },
        ),
        TableFeatures("vdem", "ordinals", {m: [] for m in ordinals}),
    ]


def derive_courts_features() -> DerivedColumns:
    """Columns derived from V-Dem's rule of law and political corruption."""
    return {m: derive_full_path(m) for m in ("vdem_rule_of_law", "vdem_corruption")}
