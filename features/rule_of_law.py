"""Rule-of-law theme: courts, corruption and equal rights."""

from pathlib import Path

import polars as pl

from features.cards import RAW
from features.derived import change, history, path
from features.timing import Derived, as_known, load_facts
from features.vocabulary import Profile


def rule_of_law(profile: Profile, raw: Path = RAW) -> list[pl.LazyFrame]:
    """Levels, changes and volatility of the rule of law and of corruption, by iso3 and origin."""
    ordinals = ("vdemord_judicial_reform", "vdemord_even_civil_rights")
    return [
        as_known(load_facts("vdem", "core", raw), courts_record(), profile),
        as_known(
            load_facts("wgi", "estimates", raw),
            {
                "wgi_rule_of_law": history("wgi_rule_of_law"),
                "wgi_corruption_control": [change("wgi_corruption_control", 5)],
            },
            profile,
        ),
        as_known(load_facts("vdem", "ordinals", raw), {m: [] for m in ordinals}, profile),
    ]


def courts_record() -> Derived:
    """What derives from V-Dem's rule of law and political corruption."""
    return {m: path(m) for m in ("vdem_rule_of_law", "vdem_corruption")}
