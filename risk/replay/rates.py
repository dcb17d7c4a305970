"""Event rates with intervals clustered by partner."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.evaluation.bootstrap import compute_interval, divide_where_valid, draw_partner_counts, sum_by_draw

BOOTSTRAP_DRAWS = 1000
# Resampling fewer partners gives no usable interval.
FEWEST_PARTNERS = 5


@dataclass(frozen=True)
class EventRate:
    """Events among rows, the number of partners, and the 95% interval of the share, if there is one."""

    rows: int
    partners: int
    events: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """Events divided by rows."""
        return self.events / self.rows if self.rows else None


def compute_event_rate(rows: pl.DataFrame, followed: str) -> EventRate:
    """Compute the share of rows in which a Boolean column is true; rows where it is null are left out.

    Bootstraps whole partners, 1,000 draws. If all or no rows are events, draws cannot differ: Wilson's interval for
    as many independent partners is used. Fewer than five partners give no interval.
    """
    known = rows.filter(pl.col(followed).is_not_null()).sort("iso3")
    events, partners = int(known[followed].sum()), known["iso3"].n_unique()
    if partners < FEWEST_PARTNERS:
        return EventRate(known.height, partners, events, None, None)
    if events in (0, known.height):
        return EventRate(known.height, partners, events, *compute_wilson_interval(partners if events else 0, partners))
    partner_indices = known["iso3"].rank("dense").to_numpy().astype(np.int64) - 1
    columns = np.column_stack([known[followed].to_numpy().astype(float), np.ones(known.height)])
    total = sum_by_draw(columns, partner_indices, draw_partner_counts(partners, BOOTSTRAP_DRAWS))
    drawn = divide_where_valid(total[1:, 0], total[1:, 1], total[1:, 1] > 0)
    return EventRate(known.height, partners, events, *compute_interval(drawn))


def compute_wilson_interval(events: int, number: int) -> tuple[float, float]:
    """Compute Wilson's 95% interval of a share among independent units."""
    from scipy.stats import binomtest

    interval = binomtest(events, number).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)
