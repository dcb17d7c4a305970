"""The words that rules, cases and pages share: kinds, levels, tiers, postures."""

from typing import Literal

REFERRED = "referred"
Level = Literal["low", "guarded", "elevated", "high", "severe"]
Posture = Literal["invest", "condition", "limit", "be_wary"]
TIERS: tuple[Level, ...] = ("low", "guarded", "elevated", "high", "severe")
# The three ways help and arms reach a partner: grants, government sales (FMS) and licensed commercial sales (DCS).
Programme = Literal["grants", "fms", "dcs"]
