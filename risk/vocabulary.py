"""The words that rules, cases and pages share: tiers, postures, programs."""

from typing import Literal

REFERRED = "referred"
TierName = Literal["low", "guarded", "elevated", "high", "severe"]
PostureName = Literal["invest", "condition", "limit", "be_wary"]
TIERS: tuple[TierName, ...] = ("low", "guarded", "elevated", "high", "severe")
# The three assistance programs: grants, Foreign Military Sales (FMS) and licensed Direct Commercial Sales (DCS).
AssistanceProgram = Literal["grants", "fms", "dcs"]
