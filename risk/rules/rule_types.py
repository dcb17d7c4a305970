"""What each kind of entry in the rulebook must say."""

import re
from typing import Literal

from pydantic import Field, model_validator

from risk.outputs.table_rows import Kind
from risk.rules.references import Reference, RulePrecedents
from risk.rules.validity import DatedEntry, RulebookModel
from risk.vocabulary import AssistanceProgram

RULE_ID = Field(pattern="^[a-z][a-z0-9_]+$")
# A legal fact binds regardless of the model, so a trigger may not read model results.
SCORE_COLUMNS = re.compile(r"(tier|.*_(probability|low|high|tier|rank|status))")


class Rule(DatedEntry):
    """The fields of every rule: when it applies, why, its precedents, its citation and its validity."""

    id: str = RULE_ID
    kind: Kind | Literal["caution"]
    title: str
    applies_when: list[str] = Field(min_length=1, max_length=20)
    because: str
    precedents: RulePrecedents = RulePrecedents()
    reference: Reference

    def describe_consequence(self) -> str | None:
        """Describe what follows from the rule, or what lifts it, in one text."""
        return None


class Trigger(Rule):
    """A legal fact that binds regardless of the score, with the waiver or other way out that the law gives."""

    kind: Literal["trigger"]
    way_out: str

    def describe_consequence(self) -> str:
        """Return the way out."""
        return self.way_out

    @model_validator(mode="after")
    def _refuse_scores(self) -> "Trigger":
        for condition in self.applies_when:
            score_columns = [word for word in re.findall(r"[A-Za-z_]\w*", condition) if SCORE_COLUMNS.fullmatch(word)]
            if score_columns:
                raise ValueError(f"a trigger cannot read a score, but {condition!r} reads {score_columns[0]!r}")
        return self


class LegalCheck(Rule):
    """A legal question that no public fact decides: the title asks it, the reason says who answers and from what."""

    kind: Literal["check"]


class Caution(Rule):
    """A known way for conditions to fail, shown when the facts point to it; the title says what to avoid."""

    kind: Literal["caution"]

    @model_validator(mode="after")
    def _require_precedent(self) -> "Caution":
        if not self.precedents.warned_by:
            raise ValueError("a caution needs at least one precedent in precedents.warned_by")
        return self


class PolicyRule(Rule):
    """A policy rule: its exceptions, and the assistance programs it covers."""

    not_when: str
    programmes: list[AssistanceProgram] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_programs_unique(self) -> "PolicyRule":
        if len(set(self.programmes)) < len(self.programmes):
            raise ValueError(f"programmes lists a value twice: {', '.join(self.programmes)}")
        return self

    def describe_limits(self) -> str:
        """Describe the programs covered and the exceptions, in one line."""
        named = ", ".join(name if name == "grants" else name.upper() for name in self.programmes)
        return f"Covers {named}. Not when: {self.not_when}"


class GradedRule(PolicyRule):
    """A rule with graded steps."""

    steps: list[str] = Field(min_length=1)

    def describe_consequence(self) -> str:
        """Describe the numbered steps, then the notes and limits, one line each."""
        steps = " ".join(f"{number}. {step.rstrip('.')}." for number, step in enumerate(self.steps, start=1))
        return "\n".join([steps, *self.list_notes(), self.describe_limits()])

    def list_notes(self) -> list[str]:
        """List what else must be known before the steps are taken, one line each."""
        return []


class Redline(GradedRule):
    """What must not happen, who judges whether it has, and what follows, mildest step first."""

    kind: Literal["redline"]
    judged_by: str

    def list_notes(self) -> list[str]:
        """List who judges, and from what."""
        return [f"Judged by: {self.judged_by}"]


class Offramp(GradedRule):
    """How to step down and walk away, mildest step first; what that costs, and what fills the gap."""

    kind: Literal["offramp"]
    steps: list[str] = Field(min_length=3)
    switching_cost: str
    replaced_by: str

    def list_notes(self) -> list[str]:
        """List the cost of switching and the replacement."""
        return [f"Cost of switching: {self.switching_cost}", f"Replaced by: {self.replaced_by}"]


class PartnerMessage(GradedRule):
    """What to tell the partner, at which moment, and how often."""

    kind: Literal["message"]
    how_often: str

    def list_notes(self) -> list[str]:
        """List how often the message is given."""
        return [f"How often: {self.how_often}"]


class Benchmark(RulebookModel):
    """A measure, how much it should improve or what it should reach, and within how many years."""

    measure: str
    improve_by: float | None = Field(default=None, gt=0)
    reach: float | None = None
    within_years: int = Field(gt=0, le=10)

    @model_validator(mode="after")
    def _check_target(self) -> "Benchmark":
        if (self.improve_by is None) == (self.reach is None):
            raise ValueError("a benchmark needs either improve_by or reach, not both")
        return self


class PositiveCondition(PolicyRule):
    """An act that earns more support, a public benchmark, and what it unlocks."""

    kind: Literal["positive_condition"]
    benchmark: Benchmark
    unlocks: str

    def describe_consequence(self) -> str:
        """Describe what the condition unlocks, then its limits."""
        return f"{self.unlocks.rstrip('.')}.\n{self.describe_limits()}"
