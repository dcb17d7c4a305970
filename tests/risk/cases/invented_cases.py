"""Invented results of case review for the invented partners, and the labels that go with them."""

from typing import Any

CaseRow = dict[str, Any]

INVENTED_TEXTS: CaseRow = {
    "item": {
        "VIIIb": {
            "title": "Armed and utility helicopters",
            "because": "Gunships over towns.",
            "source": "Invented Archive 2001",
            "url": "https://invented.example/archive",
        }
    },
    "user": {"army": {"title": "Army", "because": "Holds the numbers.", "source": "judgement"}},
    "objective": {
        "lasting_capacity": {
            "title": "Lasting capacity in support of State",
            "asks": "which force cannot do which task",
        }
    },
    "programme": {"fms": {"title": "Foreign Military Sales"}},
    "question": {"unit_named": "Which unit, under which commander, receives it?"},
    "safer": {"medevac": "Medevac fit without hard points"},
    "rule": {"rotor_audit": "A yearly count of rotor blades"},
    "risk": {
        "repression": {"forecast": "state terror", "because": "A forecast.", "starts": {"elevated": 15, "high": 40}},
        "diversion": {"forecast": None, "because": "A judgement.", "starts": {"elevated": 25, "high": 50}},
    },
    "warning": "Invented warning: the scores are judgement.",
}
_RISK_SCORES = {
    "repression": (3, 3, 4, 0.31, 31.0),
    "civilian_harm": (3, 3, 3, 0.1, 7.5),
    "coup": (3, 4, 3, None, None),
    "diversion": (1, 3, 2, 0.62, 31.0),
    "aggression": (None, None, None, 0.2, None),
}
_SCORE_PARTS = ("item", "user", "pair", "pressure", "exposure")


def build_case_row(**changes: Any) -> CaseRow:
    """Build one result row: twelve helicopters for Aldova's army, elevated, driven by repression."""
    row: CaseRow = {
        "id": "ALD-1",
        "iso3": "ALD",
        "partner": "Aldova",
        "region": "Invented Sea",
        "programme": "fms",
        "item": "VIIIb",
        "end_user": "army",
        "quantity": 12,
        "value_usd": 250_000_000.0,
        "objective": "lasting_capacity",
        "gap": "Lift for two border brigades that now walk",
        "support_years": 10,
        "proposed": "2026-11-01",
        "result": "reviewed",
        "sent_back_because": None,
        "partner_tier": "elevated",
        "partner_probability": 0.3142,
        "posture": "condition",
        "strategic_value": 61.2,
        "leverage": 72.3,
        "case_exposure": 31.0,
        "case_driver": "repression",
        "case_tier": "elevated",
        "record": "State terror was under way in 2024: one step up",
        "triggers": "child_soldiers_list",
        "triggers_asked": "",
        "notification": "AECA 36(b)(1)",
        "notification_days": 30,
        "notification_because": "The value is over $50 million.",
        "conditions": "rights_before_tranche;rotor_audit",
        "redlines": "unit_killings",
        "offramps": "step_down_in_stages",
        "messages": "",
        "checks": "",
        "questions": "unit_named",
        "safer": "medevac",
    }
    for risk, scores in _RISK_SCORES.items():
        row |= {f"{risk}_{part}": score for part, score in zip(_SCORE_PARTS, scores, strict=True)}
    return row | changes


def build_returned_row(**changes: Any) -> CaseRow:
    """Build a result row that was sent back, with nothing assessed."""
    empty = dict.fromkeys(f"{risk}_{part}" for risk in _RISK_SCORES for part in _SCORE_PARTS)
    empty |= dict.fromkeys(("case_exposure", "case_driver", "case_tier", "record", "triggers", "triggers_asked"))
    empty |= dict.fromkeys(("notification", "notification_days", "notification_because", "questions", "safer"))
    empty |= dict.fromkeys(("conditions", "redlines", "offramps", "messages", "checks"))
    why = "gap: 'capability' names no gap; write which task in which plan cannot be done today"
    return build_case_row(result="sent_back", sent_back_because=why, gap="capability", **empty) | changes
