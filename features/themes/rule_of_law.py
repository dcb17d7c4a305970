"""Rule-of-law theme: courts, corruption and equal rights."""

from features.timing.as_known import Derived, Record
from features.timing.derived import change, history, path


def rule_of_law() -> list[Record]:
    """Levels, changes and volatility of the rule of law and of corruption, by iso3 and origin."""
    ordinals = ("vdemord_judicial_reform", "vdemord_even_civil_rights")
    return [
        Record("vdem", "core", courts_record()),
        Record(
            "wgi",
            "estimates",
            {
                "wgi_rule_of_law": history("wgi_rule_of_law"),
                "wgi_corruption_control": [change("wgi_corruption_control", 5)],
            },
        ),
        Record("vdem", "ordinals", {m: [] for m in ordinals}),
    ]


def courts_record() -> Derived:
    """What derives from V-Dem's rule of law and political corruption."""
    return {m: path(m) for m in ("vdem_rule_of_law", "vdem_corruption")}
