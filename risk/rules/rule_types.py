"""What each kind of entry in the rulebook must say."""

import re
from typing import Literal

from pydantic import Field, model_validator

from risk.outputs.table_rows import Kind
from risk.rules.references import Reference, RulePrecedents
from risk.rules.validity import DatedEntry, RulebookModel
from risk.vocabulary import AssistanceProgram

RULE_ID = Field(pattern="^[a-z][a-z0-9_]+$")
# A legal fact binds whatever the model says, so a trigger may not read what a model gave.
SCORE_COLUMNS = re.compile(r"(tier|.*_(probability|low|high|tier|rank|status))")


class Rule(DatedEntry):
    """What every rule says: when it applies, why, after which cases, on what text and since when."""

    id: str = RULE_ID
    kind: Kind | Literal["caution"]
    title: str
    applies_when: list[str] = Field(min_length=1, max_length=20)
    because: str
    precedents: RulePrecedents = RulePrecedents()
    reference: Reference

    def describe_consequence(self) -> str | None:
        """What follows from the rule, or lifts it, in one text."""
        return None


class Trigger(Rule):
    """A legal fact that binds whatever the score, with the waiver or other way out the law gives."""

    kind: Literal["trigger"]
    way_out: str

    def describe_consequence(self) -> str:
        """The way out."""
        return self.way_out

    @model_validator(mode="after")
    def _refuse_scores(self) -> "Trigger":
        for atom in self.applies_when:
            scored = [word for word in re.findall(r"[A-Za-z_]\w*", atom) if SCORE_COLUMNS.fullmatch(word)]
            if scored:
                raise ValueError(f"a trigger binds whatever the score, and {atom!r} reads {scored[0]!r}")
        return self


class LegalCheck(Rule):
    """A question of law no public fact decides: the title asks, the reason says who answers, from what."""

    kind: Literal["check"]


class Caution(Rule):
    """A known way for conditions to fail, shown where the facts point to it; the title says what to avoid."""

    kind: Literal["caution"]

    @model_validator(mode="after")
    def _require_precedent(self) -> "Caution":
        if not self.precedents.warned_by:
            raise ValueError("a caution names the precedents that warn, in precedents.warned_by")
        return self


class PolicyRule(Rule):
    """A rule of policy: when it does not apply though the facts fit, and which ways of giving help it covers."""

    not_when: str
    programmes: list[AssistanceProgram] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_programs_unique(self) -> "PolicyRule":
        if len(set(self.programmes)) < len(self.programmes):
            raise ValueError(f"programmes names one twice: {', '.join(self.programmes)}")
        return self

    def describe_limits(self) -> str:
        """The programmes covered and when the rule does not apply, in one line."""
        named = ", ".join(name if name == "grants" else name.upper() for name in self.programmes)
        return f"Covers {named}. Not when: {self.not_when}"


class GradedRule(PolicyRule):
    """A rule answered in graded steps."""

    steps: list[str] = Field(min_length=1)

    def describe_consequence(self) -> str:
        """The steps, numbered; then, a line each, what else must be known before they are taken."""
        steps = " ".join(f"{number}. {step.rstrip('.')}." for number, step in enumerate(self.steps, start=1))
        return "\n".join([steps, *self.list_notes(), self.describe_limits()])

    def list_notes(self) -> list[str]:
        """What else must be known before the steps are taken, a line each."""
        return []


class Redline(GradedRule):
    """What must not happen, who judges that it has, and what follows, mildest step first."""

    kind: Literal["redline"]
    judged_by: str

    def list_notes(self) -> list[str]:
        """Who judges, and by what."""
        return [f"Judged by: {self.judged_by}"]


class Offramp(GradedRule):
    """How to step down and walk away, mildest step first; what that costs, and what fills the gap."""

    kind: Literal["offramp"]
    steps: list[str] = Field(min_length=3)
    switching_cost: str
    replaced_by: str

    def list_notes(self) -> list[str]:
        """The cost of switching and the substitute."""
        return [f"Cost of switching: {self.switching_cost}", f"Replaced by: {self.replaced_by}"]


class PartnerMessage(GradedRule):
    """What to tell the partner, at which moment, and how often."""

    kind: Literal["message"]
    how_often: str

    def list_notes(self) -> list[str]:
        """How often it is said."""
        return [f"How often: {self.how_often}"]


class Benchmark(RulebookModel):
    """A measure, how far it should improve or what it should reach, and within how many years."""

    measure: str
    improve_by: float | None = Field(default=None, gt=0)
    reach: float | None = None
    within_years: int = Field(gt=0, le=10)

    @model_validator(mode="after")
    def _check_target(self) -> "Benchmark":
        if (self.improve_by is None) == (self.reach is None):
            raise ValueError("a benchmark gives either improve_by or reach")
        return self


class PositiveCondition(PolicyRule):
    """One act that earns more, a benchmark anyone can read, and what it unlocks."""

    kind: Literal["positive_condition"]
    benchmark: Benchmark
    unlocks: str

    def describe_consequence(self) -> str:
        """What the condition unlocks, then its limits."""
        return f"{self.unlocks.rstrip('.')}.\n{self.describe_limits()}"
