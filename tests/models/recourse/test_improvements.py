"""Realistic improvements: steps, similar levels and bounds, on invented spans."""

import numpy as np
import pytest

from models.recourse.improvements import (
    ACTIONABLE_MEASURES,
    FEWEST_IMPROVERS,
    ActionableMeasure,
    ImprovementSpans,
    select_reached_spans,
)
from models.training.signs import MONOTONE_SIGNS

KINDS = {kind.measure: kind for kind in ACTIONABLE_MEASURES}


@pytest.mark.parametrize(
    ("measure", "now", "bound", "values"),
    [
        ("vdem_physical_integrity", 0.62, 0.14, [0.67, 0.72]),
        ("vdem_physical_integrity", 0.62, 0.15, [0.67, 0.72, 0.77]),
        ("vdem_rule_of_law", 0.97, 0.2, [1.0]),
        ("vdem_corruption", 0.07, 0.2, [0.02, 0.0]),
        ("pts_mean", 3.5, 1.0, [3.0, 2.5]),
        ("pts_mean", 1.5, 2.0, [1.0]),
        ("pts_mean", 1.0, 2.0, []),
        ("ucdp_government_killings", 80.0, 2.1, [39.0, 19.0]),
        ("ucdp_government_killings", 3.0, 9.0, [1.0, 0.0]),
        ("ucdp_government_killings", 0.0, 9.0, []),
        ("vdem_rule_of_law", 0.5, 0.0, []),
    ],
)
def test_steps_go_from_now_to_the_bound_or_the_best_there_is(
    measure: str, now: float, bound: float, values: list[float]
) -> None:
    assert KINDS[measure].list_target_values(now, bound) == pytest.approx(values)


def test_every_measure_has_a_sign_fixed_by_theory_and_the_two_without_are_left_out() -> None:
    assert set(KINDS) <= set(MONOTONE_SIGNS)
    assert {"vdem_polyarchy", "vdem_free_expression"}.isdisjoint({*KINDS, *MONOTONE_SIGNS})


def invented(gains: dict[str, float]) -> tuple[ActionableMeasure, ImprovementSpans]:
    """One span each of invented partners at 0.40, but for one at 0.80."""
    kind = KINDS["vdem_rule_of_law"]
    codes = {iso3: code for code, iso3 in enumerate(gains)}
    levels = np.array([0.80 if iso3 == "FAR" else 0.40 for iso3 in gains])
    start, gain = kind.compute_severity(levels), np.array(list(gains.values()))
    return kind, ImprovementSpans(
        codes, np.arange(len(gains), dtype=float), {kind.measure: start}, {kind.measure: gain}
    )


def test_only_other_partners_that_started_near_count() -> None:
    kind, seen = invented({"OWN": 0.5, "AAA": 0.1, "FAR": 0.3, "BBB": -0.2})
    gains = seen.find_alike_gains(kind, "OWN", 0.45)
    assert gains[[1, 3]].tolist() == [0.1, -0.2] and np.isnan(gains[[0, 2]]).all()
    assert np.isnan(seen.find_alike_gains(kind, "OWN", 0.51)).all()


def test_the_bound_is_a_gain_that_was_seen_among_those_that_improved() -> None:
    kind, seen = invented({f"P{i:02}": gain for i, gain in enumerate([-0.3, 0.0, *(0.01 * n for n in range(1, 11))])})
    gains = seen.find_alike_gains(kind, "OWN", 0.40)
    assert seen.compute_gain_bound(gains) == pytest.approx(0.09) and seen.compute_gain_bound(
        gains, 1.0
    ) == pytest.approx(0.10)
    assert seen.count_partners(select_reached_spans(gains, 0.09)) == 2


def test_what_too_few_others_managed_is_not_realistic() -> None:
    for improved, bound in ((FEWEST_IMPROVERS - 1, 0.0), (FEWEST_IMPROVERS, 0.1)):
        kind, seen = invented({f"P{i}": 0.1 if i < improved else 0.0 for i in range(9)})
        assert seen.compute_gain_bound(seen.find_alike_gains(kind, "OWN", 0.40)) == pytest.approx(bound)
