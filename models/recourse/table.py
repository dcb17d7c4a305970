"""The table of recourse: a row for each measure of each route, with what the model says before and after."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from models.recourse.counterfactual import CounterfactualModel, RecourseRoute
from models.recourse.improvements import SPAN_YEARS, ImprovementSpans
from models.recourse.routes import Prospect

RECOURSE_SCHEMA = pl.Schema(
    {
        "iso3": pl.String,
        "origin": pl.Int64,
        "outcome": pl.String,
        "route": pl.Int64,
        "measure": pl.String,
        "label": pl.String,
        "now": pl.Float64,
        "now_year": pl.Int64,
        "asked": pl.Float64,
        "within_years": pl.Int64,
        "seen_elsewhere": pl.Int64,
        "started_alike": pl.Int64,
        "how_often": pl.Float64,
        "probability_before": pl.Float64,
        "probability_after": pl.Float64,
        "low_after": pl.Float64,
        "high_after": pl.Float64,
        "fall_low": pl.Float64,
        "fall_high": pl.Float64,
        "tier_before": pl.String,
        "tier_after": pl.String,
    }
)
LOWEST_TIER = "low"


def tabulate_recourse(
    search: CounterfactualModel,
    prospects: Sequence[Prospect],
    routes: Sequence[Sequence[RecourseRoute]],
    seen: ImprovementSpans,
    starts: Mapping[str, float],
    labels: Mapping[str, str],
) -> pl.DataFrame:
    """The rows of RECOURSE, in the order of the prospects, which each have their routes; one without has one row."""
    numbered = [
        (one, number, route)
        for one, mine in zip(prospects, routes, strict=True)
        for number, route in enumerate(mine or [RecourseRoute(one.iso3)], start=1)
    ]
    told = _evaluate_routes(search, [route for _, _, route in numbered]).to_dicts() if numbered else []
    facts = {row["iso3"]: row for row in search.now.to_dicts()}
    rows = []
    for (one, number, route), after in zip(numbered, told, strict=True):
        shared = {
            "iso3": one.iso3,
            "origin": facts[one.iso3]["origin"],
            "outcome": search.model.outcome,
            "route": number,
            "within_years": SPAN_YEARS,
            "probability_before": one.probability,
            "tier_before": assign_tier(one.probability, starts),
            "tier_after": assign_tier(after["probability_after"], starts),
            **after,
        }
        rows += [shared | asked for asked in _list_target_rows(one, route, facts[one.iso3], seen, labels)]
    return pl.DataFrame(rows, schema=RECOURSE_SCHEMA)


def assign_tier(probability: float, starts: Mapping[str, float]) -> str:
    """The tier of a probability."""
    reached = [(start, name) for name, start in starts.items() if probability >= start]
    return max(reached)[1] if reached else LOWEST_TIER


def _list_target_rows(
    prospect: Prospect,
    route: RecourseRoute,
    facts: Mapping[str, Any],
    seen: ImprovementSpans,
    labels: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """What differs between the rows of a route: a measure each, or none."""
    if not route.targets:
        yield {}
        return
    others, alike = prospect.find_improved_spans(route.targets), prospect.find_alike_spans(route.targets)
    for ask in route.targets:
        yield {
            "measure": ask.measure,
            "label": labels[ask.measure],
            "now": facts[ask.measure],
            "now_year": int(facts["origin"] - facts[f"{ask.measure}_age"]),
            "asked": ask.value,
            "seen_elsewhere": seen.count_partners(others),
            "started_alike": seen.count_partners(alike),
            "how_often": float(others.sum() / alike.sum()),
        }


def _evaluate_routes(search: CounterfactualModel, routes: Sequence[RecourseRoute]) -> pl.DataFrame:
    """What the model says of each route: probability, its interval, and the interval of the fall from the partner as
    it is, by the same draws before and after."""
    calibration = search.model.calibration
    before, after = (search.compute_log_odds(asked) for asked in ([RecourseRoute(one.iso3) for one in routes], routes))
    low, high = np.percentile(
        calibration.draw_probabilities(*before) - calibration.draw_probabilities(*after), [5, 95], axis=0
    )
    made = calibration.forecast_probabilities(*after)
    return made.select(probability_after="probability", low_after="low", high_after="high").with_columns(
        fall_low=pl.Series(low), fall_high=pl.Series(high)
    )
