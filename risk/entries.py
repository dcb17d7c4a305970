"""What each kind of entry in the rulebook must say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl
from pydantic import Field, model_validator

from risk.conflicts import Conflict
from risk.dated import Dated, Entry
from risk.designations import Designation, Status
from risk.grounds import Precedent, Precedents, Reference
from risk.joined import Joined

Kind = Literal["trigger", "check", "positive_condition", "redline", "offramp", "message"]
Level = Literal["low", "guarded", "elevated", "high", "severe"]
Posture = Literal["invest", "condition", "limit", "be_wary"]
TIERS: tuple[Level, ...] = ("low", "guarded", "elevated", "high", "severe")
# The three ways help and arms reach a partner: grants, government sales (FMS) and licensed commercial sales (DCS).
Programme = Literal["grants", "fms", "dcs"]
Id = Field(pattern="^[a-z][a-z0-9_]+$")
# A legal fact binds whatever the model says, so a trigger may not read what a model gave.
SCORES = re.compile(r"(tier|.*_(probability|low|high|tier|rank|status))")


class Rule(Dated):
    """What every rule says: when it applies, why, after which cases, on what text and since when."""

    id: str = Id
    kind: Kind | Literal["caution"]
    title: str
    applies_when: list[str] = Field(min_length=1, max_length=20)
    because: str
    precedents: Precedents = Precedents()
    reference: Reference

    def told(self) -> str | None:
        """What follows from the rule, or lifts it, in one text."""
        return None


class Trigger(Rule):
    """A legal fact that binds whatever the score, with the waiver or other way out the law gives."""

    kind: Literal["trigger"]
    way_out: str

    def told(self) -> str:
        """The way out."""
        return self.way_out

    @model_validator(mode="after")
    def _reads_no_score(self) -> "Trigger":
        for atom in self.applies_when:
            scored = [word for word in re.findall(r"[A-Za-z_]\w*", atom) if SCORES.fullmatch(word)]
            if scored:
                raise ValueError(f"a trigger binds whatever the score, and {atom!r} reads {scored[0]!r}")
        return self


class Check(Rule):
    """A question of law no public fact decides: the title asks, the reason says who answers, from what."""

    kind: Literal["check"]


class Caution(Rule):
    """A known way for conditions to fail, shown where the facts point to it; the title says what to avoid."""

    kind: Literal["caution"]

    @model_validator(mode="after")
    def _shown_by_a_case(self) -> "Caution":
        if not self.precedents.warned_by:
            raise ValueError("a caution names the precedents that warn, in precedents.warned_by")
        return self


class Advice(Rule):
    """A rule of policy: when it does not apply though the facts fit, and which ways of giving help it covers."""

    not_when: str
    programmes: list[Programme] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_programme_once(self) -> "Advice":
        if len(set(self.programmes)) < len(self.programmes):
            raise ValueError(f"programmes names one twice: {', '.join(self.programmes)}")
        return self

    def limits(self) -> str:
        """The programmes covered and when the rule does not apply, in one line."""
        named = ", ".join(name if name == "grants" else name.upper() for name in self.programmes)
        return f"Covers {named}. Not when: {self.not_when}"


class Stepped(Advice):
    """A rule answered in graded steps."""

    steps: list[str] = Field(min_length=1)

    def told(self) -> str:
        """The steps, numbered; then, a line each, what else must be known before they are taken."""
        steps = " ".join(f"{number}. {step.rstrip('.')}." for number, step in enumerate(self.steps, start=1))
        return "\n".join([steps, *self.notes(), self.limits()])

    def notes(self) -> list[str]:
        """What else must be known before the steps are taken, a line each."""
        return []


class Redline(Stepped):
    """What must not happen, who judges that it has, and what follows, mildest step first."""

    kind: Literal["redline"]
    judged_by: str

    def notes(self) -> list[str]:
        """Who judges, and by what."""
        return [f"Judged by: {self.judged_by}"]


class Offramp(Stepped):
    """How to step down and walk away, mildest step first; what that costs, and what fills the gap."""

    kind: Literal["offramp"]
    steps: list[str] = Field(min_length=3)
    switching_cost: str
    replaced_by: str

    def notes(self) -> list[str]:
        """The cost of switching and the substitute."""
        return [f"Cost of switching: {self.switching_cost}", f"Replaced by: {self.replaced_by}"]


class Message(Stepped):
    """What to tell the partner, at which moment, and how often."""

    kind: Literal["message"]
    how_often: str

    def notes(self) -> list[str]:
        """How often it is said."""
        return [f"How often: {self.how_often}"]


class Benchmark(Entry):
    """A measure, how far it should improve or what it should reach, and within how many years."""

    measure: str
    improve_by: float | None = Field(default=None, gt=0)
    reach: float | None = None
    within_years: int = Field(gt=0, le=10)

    @model_validator(mode="after")
    def _one_target(self) -> "Benchmark":
        if (self.improve_by is None) == (self.reach is None):
            raise ValueError("a benchmark gives either improve_by or reach")
        return self


class PositiveCondition(Advice):
    """One act that earns more, a benchmark anyone can read, and what it unlocks."""

    kind: Literal["positive_condition"]
    benchmark: Benchmark
    unlocks: str

    def told(self) -> str:
        """What the condition unlocks, then its limits."""
        return f"{self.unlocks.rstrip('.')}.\n{self.limits()}"


class Measure(Entry):
    """What the columns that fit a pattern can hold: a range, or words; and which way is better."""

    columns: str
    label: str
    low: float | None = None
    high: float | None = None
    words: list[str] = []
    better: Literal["higher", "lower"] | None = None

    @model_validator(mode="after")
    def _range_or_words(self) -> "Measure":
        if (self.low is None or self.high is None) == (not self.words):
            raise ValueError("a measure gives either low and high, or words")
        return self


class Repealed(Entry):
    """An instrument that is no longer law, the pattern that finds it in a citation, and the day it ended."""

    id: str = Id
    title: str
    pattern: str
    ended: date
    by: str
    status: Status


class TierCuts(Dated):
    """The probabilities from which a tier starts, for one outcome."""

    id: str = Id
    outcome: str
    starts: dict[Level, float]
    because: str

    @model_validator(mode="after")
    def _rising(self) -> "TierCuts":
        cuts = [self.starts.get(tier, -1.0) for tier in TIERS[1:]]
        if set(self.starts) != set(TIERS[1:]) or cuts != sorted(set(cuts)) or not 0 < cuts[0] <= cuts[-1] < 1:
            raise ValueError(f"starts must rise from guarded to severe within 0 and 1, got {self.starts}")
        return self


class Quadrant(Dated):
    """The posture suggested by strategic value (0 to 100) and the tier of misuse, in its four corners.

    With the leverage and hedging (0 to 100) from which conditions are credible, or from which they are not.
    """

    id: str = Id
    valued_from: float = Field(gt=0, lt=100)
    leverage_high_from: float = Field(gt=0, lt=100)
    leverage_low_below: float = Field(gt=0, lt=100)
    hedging_heavy_from: float = Field(gt=0, lt=100)
    poor_record_from: Level
    valued_good_record: Posture
    valued_poor_record: Posture
    little_value_good_record: Posture
    little_value_poor_record: Posture
    because: str

    @model_validator(mode="after")
    def _low_below_high(self) -> "Quadrant":
        if self.leverage_low_below >= self.leverage_high_from:
            raise ValueError(
                f"leverage is low below {self.leverage_low_below:g} and high from {self.leverage_high_from:g}, "
                "which leaves nothing between"
            )
        return self


@dataclass(frozen=True)
class Rulebook:
    """Everything read from the rulebook, and the typed columns its conditions were checked against."""

    schema: pl.Schema
    rules: tuple[Rule, ...]
    cautions: tuple[Caution, ...]
    conflicts: tuple[Conflict, ...]
    joined: tuple[Joined, ...]
    tiers: tuple[TierCuts, ...]
    postures: tuple[Quadrant, ...]
    measures: tuple[Measure, ...]
    repealed: tuple[Repealed, ...]
    precedents: Mapping[str, Precedent]
    designations: Mapping[str, Designation]

    def rules_in_force(self, on: date) -> list[Rule]:
        """The rules in force on a day."""
        return [rule for rule in self.rules if rule.holds(on)]

    def cautions_in_force(self, on: date) -> list[Caution]:
        """The cautions in force on a day."""
        return [caution for caution in self.cautions if caution.holds(on)]

    def measure(self, column: str) -> Measure | None:
        """What a column can hold, where the rulebook says so."""
        return next((known for known in self.measures if re.fullmatch(known.columns, column)), None)
