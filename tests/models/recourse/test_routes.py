"""The search for routes, on invented probabilities."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pytest

from models.recourse.counterfactual import CounterfactualModel, MeasureTarget, RecourseRoute
from models.recourse.improvements import ImprovementSpans
from models.recourse.routes import Prospect, find_routes

SEEN = ImprovementSpans({}, np.arange(10, dtype=float), {}, {})
LAW, TORTURE = "vdem_rule_of_law", "vdem_physical_integrity"


class Told:
    """A model with given probabilities by the steps in each measure."""

    def __init__(self, says: Mapping[tuple[int, int], float]) -> None:
        self.says = says

    def compute_probability(self, routes: Sequence[RecourseRoute]) -> np.ndarray:
        steps = [{ask.measure: ask.step for ask in route.targets} for route in routes]
        return np.array([self.says.get((at.get(LAW, 0), at.get(TORTURE, 0)), 0.5) for at in steps])


def routes(says: Mapping[tuple[int, int], float], others: int = 10, start: float = 0.4) -> list[list[int]]:
    """The steps in each measure of the routes found for a partner at 0.5, where `others` other partners did as much."""
    gains = np.where(np.arange(10) < others, 9.0, 0.0)
    asks = {name: [MeasureTarget(name, step, 0.0, step * 0.05) for step in (1, 2)] for name in (LAW, TORTURE)}
    prospect = Prospect("XXA", 0.5, start, asks, {LAW: gains, TORTURE: gains})
    [result] = find_routes(cast(CounterfactualModel, Told(says)), [prospect], SEEN)
    return [
        [next((a.step for a in route.targets if a.measure == name), 0) for name in (LAW, TORTURE)] for route in result
    ]


FALLING = {(1, 0): 0.48, (2, 0): 0.46, (0, 1): 0.47, (0, 2): 0.45}


@pytest.mark.parametrize(
    ("says", "found"),
    [
        ({(1, 0): 0.45, (2, 0): 0.39, (0, 1): 0.39, (0, 2): 0.3}, [[2, 0], [0, 1]]),
        (FALLING | {(1, 1): 0.42, (1, 2): 0.39, (2, 1): 0.41, (2, 2): 0.3}, [[1, 2]]),
        (FALLING | {(1, 1): 0.44, (1, 2): 0.43, (2, 1): 0.43, (2, 2): 0.41}, [[2, 2]]),
        (FALLING, [[0, 2]]),
        ({}, []),
    ],
    ids=["each measure that reaches by itself", "two together", "the best pair", "the best single", "nothing falls"],
)
def test_one_measure_then_two_then_the_best_there_is(
    says: Mapping[tuple[int, int], float], found: list[list[int]]
) -> None:
    assert routes(says) == found


def test_a_path_ends_where_the_probability_rises_even_if_it_falls_later() -> None:
    assert routes({(1, 0): 0.51, (2, 0): 0.1, (0, 1): 0.49, (0, 2): 0.48}) == [[0, 2]]


def test_two_measures_count_only_where_they_say_less_than_either() -> None:
    assert routes(FALLING | {(1, 1): 0.475, (2, 2): 0.47}) == [[0, 2]]


def test_what_too_few_others_did_is_no_route() -> None:
    says = {(1, 0): 0.45, (2, 0): 0.39, (0, 1): 0.39, (0, 2): 0.3}
    assert routes(says, others=5) == [[2, 0], [0, 1]] and routes(says, others=4) == []


def test_the_tier_below_starts_under_the_cut_off_not_at_it() -> None:
    assert routes({(1, 0): 0.4, (2, 0): 0.399, (0, 1): 0.49, (0, 2): 0.45}) == [[2, 0]]
