"""Which realistic improvements, in measures a government can change, are associated with a lower risk tier.

An association in past data, by the calibrated ensemble: never the promise of an effect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from features.snapshot.snapshot import Snapshot
from features.themes.counterfactual import derive_counterfactual_features
from features.vocabulary import Profile
from models.inference.compact_model import AnyModel
from models.recourse.counterfactual import CounterfactualModel, MeasureTarget
from models.recourse.improvements import (
    ACTIONABLE_MEASURES,
    GAIN_PERCENTILE,
    ActionableMeasure,
    ImprovementSpans,
    build_spans,
)
from models.recourse.routes import Prospect, find_routes
from models.recourse.table import assign_tier, tabulate_recourse


def find_recourse(
    model: AnyModel,
    panel: pl.DataFrame,
    scored: pl.DataFrame,
    starts: Mapping[str, float],
    labels: Mapping[str, str],
    profile: Profile,
    snapshot: Snapshot,
    percentile: float = GAIN_PERCENTILE,
) -> pl.DataFrame:
    """One row a partner above the lowest tier, route and measure asked, sorted: the columns of models.recourse.table.

    `scored` has iso3, origin (one for all) and the probability of the model's outcome, null for a partner referred,
    which gets no row. `starts` gives the probability from which each tier above the lowest starts, `labels` the words
    for a measure. models.recourse.routes finds the routes; where none reaches the tier below, `tier_after` is
    `tier_before`, and where nothing lowers the probability, no measure is named. `seen_elsewhere` counts the other
    partners that improved as much within five years, in all that the route asks, `started_alike` those that were at a
    like level in all of it; `fall_low` to `fall_high` is the 90% interval of the fall.
    """
    origin = int(scored["origin"][0])
    above = scored.filter(pl.col("probability") >= min(starts.values())).select("iso3", "probability")
    known = panel.filter(pl.col("origin") <= origin)
    now = known.filter(pl.col("origin") == origin).join(above, on="iso3").sort("iso3")
    spans = build_spans(known, origin)
    candidates = [_build_prospect(row, starts, spans, percentile) for row in now.to_dicts()]
    changed = derive_counterfactual_features(
        {kind.measure: _list_steps(candidates, kind) for kind in ACTIONABLE_MEASURES}, origin, profile, snapshot
    )
    possible = {measure: _group_steps_by_partner(block) for measure, block in changed.items()}
    prospects = [_keep_possible_values(candidate, possible) for candidate in candidates]
    search = CounterfactualModel(model, now.drop("probability"), changed)
    return tabulate_recourse(search, prospects, find_routes(search, prospects, spans), spans, starts, labels)


def _build_prospect(
    row: Mapping[str, Any], starts: Mapping[str, float], spans: ImprovementSpans, percentile: float
) -> Prospect:
    targets, gains = {}, {}
    for kind in ACTIONABLE_MEASURES:
        name, now = kind.measure, row[kind.measure]
        if now is not None:
            gains[name] = spans.find_alike_gains(kind, row["iso3"], now)
            values = kind.list_target_values(now, spans.compute_gain_bound(gains[name], percentile))
            targets[name] = [
                MeasureTarget(name, step, value, kind.compute_gain(now, value))
                for step, value in enumerate(values, start=1)
            ]
    probability = row["probability"]
    return Prospect(row["iso3"], probability, starts[assign_tier(probability, starts)], targets, gains)


def _list_steps(prospects: Sequence[Prospect], kind: ActionableMeasure) -> pl.DataFrame:
    """Every partner's targets in one measure: iso3, step, value."""
    rows = [
        (prospect.iso3, target.step, target.value)
        for prospect in prospects
        for target in prospect.targets.get(kind.measure, [])
    ]
    return pl.DataFrame(rows, schema={"iso3": pl.String, "step": pl.Int64, "value": pl.Float64}, orient="row")


def _group_steps_by_partner(block: pl.DataFrame) -> dict[str, set[int]]:
    """The possible steps of a measure, by partner."""
    steps: dict[str, set[int]] = {}
    for iso3, step in block.select("iso3", "step").iter_rows():
        steps.setdefault(iso3, set()).add(step)
    return steps


def _keep_possible_values(prospect: Prospect, possible: Mapping[str, Mapping[str, set[int]]]) -> Prospect:
    """The prospect without impossible target values."""
    possible_steps = {measure: steps.get(prospect.iso3, set()) for measure, steps in possible.items()}
    kept = {
        name: [target for target in steps if target.step in possible_steps[name]]
        for name, steps in prospect.targets.items()
    }
    return replace(prospect, targets=kept)
