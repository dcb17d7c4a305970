"""The search for routes to a lower tier: one measure, else two together, else the best available."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, product

import numpy as np

from models.recourse.counterfactual import CounterfactualModel, MeasureTarget, RecourseRoute
from models.recourse.improvements import FEWEST_IMPROVERS, ImprovementSpans, SpanMask, select_reached_spans
from models.training.matrix import Array

RouteProbabilities = dict[RecourseRoute, float]


@dataclass(frozen=True)
class Prospect:
    """A partner: its probability, the start of its tier, its targets by measure, one step better each, and the gains of
    others from a similar level, one per span."""

    iso3: str
    probability: float
    start: float
    targets: dict[str, list[MeasureTarget]]
    gains: dict[str, Array]

    def find_alike_spans(self, targets: Iterable[MeasureTarget]) -> SpanMask:
        """The spans of other partners that started at a similar level in all target measures."""
        is_alike: SpanMask = np.all([~np.isnan(self.gains[target.measure]) for target in targets], axis=0)
        return is_alike

    def find_improved_spans(self, targets: Iterable[MeasureTarget]) -> SpanMask:
        """The spans that gained as much in all of them."""
        is_improved: SpanMask = np.all(
            [select_reached_spans(self.gains[target.measure], target.gain) for target in targets], axis=0
        )
        return is_improved

    def list_single_routes(self) -> list[RecourseRoute]:
        """Every step of every measure by itself."""
        return [RecourseRoute(self.iso3, (target,)) for steps in self.targets.values() for target in steps]

    def list_paired_routes(self) -> list[RecourseRoute]:
        """Every step of every measure together with every step of each other."""
        measure_pairs = combinations(self.targets.values(), 2)
        return [RecourseRoute(self.iso3, pair) for first, second in measure_pairs for pair in product(first, second)]


def find_routes(
    search: CounterfactualModel, prospects: Sequence[Prospect], spans: ImprovementSpans
) -> list[list[RecourseRoute]]:
    """The routes of each prospect, those most often seen elsewhere first.

    One for each measure that alone reaches the tier below, at its smallest step; else one of two measures together;
    else the one that lowers the probability most; an empty list if nothing lowers it.
    """
    probabilities = _forecast_routes(
        search, [route for prospect in prospects for route in prospect.list_single_routes()]
    )
    falling = [_keep_falling_steps(prospect, probabilities) for prospect in prospects]
    single_routes = [_find_single_routes(prospect, probabilities, spans) for prospect in falling]
    without_route = [prospect for prospect, routes in zip(falling, single_routes, strict=True) if not routes]
    probabilities |= _forecast_routes(
        search, [route for prospect in without_route for route in prospect.list_paired_routes()]
    )
    return [
        routes or _find_best_pair(prospect, probabilities, spans) or _find_best_route(prospect, probabilities, spans)
        for prospect, routes in zip(falling, single_routes, strict=True)
    ]


def _forecast_routes(search: CounterfactualModel, routes: Sequence[RecourseRoute]) -> RouteProbabilities:
    return dict(zip(routes, search.compute_probability(routes).tolist(), strict=True)) if routes else {}


def _keep_falling_steps(prospect: Prospect, probabilities: RouteProbabilities) -> Prospect:
    """The prospect with each measure's steps up to where the probability first fails to fall.

    The ridge logits have no monotone signs and may rate a better value as riskier: no basis for a target.
    """
    falling = {}
    for measure, steps in prospect.targets.items():
        path = [prospect.probability, *(probabilities[RecourseRoute(prospect.iso3, (target,))] for target in steps)]
        ends = [step_number for step_number in range(len(steps)) if path[step_number + 1] >= path[step_number]]
        falling[measure] = steps[: ends[0]] if ends else steps
    return replace(prospect, targets=falling)


def _find_single_routes(
    prospect: Prospect, probabilities: RouteProbabilities, spans: ImprovementSpans
) -> list[RecourseRoute]:
    smallest: dict[str, RecourseRoute] = {}
    for route in prospect.list_single_routes():
        if probabilities[route] < prospect.start:
            smallest.setdefault(route.targets[0].measure, route)
    improver_counts = {
        route: spans.count_partners(prospect.find_improved_spans(route.targets)) for route in smallest.values()
    }
    return sorted(
        (route for route in improver_counts if improver_counts[route] >= FEWEST_IMPROVERS),
        key=lambda route: -improver_counts[route],
    )


def _find_best_pair(
    prospect: Prospect, probabilities: RouteProbabilities, spans: ImprovementSpans
) -> list[RecourseRoute]:
    """Of the pairs that reach the tier below, the one most often seen elsewhere, then the one with the fewest steps."""
    smallest: dict[tuple[str, str, int], RecourseRoute] = {}
    for route in prospect.list_paired_routes():
        first, second = route.targets
        if probabilities[route] < prospect.start and _falls_further(route, probabilities):
            smallest.setdefault((first.measure, second.measure, first.step), route)
    improver_counts = {
        route: spans.count_partners(prospect.find_improved_spans(route.targets)) for route in smallest.values()
    }
    realistic = [route for route, count in improver_counts.items() if count >= FEWEST_IMPROVERS]
    return sorted(realistic, key=lambda route: (-improver_counts[route], sum(target.step for target in route.targets)))[
        :1
    ]


def _find_best_route(
    prospect: Prospect, probabilities: RouteProbabilities, spans: ImprovementSpans
) -> list[RecourseRoute]:
    """Of all routes seen elsewhere, the one that lowers the probability most."""
    pairs = [route for route in prospect.list_paired_routes() if _falls_further(route, probabilities)]
    ranked = sorted([*prospect.list_single_routes(), *pairs], key=probabilities.__getitem__)
    return list(
        islice(
            (
                route
                for route in ranked
                if spans.count_partners(prospect.find_improved_spans(route.targets)) >= FEWEST_IMPROVERS
            ),
            1,
        )
    )


def _falls_further(pair: RecourseRoute, probabilities: RouteProbabilities) -> bool:
    """Whether two measures together lower the probability more than either alone."""
    return probabilities[pair] < min(probabilities[RecourseRoute(pair.iso3, (target,))] for target in pair.targets)
