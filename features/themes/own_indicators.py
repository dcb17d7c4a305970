"""Panel columns of own indicators: level, changes and age, with the same lag and age rules as every source."""

from pathlib import Path

import polars as pl

from features.snapshot.cards import RAW_FOLDER
from features.snapshot.own_sources import CHANGE_YEARS, find_own_folder, list_own_cards
from features.timing.as_known import TableFeatures, derive_at_origins
from features.timing.derived import compute_change
from features.vocabulary import Profile


def build_own_indicators(profile: Profile, raw: Path = RAW_FOLDER) -> pl.DataFrame:
    """Row by row of `origins`, table by table: every measure, its changes over one and five years, its age."""
    records = [
        TableFeatures(
            card.source, name, {m: [compute_change(m, years) for years in CHANGE_YEARS] for m in table.columns}
        )
        for card in list_own_cards(raw)
        for name, table in card.tables.items()
    ]
    return derive_at_origins(records, profile, find_own_folder(raw))
