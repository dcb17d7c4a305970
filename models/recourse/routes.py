"""The search for what goes with a lower tier: one measure, else two together, else the best there is."""

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
    """A partner: its probability, where its tier starts, what can be asked of it by measure, a step better each, and
    the gains that others made from a like level, one a span."""

    iso3: str
    probability: float
    start: float
    targets: dict[str, list[MeasureTarget]]
    gains: dict[str, Array]

    def find_alike_spans(self, asks: Iterable[MeasureTarget]) -> SpanMask:
        """The spans of other partners that started at a like level in all the measures asked."""
        started: SpanMask = np.all([~np.isnan(self.gains[ask.measure]) for ask in asks], axis=0)
        return started

    def find_improved_spans(self, asks: Iterable[MeasureTarget]) -> SpanMask:
        """Those that gained as much in all of them."""
        gained: SpanMask = np.all([select_reached_spans(self.gains[ask.measure], ask.gain) for ask in asks], axis=0)
        return gained

    def list_single_routes(self) -> list[RecourseRoute]:
        """Every step of every measure by itself."""
        return [RecourseRoute(self.iso3, (ask,)) for steps in self.targets.values() for ask in steps]

    def list_paired_routes(self) -> list[RecourseRoute]:
        """Every step of every measure together with every step of each other."""
        both = combinations(self.targets.values(), 2)
        return [RecourseRoute(self.iso3, asks) for first, second in both for asks in product(first, second)]


def find_routes(
    search: CounterfactualModel, prospects: Sequence[Prospect], seen: ImprovementSpans
) -> list[list[RecourseRoute]]:
    """The routes of each prospect, those most often seen elsewhere first.

    One for each measure that by itself reaches the tier below, at its smallest step; else one of two measures
    together; else the one that lowers the probability most; none if nothing lowers it.
    """
    answers = _forecast_routes(search, [route for one in prospects for route in one.list_single_routes()])
    used = [_keep_falling_steps(one, answers) for one in prospects]
    found = [_find_single_routes(one, answers, seen) for one in used]
    short = [one for one, routes in zip(used, found, strict=True) if not routes]
    answers |= _forecast_routes(search, [route for one in short for route in one.list_paired_routes()])
    return [
        routes or _find_best_pair(one, answers, seen) or _find_best_route(one, answers, seen)
        for one, routes in zip(used, found, strict=True)
    ]


def _forecast_routes(search: CounterfactualModel, routes: Sequence[RecourseRoute]) -> RouteProbabilities:
    return dict(zip(routes, search.compute_probability(routes).tolist(), strict=True)) if routes else {}


def _keep_falling_steps(prospect: Prospect, answers: RouteProbabilities) -> Prospect:
    """The prospect with each measure's steps up to where the probability first fails to fall.

    The ridge logits, which no sign binds, may say that better is riskier: no ground to ask for anything.
    """
    asks = {}
    for measure, steps in prospect.targets.items():
        path = [prospect.probability, *(answers[RecourseRoute(prospect.iso3, (ask,))] for ask in steps)]
        ends = [place for place in range(len(steps)) if path[place + 1] >= path[place]]
        asks[measure] = steps[: ends[0]] if ends else steps
    return replace(prospect, targets=asks)


def _find_single_routes(prospect: Prospect, answers: RouteProbabilities, seen: ImprovementSpans) -> list[RecourseRoute]:
    smallest: dict[str, RecourseRoute] = {}
    for route in prospect.list_single_routes():
        if answers[route] < prospect.start:
            smallest.setdefault(route.targets[0].measure, route)
    others = {route: seen.count_partners(prospect.find_improved_spans(route.targets)) for route in smallest.values()}
    return sorted((route for route in others if others[route] >= FEWEST_IMPROVERS), key=lambda route: -others[route])


def _find_best_pair(prospect: Prospect, answers: RouteProbabilities, seen: ImprovementSpans) -> list[RecourseRoute]:
    """Of the pairs that reach the tier below, the one most often seen elsewhere, then the one of the fewest steps."""
    smallest: dict[tuple[str, str, int], RecourseRoute] = {}
    for route in prospect.list_paired_routes():
        first, second = route.targets
        if answers[route] < prospect.start and _falls_further(route, answers):
            smallest.setdefault((first.measure, second.measure, first.step), route)
    others = {route: seen.count_partners(prospect.find_improved_spans(route.targets)) for route in smallest.values()}
    done = [route for route, count in others.items() if count >= FEWEST_IMPROVERS]
    return sorted(done, key=lambda route: (-others[route], sum(ask.step for ask in route.targets)))[:1]


def _find_best_route(prospect: Prospect, answers: RouteProbabilities, seen: ImprovementSpans) -> list[RecourseRoute]:
    """Of all that was seen elsewhere, what lowers the probability most."""
    pairs = [route for route in prospect.list_paired_routes() if _falls_further(route, answers)]
    ranked = sorted([*prospect.list_single_routes(), *pairs], key=answers.__getitem__)
    return list(
        islice(
            (
                route
                for route in ranked
                if seen.count_partners(prospect.find_improved_spans(route.targets)) >= FEWEST_IMPROVERS
            ),
            1,
        )
    )


def _falls_further(pair: RecourseRoute, answers: RouteProbabilities) -> bool:
    """Whether two measures together lower the probability below what either does."""
    return answers[pair] < min(answers[RecourseRoute(pair.iso3, (ask,))] for ask in pair.targets)
