"""Probabilities and their intervals from members' log-odds, fitted on forecasts of origins not trained on.

Three curves: of all rows, of those that turned out clear at their origin, and of those in the event. Where the status
of the day is published late, the latter two say what to expect once it is known, and a stale status misleads neither.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.special import expit

from models.training.matrix import Array

DRAWS = 100
# Years after which a forecast made again counts half.
HALF_LIFE = 8.0
# Prior standard deviations of intercept, slope and the shifts of a status: a few hundred events cannot bend the curve
# far from the identity. Known only later, the status of the day may shift what is expected of a stale one far.
CENTRE = np.array([0.0, 1.0, 0.0, 0.0])
SPREAD = np.array([0.5, 0.15, 0.3, 0.3])
SPREAD_ONCE_KNOWN = np.array([0.5, 0.15, 3.0, 3.0])
# A baseline's scores are on no scale of their own, so nothing holds them back, and no status helps them.
SPREAD_FREE = np.array([10.0, 2.0, 0.001, 0.001])
FEWEST = 20
CURVES = ("overall", "clear", "ongoing")


class Curve(NamedTuple):
    """Coefficients of the logistic curve and draws × coefficients of its bootstrap over partners."""

    point: Array
    sampled: Array


@dataclass(frozen=True)
class Calibration:
    """Which members count (in equal shares), and the curves; a curve is none where nothing was there to fit it."""

    kept: tuple[bool, ...]
    overall: Curve
    clear: Curve | None
    ongoing: Curve | None

    def mean_odds(self, members: Array) -> Array:
        """The mean log-odds of the members that count, one a row of members × rows."""
        odds: Array = members[list(self.kept)].mean(axis=0)
        return odds

    def forecast(self, members: Array, status: pl.Series) -> pl.DataFrame:
        """Columns probability, low, high, onset_probability and ongoing_probability, one row a column of `members`.

        The 90% interval (5th to 95th percentile) draws the curve and the members' shares. The last two are the
        probabilities for a partner that is clear, or in the event, at the origin.
        """
        odds, inputs = self.mean_odds(members), design(self.mean_odds(members), status)
        probability = expit(inputs @ self.overall.point)
        low, high = np.percentile(self.drawn(members, status), [5, 95], axis=0)
        known = {
            name: expit(inputs @ curve.point) if curve else np.full(len(odds), np.nan)
            for name, curve in (("onset_probability", self.clear), ("ongoing_probability", self.ongoing))
        }
        ends = {"low": np.minimum(low, probability), "high": np.maximum(high, probability)}
        return pl.DataFrame({"probability": probability} | ends | known).fill_nan(None)

    def drawn(self, members: Array, status: pl.Series) -> Array:
        """Draws × rows of probabilities: the same draws of curve and shares for whatever rows are asked."""
        shares = np.random.default_rng(0).dirichlet(np.ones(sum(self.kept)), len(self.overall.sampled))
        counted, inputs, drawn = members[list(self.kept)], design(self.mean_odds(members), status), []
        for share, beta in zip(shares, self.overall.sampled, strict=True):
            inputs[:, 1] = share @ counted
            drawn.append(expit(inputs @ beta))
        return np.array(drawn)


def design(odds: Array, status: pl.Series) -> Array:
    """Rows × (1, log-odds, status ongoing, status unknown)."""
    shifts = [(status == "ongoing").to_numpy(), (status == "unknown").to_numpy()]
    return np.column_stack([np.ones_like(odds), odds, *shifts]).astype(np.float64)


def calibrate(members: Array, rows: pl.DataFrame, free: bool = False) -> Calibration:
    """Fit on members × rows of log-odds; `rows` has iso3, origin, status, fact and observed, in the same order.

    Members stay out that worsen the log loss of past forecasts, one at most. `free` is for a score on no scale.
    """
    observed, weights = rows["observed"].to_numpy().astype(np.float64), _recency(rows)
    spread = SPREAD_FREE if free else SPREAD
    losses = {
        kept: _loss(design(members[list(kept)].mean(axis=0), rows["status"]), observed, weights, spread)
        for kept in _choices(len(members))
    }
    kept = min(losses, key=lambda choice: (losses[choice], choice.count(False)))
    inputs = design(members[list(kept)].mean(axis=0), rows["status"])
    later = SPREAD_FREE if free else SPREAD_ONCE_KNOWN
    curves = []
    for fact in ("clear", "ongoing"):
        mine = (rows["fact"] == fact).to_numpy()
        enough = mine.sum() >= FEWEST
        curves.append(
            _curve(inputs[mine], observed[mine], weights[mine], rows["iso3"].filter(mine), later) if enough else None
        )
    return Calibration(kept, _curve(inputs, observed, weights, rows["iso3"], spread), *curves)


def held_at_the_prior(members: int) -> Calibration:
    """What to say before any forecast could be checked: the members' own mean, as uncertain as the prior."""
    sampled = CENTRE + SPREAD * np.random.default_rng(0).standard_normal((DRAWS, len(CENTRE)))
    curve = Curve(CENTRE, sampled)
    return Calibration((True,) * members, curve, curve, curve)


def fit(inputs: Array, observed: Array, weights: Array, spread: Array = SPREAD) -> Array:
    """Coefficients of a weighted logistic calibration with a normal prior around the identity."""

    def loss(beta: Array) -> tuple[float, Array]:
        fitted = inputs @ beta
        away = (beta - CENTRE) / spread**2
        value = weights @ (np.logaddexp(0, fitted) - observed * fitted) + 0.5 * away @ (beta - CENTRE)
        return float(value), inputs.T @ (weights * (expit(fitted) - observed)) + away

    def curvature(beta: Array) -> Array:
        return _curvature(inputs, weights, expit(inputs @ beta), spread)

    # Only a fit needs it; a run with saved models does without, and starts sooner.
    from scipy.optimize import minimize

    return np.asarray(minimize(loss, CENTRE, jac=True, hess=curvature, method="trust-exact").x)


def draws(inputs: Array, observed: Array, weights: Array, partners: pl.Series, point: Array, spread: Array) -> Array:
    """Draws × coefficients: one Newton step from `point` for each bootstrap sample of whole partners."""
    fitted = expit(inputs @ point)
    codes = partners.rank("dense").to_numpy().astype(int) - 1
    size = codes.max() + 1
    pulls = np.zeros((size, inputs.shape[1]))
    np.add.at(pulls, codes, inputs * (weights * (observed - fitted))[:, None])
    curvature = _curvature(inputs, weights, fitted, spread)
    samples = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), DRAWS)
    drawn: Array = point + np.linalg.solve(curvature, ((samples - 1) @ pulls).T).T
    return drawn


def _curvature(inputs: Array, weights: Array, fitted: Array, spread: Array) -> Array:
    """Second derivatives of the loss, coefficients × coefficients."""
    curved: Array = inputs.T @ (inputs * (weights * fitted * (1 - fitted))[:, None]) + np.diag(1 / spread**2)
    return curved


def _choices(members: int) -> list[tuple[bool, ...]]:
    """All members, or all but one."""
    without = [tuple(place != out for place in range(members)) for out in range(members)] if members > 1 else []
    return [(True,) * members, *without]


def _curve(inputs: Array, observed: Array, weights: Array, partners: pl.Series, spread: Array) -> Curve:
    point = fit(inputs, observed, weights, spread)
    return Curve(point, draws(inputs, observed, weights, partners, point, spread))


def _loss(inputs: Array, observed: Array, weights: Array, spread: Array) -> float:
    fitted = inputs @ fit(inputs, observed, weights, spread)
    return float(weights @ (np.logaddexp(0, fitted) - observed * fitted) / weights.sum())


def _recency(rows: pl.DataFrame) -> Array:
    origin = rows["origin"].to_numpy()
    weights: Array = np.exp2((origin - origin.max()) / HALF_LIFE)
    return weights


def written(calibration: Calibration) -> dict[str, Any]:
    """A calibration as plain lists."""
    curves = {name: getattr(calibration, name) for name in CURVES}
    return {"kept": list(calibration.kept)} | {
        name: {"point": curve.point.tolist(), "sampled": curve.sampled.tolist()} if curve else None
        for name, curve in curves.items()
    }


def read(kept: dict[str, Any]) -> Calibration:
    """The calibration that was written; KeyError or TypeError where it is none."""

    def curve(name: str) -> Curve | None:
        fitted = kept[name]
        return Curve(np.array(fitted["point"]), np.array(fitted["sampled"])) if fitted else None

    overall = curve("overall")
    if overall is None:
        raise KeyError("overall")
    return Calibration(tuple(kept["kept"]), overall, curve("clear"), curve("ongoing"))
