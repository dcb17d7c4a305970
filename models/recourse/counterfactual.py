"""A model's forecasts for partners with one or two measures changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from models.inference.compact_model import AnyModel
from models.training.matrix import Array
from models.training.outcomes import build_status_expression


class MeasureTarget(NamedTuple):
    """A measure at one step of its path: the target value, and the gain on the scale of steps."""

    measure: str
    step: int
    value: float
    gain: float


class RecourseRoute(NamedTuple):
    """The targets for a partner: one measure or several at once; no target is the partner unchanged."""

    iso3: str
    targets: tuple[MeasureTarget, ...] = ()


@dataclass(frozen=True)
class CounterfactualModel:
    """A model, the partners' rows at the origin, and each measure's features at each target step."""

    model: AnyModel
    now: pl.DataFrame
    changed: Mapping[str, pl.DataFrame]

    def compute_log_odds(self, routes: Sequence[RecourseRoute]) -> tuple[Array, pl.Series]:
        """Members × routes of log-odds, and the status of each route's row."""
        rows = self.build_changed_rows(routes)
        return self.model.ensemble.compute_log_odds(rows), rows.select(
            build_status_expression(self.model.outcome)
        ).to_series()

    def compute_probability(self, routes: Sequence[RecourseRoute]) -> Array:
        """The calibrated probability of each route."""
        probabilities: Array = self.model.calibration.forecast_probabilities(*self.compute_log_odds(routes))[
            "probability"
        ].to_numpy()
        return probabilities

    def build_changed_rows(self, routes: Sequence[RecourseRoute]) -> pl.DataFrame:
        """The panel row of each route's partner, with features as if the route's targets were met."""
        row_numbers = {iso3: position for position, iso3 in enumerate(self.now["iso3"])}
        own = np.array([row_numbers[route.iso3] for route in routes], np.int64)
        rows = self.now[own]
        for measure, block in self.changed.items():
            replaced = [name for name in block.columns if name not in ("iso3", "step")]
            # The partners' own rows come first, then the rows of each target step.
            stacked = pl.concat([self.now.select(replaced), block.select(replaced)])
            steps = {
                step: position
                for position, step in enumerate(block.select("iso3", "step").iter_rows(), self.now.height)
            }
            row_of_route = own.copy()
            for position, route in enumerate(routes):
                for target in route.targets:
                    if target.measure == measure:
                        row_of_route[position] = steps[route.iso3, target.step]
            rows = rows.with_columns(stacked[row_of_route])
        return rows
