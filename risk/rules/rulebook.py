"""The rulebook as one typed object, with its measures, thresholds and postures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl
from pydantic import Field, model_validator

from risk.rules.designations import Designation, ReadingStatus
from risk.rules.interactions import CheckGroup, RuleConflict
from risk.rules.references import Precedent
from risk.rules.rule_types import RULE_ID, Caution, Rule
from risk.rules.validity import DatedEntry, RulebookModel
from risk.vocabulary import TIERS, PostureName, TierName


class Measure(RulebookModel):
    """The range or words allowed in the columns that match a pattern, and which direction is better."""

    columns: str
    label: str
    low: float | None = None
    high: float | None = None
    words: list[str] = []
    better: Literal["higher", "lower"] | None = None

    @model_validator(mode="after")
    def _check_range_or_words(self) -> "Measure":
        if (self.low is None or self.high is None) == (not self.words):
            raise ValueError("a measure needs either low and high, or words")
        return self


class RepealedLaw(RulebookModel):
    """An instrument no longer in force, the pattern that finds it in a citation, and the day it ended."""

    id: str = RULE_ID
    title: str
    pattern: str
    ended: date
    by: str
    status: ReadingStatus


class TierThresholds(DatedEntry):
    """The probability at which each tier starts, for one outcome."""

    id: str = RULE_ID
    outcome: str
    starts: dict[TierName, float]
    because: str

    @model_validator(mode="after")
    def _check_thresholds(self) -> "TierThresholds":
        thresholds = [self.starts.get(tier, -1.0) for tier in TIERS[1:]]
        if (
            set(self.starts) != set(TIERS[1:])
            or thresholds != sorted(set(thresholds))
            or not 0 < thresholds[0] <= thresholds[-1] < 1
        ):
            raise ValueError(f"starts must rise from guarded to severe, between 0 and 1, got {self.starts}")
        return self


class PostureMatrix(DatedEntry):
    """The posture suggested by strategic value (0 to 100) and the tier of misuse, in four quadrants.

    It also holds the leverage and hedging cutoffs (0 to 100) that decide whether conditions are credible.
    """

    id: str = RULE_ID
    valued_from: float = Field(gt=0, lt=100)
    leverage_high_from: float = Field(gt=0, lt=100)
    leverage_low_below: float = Field(gt=0, lt=100)
    hedging_heavy_from: float = Field(gt=0, lt=100)
    poor_record_from: TierName
    valued_good_record: PostureName
    valued_poor_record: PostureName
    little_value_good_record: PostureName
    little_value_poor_record: PostureName
    because: str

    @model_validator(mode="after")
    def _check_leverage_cutoffs(self) -> "PostureMatrix":
        if self.leverage_low_below >= self.leverage_high_from:
            raise ValueError(
                f"leverage_low_below {self.leverage_low_below:g} must be below "
                f"leverage_high_from {self.leverage_high_from:g}"
            )
        return self


@dataclass(frozen=True)
class Rulebook:
    """The validated rulebook, and the typed columns its conditions were checked against."""

    schema: pl.Schema
    rules: tuple[Rule, ...]
    cautions: tuple[Caution, ...]
    conflicts: tuple[RuleConflict, ...]
    joined: tuple[CheckGroup, ...]
    tiers: tuple[TierThresholds, ...]
    postures: tuple[PostureMatrix, ...]
    measures: tuple[Measure, ...]
    repealed: tuple[RepealedLaw, ...]
    precedents: Mapping[str, Precedent]
    designations: Mapping[str, Designation]

    def list_rules_in_force(self, on: date) -> list[Rule]:
        """List the rules in force on a day."""
        return [rule for rule in self.rules if rule.is_in_force(on)]

    def list_cautions_in_force(self, on: date) -> list[Caution]:
        """List the cautions in force on a day."""
        return [caution for caution in self.cautions if caution.is_in_force(on)]

    def find_measure(self, column: str) -> Measure | None:
        """Find the measure that describes a column, or return None."""
        return next((measure for measure in self.measures if re.fullmatch(measure.columns, column)), None)
