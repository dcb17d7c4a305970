"""What a model says of partners some of whose measures are changed, one or two at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from models.matrix import Array
from models.outcomes import status
from models.plain import AnyModel

# Measures asked at once.
MOST = 2


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
        asked = pl.DataFrame(
            {
                "iso3": [route.iso3 for route in routes],
                "measures": ["+".join(ask.measure for ask in route.asks) for route in routes],
                **{f"step{place}": [_step(route, place) for route in routes] for place in range(MOST)},
            },
            schema_overrides={f"step{place}": pl.Int64 for place in range(MOST)},
        ).with_row_index("_place")
        alike = asked.partition_by("measures", maintain_order=True)
        return pl.concat(self._alike(group) for group in alike).sort("_place").drop("_place")

    def _alike(self, routes: pl.DataFrame) -> pl.DataFrame:
        """The rows of routes that ask for the same measures."""
        measures = [measure for measure in routes["measures"][0].split("+") if measure]
        rows = routes.join(self.now, on="iso3", maintain_order="left")
        for place, measure in enumerate(measures):
            block = self.changed[measure]
            replaced = [name for name in block.columns if name not in ("iso3", "step")]
            rows = (
                rows.drop(replaced)
                .rename({f"step{place}": "step"})
                .join(block, on=["iso3", "step"], maintain_order="left")
                .drop("step")
            )
        return rows.select("_place", *self.now.columns)


def _step(route: Route, place: int) -> int | None:
    return route.asks[place].step if place < len(route.asks) else None
