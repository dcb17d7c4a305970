"""What own indicators bring to the panel: level, changes and age, by the same rules of time as every source."""

from pathlib import Path

import polars as pl

from features.snapshot.cards import RAW
from features.snapshot.own_sources import CHANGES, own_cards, own_folder
from features.timing.as_known import Record, at_origins
from features.timing.derived import change
from features.vocabulary import Profile


def own_indicators(profile: Profile, raw: Path = RAW) -> pl.DataFrame:
    """Row by row of `origins`, table by table: every measure, its changes over one and five years, its age."""
    records = [
        Record(card.source, name, {m: [change(m, years) for years in CHANGES] for m in table.columns})
        for card in own_cards(raw)
        for name, table in card.tables.items()
    ]
    return at_origins(records, profile, own_folder(raw))
