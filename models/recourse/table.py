"""The recourse table: a row for each measure of each route, with the forecast before and after."""

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
    spans: ImprovementSpans,
    starts: Mapping[str, float],
    labels: Mapping[str, str],
) -> pl.DataFrame:
    """Rows in RECOURSE_SCHEMA, in the order of prospects and their routes; a prospect without a route has one row."""
    numbered = [
        (prospect, number, route)
        for prospect, own_routes in zip(prospects, routes, strict=True)
        for number, route in enumerate(own_routes or [RecourseRoute(prospect.iso3)], start=1)
    ]
    forecasts = _evaluate_routes(search, [route for _, _, route in numbered]).to_dicts() if numbered else []
    facts = {row["iso3"]: row for row in search.now.to_dicts()}
    rows = []
    for (prospect, number, route), forecast in zip(numbered, forecasts, strict=True):
        shared = {
            "iso3": prospect.iso3,
            "origin": facts[prospect.iso3]["origin"],
            "outcome": search.model.outcome,
            "route": number,
            "within_years": SPAN_YEARS,
            "probability_before": prospect.probability,
            "tier_before": assign_tier(prospect.probability, starts),
            "tier_after": assign_tier(forecast["probability_after"], starts),
            **forecast,
        }
        rows += [
            shared | target_row
            for target_row in _list_target_rows(prospect, route, facts[prospect.iso3], spans, labels)
        ]
    return pl.DataFrame(rows, schema=RECOURSE_SCHEMA)


def assign_tier(probability: float, starts: Mapping[str, float]) -> str:
    """The tier of a probability."""
    reached_tiers = [(start, name) for name, start in starts.items() if probability >= start]
    return max(reached_tiers)[1] if reached_tiers else LOWEST_TIER


def _list_target_rows(
    prospect: Prospect,
    route: RecourseRoute,
    facts: Mapping[str, Any],
    spans: ImprovementSpans,
    labels: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """The columns that differ between the rows of a route: one row per target, or one empty row."""
    if not route.targets:
        yield {}
        return
    improved, alike = prospect.find_improved_spans(route.targets), prospect.find_alike_spans(route.targets)
    for target in route.targets:
        yield {
            "measure": target.measure,
            "label": labels[target.measure],
            "now": facts[target.measure],
            "now_year": int(facts["origin"] - facts[f"{target.measure}_age"]),
            "asked": target.value,
            "seen_elsewhere": spans.count_partners(improved),
            "started_alike": spans.count_partners(alike),
            "how_often": float(improved.sum() / alike.sum()),
        }


def _evaluate_routes(search: CounterfactualModel, routes: Sequence[RecourseRoute]) -> pl.DataFrame:
    """The forecast of each route: probability, its interval, and the interval of its fall from the unchanged partner,
    by the same draws before and after."""
    calibration = search.model.calibration
    before, after = (
        search.compute_log_odds(some_routes)
        for some_routes in ([RecourseRoute(route.iso3) for route in routes], routes)
    )
    low, high = np.percentile(
        calibration.draw_probabilities(*before) - calibration.draw_probabilities(*after), [5, 95], axis=0
    )
    forecasts = calibration.forecast_probabilities(*after)
    return forecasts.select(probability_after="probability", low_after="low", high_after="high").with_columns(
        fall_low=pl.Series(low), fall_high=pl.Series(high)
    )
