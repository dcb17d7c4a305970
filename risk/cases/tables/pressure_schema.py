"""The schema of an entry in rulebook/transfers/pressures.yaml."""

from typing import Literal

from pydantic import Field, model_validator

from risk.cases.tables.entry_types import HIGHEST_SCORE
from risk.report.contracts.memo import Risk
from risk.rules.validity import RulebookModel
from risk.vocabulary import TIERS, TierName


class PressurePart(RulebookModel):
    """One fact of a judged pressure, scaled to 0..1 between two values.

    only_when: the part counts only if this condition holds or is unknown.
    """

    column: str
    less: str | None = None
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    weight: float = Field(gt=0, le=1)
    only_when: str | None = None
    because: str

    @model_validator(mode="after")
    def _check_range(self) -> "PressurePart":
        if self.low >= self.high or (self.scale == "log" and self.low <= 0):
            raise ValueError(
                f"{self.column}: low {self.low:g} must be below high {self.high:g}, and above 0 on a log scale"
            )
        return self


class PastMisuse(RulebookModel):
    """A partner's past misuse, and the scores of end user and item from which it raises their pair."""

    applies_when: str
    shows: str
    users_from: int = Field(ge=0, le=HIGHEST_SCORE)
    items_from: int = Field(ge=0, le=HIGHEST_SCORE)
    told: str


class RiskPressure(RulebookModel):
    """How strongly a risk presses on a partner: a forecast, or a judgment from facts; and the cuts of its tiers."""

    id: Risk
    title: str
    forecast: str | None = None
    parts: list[PressurePart] = []
    starts: dict[TierName, float]
    record: PastMisuse | None = None
    because: str

    @model_validator(mode="after")
    def _check_parts_and_starts(self) -> "RiskPressure":
        if (self.forecast is None) == (not self.parts):
            raise ValueError("a pressure needs either a forecast or parts")
        if self.parts and abs(sum(part.weight for part in self.parts) - 1) > 1e-9:
            raise ValueError(f"the weights of the parts must sum to 1, got {sum(p.weight for p in self.parts):g}")
        thresholds = [self.starts.get(tier, -1.0) for tier in TIERS[1:]]
        if (
            set(self.starts) != set(TIERS[1:])
            or thresholds != sorted(set(thresholds))
            or not 0 < thresholds[0] <= thresholds[-1] <= 100
        ):
            raise ValueError(f"starts must rise from guarded to severe, between 0 and 100, got {self.starts}")
        return self
