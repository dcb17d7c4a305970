"""What own indicators bring to the panel: level, changes and age, by the same rules of time as every source."""

from pathlib import Path

import polars as pl

from features.cards import RAW
from features.derived import change
from features.own import CHANGES, own_cards, own_folder
from features.timing import as_known, load_facts
from features.vocabulary import Profile


def own_indicators(profile: Profile, raw: Path = RAW) -> list[pl.LazyFrame]:
    """A frame a table: iso3, origin, every measure, its changes over one and five years and its age in years."""
    return [
        as_known(
            load_facts(card.source, name, own_folder(raw)),
            {measure: [change(measure, years) for years in CHANGES] for measure in table.columns},
            profile,
        )
        for card in own_cards(raw)
        for name, table in card.tables.items()
    ]
