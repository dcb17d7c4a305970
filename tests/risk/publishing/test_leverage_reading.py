"""The sentence on what leverage and hedging make credible, at and beside each cut."""

from datetime import date

import pytest

from risk.assessment.tiers import find_posture_matrix
from risk.publishing.supplement import FEW_CONDITIONS_CREDIBLE, TIES_LOOSENING, WALK_AWAY, describe_leverage
from risk.rules.rulebook import PostureMatrix
from tests.risk.rules.rulebook_example import RULES_DAY, load_project_rulebook

CUTS = find_posture_matrix(load_project_rulebook(), RULES_DAY)


@pytest.mark.parametrize(
    ("leverage", "hedging", "sentence"),
    [
        (46.0, 12.0, "high (46 of 100) and there is little hedging (12): conditions are credible."),
        (25.0, 39.9, "high (25 of 100) and there is some hedging (39.9): conditions are credible."),
        (30.0, 40.0, f"high (30 of 100) but hedging is heavy (40): {TIES_LOOSENING}"),
        (24.9, 5.0, f"middling (24.9 of 100) and there is little hedging (5): {FEW_CONDITIONS_CREDIBLE}"),
        (15.0, 60.0, f"middling (15 of 100) and hedging is heavy (60): {WALK_AWAY}"),
        (9.9, None, f"low (9.9 of 100) and hedging is not known: {WALK_AWAY}"),
        (None, 80.0, "not known: promise and threaten nothing that rests on it."),
    ],
)
def test_the_sentence_says_what_the_two_indices_allow(
    leverage: float | None, hedging: float | None, sentence: str
) -> None:
    assert describe_leverage(leverage, hedging, CUTS) == f"Leverage is {sentence}"


def test_the_cuts_are_those_in_force_on_the_day() -> None:
    assert find_posture_matrix(load_project_rulebook(), date(2026, 1, 1)).hedging_heavy_from == 45
    assert find_posture_matrix(load_project_rulebook(), RULES_DAY).hedging_heavy_from == 40


def test_a_low_cut_above_the_high_one_is_refused() -> None:
    with pytest.raises(ValueError, match="leverage_low_below 26 must be below leverage_high_from 25"):
        PostureMatrix.model_validate(CUTS.model_dump() | {"leverage_low_below": 26})
