"""Calibration of members' log-odds to probabilities with intervals, fitted on forecasts of origins not trained on.

Three curves: all rows, rows later known to be clear at their origin, and rows later known to be in the event. Where
the current status is published late, the latter two forecast as if it were known, so a stale status misleads neither.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.special import expit

from models.training.matrix import Array

CALIBRATION_DRAWS = 100
# Years after which a past forecast counts half.
HALF_LIFE = 8.0
# Prior standard deviations of intercept, slope and status shifts: a few hundred events cannot move the curve far from
# the identity. The true status, known only later, may shift the forecast from a stale status far.
PRIOR_CENTER = np.array([0.0, 1.0, 0.0, 0.0])
PRIOR_SPREAD = np.array([0.5, 0.15, 0.3, 0.3])
SPREAD_ONCE_KNOWN = np.array([0.5, 0.15, 3.0, 3.0])
# A baseline's scores have no scale, so the prior is wide, and their status shifts are kept near zero.
SPREAD_FREE = np.array([10.0, 2.0, 0.001, 0.001])
FEWEST_EVENTS = 20
CURVE_NAMES = ("overall", "clear", "ongoing")


class CalibrationCurve(NamedTuple):
    """Coefficients of the logistic curve and draws × coefficients of its bootstrap over partners."""

    point: Array
    sampled: Array


@dataclass(frozen=True)
class Calibration:
    """Which members count (in equal shares), and the curves; a curve without rows to fit it is None."""

    member_mask: tuple[bool, ...]
    overall: CalibrationCurve
    clear: CalibrationCurve | None
    ongoing: CalibrationCurve | None

    def average_member_odds(self, members: Array) -> Array:
        """The mean log-odds of the members that count, one per row; `members` is members × rows."""
        odds: Array = members[list(self.member_mask)].mean(axis=0)
        return odds

    def forecast_probabilities(self, members: Array, status: pl.Series) -> pl.DataFrame:
        """Columns probability, low, high, onset_probability and ongoing_probability, one row per column of `members`.

        The 90% interval (5th to 95th percentile) samples the curve and the members' shares. The last two are the
        probabilities for a partner that is clear, or in the event, at the origin.
        """
        odds, inputs = self.average_member_odds(members), build_design_matrix(self.average_member_odds(members), status)
        probability = expit(inputs @ self.overall.point)
        low, high = np.percentile(self.draw_probabilities(members, status), [5, 95], axis=0)
        known = {
            name: expit(inputs @ curve.point) if curve else np.full(len(odds), np.nan)
            for name, curve in (("onset_probability", self.clear), ("ongoing_probability", self.ongoing))
        }
        ends = {"low": np.minimum(low, probability), "high": np.maximum(high, probability)}
        return pl.DataFrame({"probability": probability} | ends | known).fill_nan(None)

    def draw_probabilities(self, members: Array, status: pl.Series) -> Array:
        """Draws × rows of probabilities, with the same draws of curve and shares for any rows."""
        shares = np.random.default_rng(0).dirichlet(np.ones(sum(self.member_mask)), len(self.overall.sampled))
        counted, inputs, drawn = (
            members[list(self.member_mask)],
            build_design_matrix(self.average_member_odds(members), status),
            [],
        )
        for share, beta in zip(shares, self.overall.sampled, strict=True):
            inputs[:, 1] = share @ counted
            drawn.append(expit(inputs @ beta))
        return np.array(drawn)


def build_design_matrix(odds: Array, status: pl.Series) -> Array:
    """Rows × (1, log-odds, status ongoing, status unknown)."""
    shifts = [(status == "ongoing").to_numpy(), (status == "unknown").to_numpy()]
    return np.column_stack([np.ones_like(odds), odds, *shifts]).astype(np.float64)


def fit_calibration(members: Array, rows: pl.DataFrame, free: bool = False) -> Calibration:
    """Fit on members × rows of log-odds; `rows` has iso3, origin, status, fact and observed, in the same order.

    At most one member is dropped, if it worsens the log loss of past forecasts. `free` is for a score without a scale.
    """
    observed, weights = rows["observed"].to_numpy().astype(np.float64), _weigh_by_recency(rows)
    spread = SPREAD_FREE if free else PRIOR_SPREAD
    losses = {
        kept: _compute_loss(
            build_design_matrix(members[list(kept)].mean(axis=0), rows["status"]), observed, weights, spread
        )
        for kept in _list_member_choices(len(members))
    }
    kept = min(losses, key=lambda choice: (losses[choice], choice.count(False)))
    inputs = build_design_matrix(members[list(kept)].mean(axis=0), rows["status"])
    spread_once_known = SPREAD_FREE if free else SPREAD_ONCE_KNOWN
    curves = []
    for fact in ("clear", "ongoing"):
        has_fact = (rows["fact"] == fact).to_numpy()
        enough = has_fact.sum() >= FEWEST_EVENTS
        curves.append(
            _fit_curve(
                inputs[has_fact],
                observed[has_fact],
                weights[has_fact],
                rows["iso3"].filter(has_fact),
                spread_once_known,
            )
            if enough
            else None
        )
    return Calibration(kept, _fit_curve(inputs, observed, weights, rows["iso3"], spread), *curves)


def build_prior_calibration(members: int) -> Calibration:
    """The calibration before any forecast can be checked: the members' mean, as uncertain as the prior."""
    sampled = PRIOR_CENTER + PRIOR_SPREAD * np.random.default_rng(0).standard_normal(
        (CALIBRATION_DRAWS, len(PRIOR_CENTER))
    )
    curve = CalibrationCurve(PRIOR_CENTER, sampled)
    return Calibration((True,) * members, curve, curve, curve)


def fit_coefficients(inputs: Array, observed: Array, weights: Array, spread: Array = PRIOR_SPREAD) -> Array:
    """Coefficients of a weighted logistic calibration with a normal prior around the identity."""

    def compute_penalized_loss(beta: Array) -> tuple[float, Array]:
        fitted = inputs @ beta
        pull = (beta - PRIOR_CENTER) / spread**2
        value = weights @ (np.logaddexp(0, fitted) - observed * fitted) + 0.5 * pull @ (beta - PRIOR_CENTER)
        return float(value), inputs.T @ (weights * (expit(fitted) - observed)) + pull

    def compute_hessian(beta: Array) -> Array:
        return _compute_curvature(inputs, weights, expit(inputs @ beta), spread)

    # Imported here: a run with saved models does not need it and starts sooner.
    from scipy.optimize import minimize

    return np.asarray(
        minimize(compute_penalized_loss, PRIOR_CENTER, jac=True, hess=compute_hessian, method="trust-exact").x
    )


def draw_coefficients(
    inputs: Array, observed: Array, weights: Array, partners: pl.Series, point: Array, spread: Array
) -> Array:
    """Draws × coefficients: one Newton step from `point` for each bootstrap sample of whole partners."""
    fitted = expit(inputs @ point)
    codes = partners.rank("dense").to_numpy().astype(int) - 1
    size = codes.max() + 1
    pulls = np.zeros((size, inputs.shape[1]))
    np.add.at(pulls, codes, inputs * (weights * (observed - fitted))[:, None])
    curvature = _compute_curvature(inputs, weights, fitted, spread)
    samples = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), CALIBRATION_DRAWS)
    drawn: Array = point + np.linalg.solve(curvature, ((samples - 1) @ pulls).T).T
    return drawn


def _compute_curvature(inputs: Array, weights: Array, fitted: Array, spread: Array) -> Array:
    """Second derivatives of the loss, coefficients × coefficients."""
    curvature: Array = inputs.T @ (inputs * (weights * fitted * (1 - fitted))[:, None]) + np.diag(1 / spread**2)
    return curvature


def _list_member_choices(members: int) -> list[tuple[bool, ...]]:
    """Member masks: all members, or all but one."""
    without = (
        [tuple(member != dropped for member in range(members)) for dropped in range(members)] if members > 1 else []
    )
    return [(True,) * members, *without]


def _fit_curve(inputs: Array, observed: Array, weights: Array, partners: pl.Series, spread: Array) -> CalibrationCurve:
    point = fit_coefficients(inputs, observed, weights, spread)
    return CalibrationCurve(point, draw_coefficients(inputs, observed, weights, partners, point, spread))


def _compute_loss(inputs: Array, observed: Array, weights: Array, spread: Array) -> float:
    fitted = inputs @ fit_coefficients(inputs, observed, weights, spread)
    return float(weights @ (np.logaddexp(0, fitted) - observed * fitted) / weights.sum())


def _weigh_by_recency(rows: pl.DataFrame) -> Array:
    origin = rows["origin"].to_numpy()
    weights: Array = np.exp2((origin - origin.max()) / HALF_LIFE)
    return weights


def dump_calibration(calibration: Calibration) -> dict[str, Any]:
    """A calibration as plain lists."""
    curves = {name: getattr(calibration, name) for name in CURVE_NAMES}
    return {"kept": list(calibration.member_mask)} | {
        name: {"point": curve.point.tolist(), "sampled": curve.sampled.tolist()} if curve else None
        for name, curve in curves.items()
    }


def parse_calibration(kept: dict[str, Any]) -> Calibration:
    """The calibration in these lists; raises KeyError or TypeError if they do not hold one."""

    def parse_curve(name: str) -> CalibrationCurve | None:
        fitted = kept[name]
        return CalibrationCurve(np.array(fitted["point"]), np.array(fitted["sampled"])) if fitted else None

    overall = parse_curve("overall")
    if overall is None:
        raise KeyError("overall")
    return Calibration(tuple(kept["kept"]), overall, parse_curve("clear"), parse_curve("ongoing"))
