"""Panel columns of own indicators: level, changes and age, with the same lag and age rules as every source."""

import polars as pl

from features.snapshot.own_sources import CHANGE_YEARS, find_own_folder, list_own_cards
from features.snapshot.snapshot import Snapshot
from features.timing.as_known import TableFeatures, derive_at_origins
from features.timing.derived import compute_change
from features.vocabulary import Profile


def build_own_indicators(profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """Row by row of `origins`, table by table: every measure, its changes over one and five years, its age."""
    records = [
        TableFeatures(
            card.source, name, {m: [compute_change(m, years) for years in CHANGE_YEARS] for m in table.columns}
        )
        for card in list_own_cards(snapshot.folder)
        for name, table in card.tables.items()
    ]
    return derive_at_origins(records, profile, Snapshot(find_own_folder(snapshot.folder)))
