"""The words that rules, cases and pages share: kinds, levels, tiers, postures."""

from typing import Literal

REFERRED = "referred"
TierName = Literal["low", "guarded", "elevated", "high", "severe"]
PostureName = Literal["invest", "condition", "limit", "be_wary"]
TIERS: tuple[TierName, ...] = ("low", "guarded", "elevated", "high", "severe")
# The three ways help and arms reach a partner: grants, government sales (FMS) and licensed commercial sales (DCS).
AssistanceProgram = Literal["grants", "fms", "dcs"]
