"""The search for what goes with a lower tier: one measure, else two together, else the best there is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, product

import numpy as np

from models.recourse.counterfactual import Ask, Route, WhatIf
from models.recourse.improvements import FEWEST, Mask, Spans, as_much
from models.training.matrix import Array

Answers = dict[Route, float]


@dataclass(frozen=True)
class Prospect:
    """A partner: its probability, where its tier starts, what can be asked of it by measure, a step better each, and
    the gains that others made from a like level, one a span."""

    iso3: str
    probability: float
    start: float
    asks: dict[str, list[Ask]]
    gains: dict[str, Array]

    def alike(self, asks: Iterable[Ask]) -> Mask:
        """The spans of other partners that started at a like level in all the measures asked."""
        started: Mask = np.all([~np.isnan(self.gains[ask.measure]) for ask in asks], axis=0)
        return started

    def others(self, asks: Iterable[Ask]) -> Mask:
        """Those that gained as much in all of them."""
        gained: Mask = np.all([as_much(self.gains[ask.measure], ask.gain) for ask in asks], axis=0)
        return gained

    def singles(self) -> list[Route]:
        """Every step of every measure by itself."""
        return [Route(self.iso3, (ask,)) for steps in self.asks.values() for ask in steps]

    def pairs(self) -> list[Route]:
        """Every step of every measure together with every step of each other."""
        both = combinations(self.asks.values(), 2)
        return [Route(self.iso3, asks) for first, second in both for asks in product(first, second)]


def find_routes(search: WhatIf, prospects: Sequence[Prospect], seen: Spans) -> list[list[Route]]:
    """The routes of each prospect, those most often seen elsewhere first.

    One for each measure that by itself reaches the tier below, at its smallest step; else one of two measures
    together; else the one that lowers the probability most; none if nothing lowers it.
    """
    answers = _answers(search, [route for one in prospects for route in one.singles()])
    used = [_falling(one, answers) for one in prospects]
    found = [_alone(one, answers, seen) for one in used]
    short = [one for one, routes in zip(used, found, strict=True) if not routes]
    answers |= _answers(search, [route for one in short for route in one.pairs()])
    return [
        routes or _together(one, answers, seen) or _best(one, answers, seen)
        for one, routes in zip(used, found, strict=True)
    ]


def _answers(search: WhatIf, routes: Sequence[Route]) -> Answers:
    return dict(zip(routes, search.probability(routes).tolist(), strict=True)) if routes else {}


def _falling(prospect: Prospect, answers: Answers) -> Prospect:
    """The prospect with each measure's steps up to where the probability first fails to fall.

    The ridge logits, which no sign binds, may say that better is riskier: no ground to ask for anything.
    """
    asks = {}
    for measure, steps in prospect.asks.items():
        path = [prospect.probability, *(answers[Route(prospect.iso3, (ask,))] for ask in steps)]
        ends = [place for place in range(len(steps)) if path[place + 1] >= path[place]]
        asks[measure] = steps[: ends[0]] if ends else steps
    return replace(prospect, asks=asks)


def _alone(prospect: Prospect, answers: Answers, seen: Spans) -> list[Route]:
    smallest: dict[str, Route] = {}
    for route in prospect.singles():
        if answers[route] < prospect.start:
            smallest.setdefault(route.asks[0].measure, route)
    others = {route: seen.count(prospect.others(route.asks)) for route in smallest.values()}
    return sorted((route for route in others if others[route] >= FEWEST), key=lambda route: -others[route])


def _together(prospect: Prospect, answers: Answers, seen: Spans) -> list[Route]:
    """Of the pairs that reach the tier below, the one most often seen elsewhere, then the one of the fewest steps."""
    smallest: dict[tuple[str, str, int], Route] = {}
    for route in prospect.pairs():
        first, second = route.asks
        if answers[route] < prospect.start and _falls_further(route, answers):
            smallest.setdefault((first.measure, second.measure, first.step), route)
    others = {route: seen.count(prospect.others(route.asks)) for route in smallest.values()}
    done = [route for route, count in others.items() if count >= FEWEST]
    return sorted(done, key=lambda route: (-others[route], sum(ask.step for ask in route.asks)))[:1]


def _best(prospect: Prospect, answers: Answers, seen: Spans) -> list[Route]:
    """Of all that was seen elsewhere, what lowers the probability most."""
    pairs = [route for route in prospect.pairs() if _falls_further(route, answers)]
    ranked = sorted([*prospect.singles(), *pairs], key=answers.__getitem__)
    return list(islice((route for route in ranked if seen.count(prospect.others(route.asks)) >= FEWEST), 1))


def _falls_further(pair: Route, answers: Answers) -> bool:
    """Whether two measures together lower the probability below what either does."""
    return answers[pair] < min(answers[Route(pair.iso3, (ask,))] for ask in pair.asks)
