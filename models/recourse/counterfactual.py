"""What a model says of partners some of whose measures are changed, one or two at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from models.inference.compact_model import AnyModel
from models.training.matrix import Array
from models.training.outcomes import status


class Ask(NamedTuple):
    """A measure at a step of its path: the value asked, and the gain on the scale of steps."""

    measure: str
    step: int
    value: float
    gain: float


class Route(NamedTuple):
    """What is asked of a partner: one measure, or several at once; none is the partner as it is."""

    iso3: str
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class WhatIf:
    """A model, the partners' rows at the origin, and for each measure its features at each step asked of them."""

    model: AnyModel
    now: pl.DataFrame
    changed: Mapping[str, pl.DataFrame]

    def log_odds(self, routes: Sequence[Route]) -> tuple[Array, pl.Series]:
        """Members × routes of log-odds, and the status that each route's row has."""
        rows = self.rows(routes)
        return self.model.ensemble.log_odds(rows), rows.select(status(self.model.outcome)).to_series()

    def probability(self, routes: Sequence[Route]) -> Array:
        """The calibrated probability of each route."""
        made: Array = self.model.calibration.forecast(*self.log_odds(routes))["probability"].to_numpy()
        return made

    def rows(self, routes: Sequence[Route]) -> pl.DataFrame:
        """The panel's row of each route's partner, with the features of the measures it asks as if they were met."""
        places = {iso3: place for place, iso3 in enumerate(self.now["iso3"])}
        own = np.array([places[route.iso3] for route in routes], np.int64)
        rows = self.now[own]
        for measure, block in self.changed.items():
            replaced = [name for name in block.columns if name not in ("iso3", "step")]
            # Below the partners' own rows stand those of each step asked of them.
            stacked = pl.concat([self.now.select(replaced), block.select(replaced)])
            steps = {
                step: place for place, step in enumerate(block.select("iso3", "step").iter_rows(), self.now.height)
            }
            taken = own.copy()
            for place, route in enumerate(routes):
                for ask in route.asks:
                    if ask.measure == measure:
                        taken[place] = steps[route.iso3, ask.step]
            rows = rows.with_columns(stacked[taken])
        return rows
