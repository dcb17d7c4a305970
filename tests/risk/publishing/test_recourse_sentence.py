"""Recourse as a reader meets it."""

import re
from typing import Any

import pytest

from risk.publishing.supplement import describe_recourse

ROW: dict[str, Any] = {
    "measure": "vdem_physical_integrity",
    "label": "Freedom from political killings and torture",
    "now": 0.4,
    "now_year": 2025,
    "asked": 0.55,
    "within_years": 5,
    "seen_elsewhere": 12,
    "started_alike": 63,
    "probability_before": 0.46,
    "probability_after": 0.38,
    "low_after": 0.28,
    "high_after": 0.5,
    "tier_before": "high",
    "tier_after": "elevated",
}
TERROR = {
    "measure": "pts_mean",
    "label": "Political terror, mean of the codings",
    "now": 3.5,
    "now_year": 2023,
    "asked": 3,
}
NOTHING = {
    "measure": None,
    "label": None,
    "now": None,
    "asked": None,
    "seen_elsewhere": None,
    "probability_after": 0.46,
}
SENTENCES = {
    "one measure": (
        [{}],
        "In the past, partners like this one but with freedom from political killings and torture at 0.55 (0.4 in "
        "2025) went on to misuse in an estimated 38% of cases (28% to 50%), against 46% as it stands: elevated, "
        "not high; 12 of 63 other partners once near such levels improved as much within 5 years.",
    ),
    "two measures": (
        [{}, TERROR],
        "In the past, partners like this one but with freedom from political killings and torture at 0.55 (0.4 in "
        "2025) and political terror, mean of the codings, at 3 (3.5 in 2023) went on to misuse in an estimated 38% "
        "of cases (28% to 50%), against 46% as it stands: elevated, not high; 12 of 63 other partners once near such "
        "levels improved as much within 5 years.",
    ),
    "not enough": (
        [{"probability_after": 0.41, "tier_after": "high"}],
        "No realistic improvement goes with a lower tier; at best, in the past, partners like this one but with "
        "freedom from political killings and torture at 0.55 (0.4 in 2025) went on to misuse in an estimated 41% of "
        "cases (28% to 50%), against 46% as it stands: high, as now; 12 of 63 other partners once near such levels "
        "improved as much within 5 years.",
    ),
    "nothing falls": (
        [NOTHING],
        "No realistic improvement in the measures looked at goes with less than the 46% it has now.",
    ),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_a_route_is_one_sentence(case: str) -> None:
    rows, sentence = SENTENCES[case]
    assert describe_recourse([ROW | row for row in rows]) == sentence


@pytest.mark.parametrize("case", SENTENCES)
def test_no_sentence_promises_an_effect(case: str) -> None:
    rows, _ = SENTENCES[case]
    promise = r"\b(would|will|lowers|reduces?|causes?|leads? to|because|thanks to|effect|brings?)\b"
    assert not re.search(promise, describe_recourse([ROW | row for row in rows]))
