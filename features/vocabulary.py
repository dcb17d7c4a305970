"""Terms shared by all packages: keys, outcomes, themes and years covered; imports no other project module."""

from typing import Literal

FIRST_ORIGIN = 1976
LATEST_ORIGIN = 2025
HORIZON_YEARS = 2
Profile = Literal["calendar", "snapshot"]
Theme = Literal[
    "governance", "rule_of_law", "human_rights", "conflict", "arms_transfers", "assistance", "neighbourhood"
]
OUTCOMES = ("misuse", "state_terror", "civilian_killing", "coup")
OUTCOME_LABELS = {
    "misuse": "state terror or killing of civilians by the government",
    "state_terror": "widespread political imprisonment, torture or killing by the state",
    "civilian_killing": "the government's forces deliberately kill 25 or more civilians in a year",
    "coup": "an attempted or successful coup",
}
THEME_LABELS: dict[Theme, str] = {
    "governance": "Governance and economy",
    "rule_of_law": "Rule of law and corruption",
    "human_rights": "Human rights record",
    "conflict": "Conflict and coups",
    "arms_transfers": "Arms transfers",
    "assistance": "US assistance and presence",
    "neighbourhood": "Neighbourhood",
}
DEFAULT_PROFILE: Profile = "snapshot"
HEADLINE_OUTCOME = "misuse"
