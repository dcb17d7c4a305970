"""What a model says of partners some of whose measures are changed, one or two at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from models.inference.compact_model import AnyModel
from models.training.matrix import Array
from models.training.outcomes import build_status_expression


class MeasureTarget(NamedTuple):
    """A measure at a step of its path: the value asked, and the gain on the scale of steps."""

    measure: str
    step: int
    value: float
    gain: float


class RecourseRoute(NamedTuple):
    """What is asked of a partner: one measure, or several at once; none is the partner as it is."""

    iso3: str
    targets: tuple[MeasureTarget, ...] = ()


@dataclass(frozen=True)
class CounterfactualModel:
    """A model, the partners' rows at the origin, and for each measure its features at each step asked of them."""

    model: AnyModel
    now: pl.DataFrame
    changed: Mapping[str, pl.DataFrame]

    def compute_log_odds(self, routes: Sequence[RecourseRoute]) -> tuple[Array, pl.Series]:
        """Members × routes of log-odds, and the status that each route's row has."""
        rows = self.build_changed_rows(routes)
        return self.model.ensemble.compute_log_odds(rows), rows.select(
            build_status_expression(self.model.outcome)
        ).to_series()

    def compute_probability(self, routes: Sequence[RecourseRoute]) -> Array:
        """The calibrated probability of each route."""
        made: Array = self.model.calibration.forecast_probabilities(*self.compute_log_odds(routes))[
            "probability"
        ].to_numpy()
        return made

    def build_changed_rows(self, routes: Sequence[RecourseRoute]) -> pl.DataFrame:
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
                for ask in route.targets:
                    if ask.measure == measure:
                        taken[place] = steps[route.iso3, ask.step]
            rows = rows.with_columns(stacked[taken])
        return rows
