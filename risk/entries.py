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
from risk.joined import Joined

Kind = Literal["trigger", "check", "positive_condition", "redline", "offramp", "message"]
Result = Literal["complied", "partly", "hedged", "ignored", "reversed"]
Level = Literal["low", "guarded", "elevated", "high", "severe"]
Posture = Literal["invest", "condition", "limit", "be_wary"]
TIERS: tuple[Level, ...] = ("low", "guarded", "elevated", "high", "severe")
Id = Field(pattern="^[a-z][a-z0-9_]+$")
# A legal fact binds whatever the model says, so a trigger may not read what a model gave.
SCORES = re.compile(r"(tier|.*_(probability|low|high|tier|rank|status))")


class Reference(Entry):
    """The text a rule rests on, the day it was last looked at, and whether that reading confirmed it."""

    cite: str
    status: Status
    as_of: date


class Precedents(Entry):
    """Ids of past cases: those whose method the rule follows, and those that show how it fails."""

    follows: list[str] = []
    warned_by: list[str] = []


class Rule(Dated):
    """What every rule says: when it applies, why, after which cases, on what text and since when."""

    id: str = Id
    kind: Kind
    title: str
    applies_when: list[str] = Field(min_length=1)
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


class Stepped(Rule):
    """A rule answered in graded steps."""

    steps: list[str] = Field(min_length=1)

    def told(self) -> str:
        """The steps, numbered."""
        return " ".join(f"{number}. {step.rstrip('.')}." for number, step in enumerate(self.steps, start=1))


class Redline(Stepped):
    """What must not happen, and what follows, mildest step first."""

    kind: Literal["redline"]


class Offramp(Stepped):
    """How to step down and walk away, mildest step first."""

    kind: Literal["offramp"]
    steps: list[str] = Field(min_length=3)


class Message(Stepped):
    """What to tell the partner, and when."""

    kind: Literal["message"]


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


class PositiveCondition(Rule):
    """One act that earns more, a benchmark anyone can read, and what it unlocks."""

    kind: Literal["positive_condition"]
    benchmark: Benchmark
    unlocks: str

    def told(self) -> str:
        """What the condition unlocks."""
        return self.unlocks


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


class Source(Entry):
    """Who wrote and who published an account of a case, and where it stands."""

    author: str
    publisher: str
    url: str | None = None


class Precedent(Entry):
    """A condition, redline or offramp tried before: with whom, what was asked, the result, the lesson."""

    id: str = Id
    partners: list[str] = Field(min_length=1)
    years: str = Field(pattern=r"^\d{4}(-\d{4})?$|^\d{4}-$")
    asked: str
    result: list[Result] = Field(min_length=1)
    lesson: str
    source: Source
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
    """The posture suggested by strategic value (0 to 100) and the tier of misuse, in its four corners."""

    id: str = Id
    valued_from: float = Field(gt=0, lt=100)
    poor_record_from: Level
    valued_good_record: Posture
    valued_poor_record: Posture
    little_value_good_record: Posture
    little_value_poor_record: Posture
    because: str


@dataclass(frozen=True)
class Rulebook:
    """Everything read from the rulebook, and the typed columns its conditions were checked against."""

    schema: pl.Schema
    rules: tuple[Rule, ...]
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

    def measure(self, column: str) -> Measure | None:
        """What a column can hold, where the rulebook says so."""
        return next((known for known in self.measures if re.fullmatch(known.columns, column)), None)
