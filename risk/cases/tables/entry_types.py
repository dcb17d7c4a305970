"""The schema of each kind of entry in rulebook/transfers."""

import re
from typing import Literal, get_args

from pydantic import Field, model_validator

from risk.report.contracts.memo import Risk
from risk.rules.references import Reference
from risk.rules.validity import RulebookModel
from risk.vocabulary import AssistanceProgram

RISKS: tuple[Risk, ...] = get_args(Risk)
UnknownFact = Literal[
    "value_usd", "quantity", "support_years", "major_defense_equipment", "pairing", "pressure", "notice_list", "trigger"
]
UNKNOWN_FACTS: tuple[UnknownFact, ...] = get_args(UnknownFact)
HIGHEST_SCORE = 4
TABLE_KEY = Field(pattern="^[A-Za-z][A-Za-z0-9_]*$", max_length=60)


class RiskScores(RulebookModel):
    """The potential of an item or end user for each risk: 0 none, 1 slight, 2 some, 3 high, 4 very high."""

    repression: int = Field(ge=0, le=HIGHEST_SCORE)
    civilian_harm: int = Field(ge=0, le=HIGHEST_SCORE)
    coup: int = Field(ge=0, le=HIGHEST_SCORE)
    diversion: int = Field(ge=0, le=HIGHEST_SCORE)
    aggression: int = Field(ge=0, le=HIGHEST_SCORE)

    def list_scores(self) -> list[int]:
        """List the five scores in the order of the risks."""
        return [getattr(self, risk) for risk in RISKS]


class SourcedEntry(RulebookModel):
    """An entry with its reason, its source and its precedents."""

    id: str = TABLE_KEY
    title: str
    because: str
    source: str
    url: str | None = None
    precedents: list[str] = []


class TransferItem(SourcedEntry):
    """A category of goods or services, its misuse potential, and a substitute with less risk."""

    scores: RiskScores
    swap: str | None = None
    never_major: bool = False


class EndUser(SourcedEntry):
    """A force and its misuse potential, or several forces taken together."""

    scores: RiskScores | None = None
    together: list[str] = []

    @model_validator(mode="after")
    def _check_scores_or_members(self) -> "EndUser":
        if (self.scores is None) == (not self.together):
            raise ValueError("an end user needs either scores or together")
        return self


class ItemPairs(RulebookModel):
    """The end users an item is expected with, the usual one, and pairs that score higher than the formula."""

    item: str
    users: list[str]
    usual: str | None = None
    raised: dict[str, dict[Risk, int]] = {}

    @model_validator(mode="after")
    def _usual_within(self) -> "ItemPairs":
        if self.usual is not None and self.usual not in self.users:
            raise ValueError(f"usual: {self.usual!r} must be among users")
        return self

    @model_validator(mode="after")
    def _check_raised_scores(self) -> "ItemPairs":
        for user, scores in self.raised.items():
            invalid = [score for score in scores.values() if not 0 <= score <= HIGHEST_SCORE]
            if user not in self.users or invalid:
                raise ValueError(f"raised: {user!r} must be among users, with scores from 0 to {HIGHEST_SCORE}")
        return self


class TransferChannel(RulebookModel):
    """A way by which arms or help reach a partner, and the programs of the rulebook that stand for it."""

    id: str = TABLE_KEY
    title: str
    rules: list[AssistanceProgram] = Field(min_length=1)
    channel: str
    reference: Reference


class CaseObjective(RulebookModel):
    """An objective of a case, its owner, and what a good gap statement names."""

    id: str = TABLE_KEY
    title: str
    owner: Literal["Defense", "State"]
    asks: str


class GapRequirement(RulebookModel):
    """How many words a gap statement needs, not counting empty ones."""

    id: str = TABLE_KEY
    least_words: int = Field(gt=0)
    least_words_of_another_objective: int = Field(gt=0)
    empty_words: list[str] = Field(min_length=1)
    because: str

    @model_validator(mode="after")
    def _check_empty_words(self) -> "GapRequirement":
        invalid = [word for word in self.empty_words if not re.fullmatch(r"[a-z]{3,}", word)]
        if invalid:
            raise ValueError(f"empty_words: {invalid[0]!r} is not a word of three or more lowercase letters")
        return self


class NotificationThreshold(RulebookModel):
    """One notification threshold: what counts, and the dollars or years from which it does."""

    counts: Literal["major_equipment", "all", "always", "years", "never", "ask"]
    usd: float | None = Field(default=None, ge=0)
    group_usd: float | None = Field(default=None, ge=0)
    years: float | None = Field(default=None, gt=0)
    because: str

    @model_validator(mode="after")
    def _check_amounts(self) -> "NotificationThreshold":
        dollars = self.counts in ("major_equipment", "all")
        if dollars != (self.usd is not None and self.group_usd is not None) or (self.counts == "years") != bool(
            self.years
        ):
            raise ValueError(
                f"{self.counts} has the wrong amounts: major_equipment and all need usd and group_usd, years needs "
                "years, the others none"
            )
        if self.usd is not None and self.group_usd is not None and self.group_usd < self.usd:
            raise ValueError(f"group_usd {self.group_usd:g} is below usd {self.usd:g}")
        return self


class NotificationClause(RulebookModel):
    """A clause of law by which Congress is notified of a case, its thresholds, and the days it then has."""

    id: str = TABLE_KEY
    clause: str
    programmes: list[str] = Field(min_length=1)
    items: list[str] = []
    thresholds: list[NotificationThreshold] = Field(min_length=1)
    days: int | None = Field(default=None, gt=0)
    group_days: int | None = Field(default=None, gt=0)
    note: str | None = None
    note_programmes: list[str] = []
    note_from_usd: float | None = Field(default=None, gt=0)
    reference: Reference

    def find_threshold(self, counts: str) -> NotificationThreshold | None:
        """Find the threshold of one kind, or return None."""
        return next((threshold for threshold in self.thresholds if threshold.counts == counts), None)


class CaseScope(RulebookModel):
    """The cases an entry covers; an empty field means all."""

    programmes: list[str] = []
    items: list[str] = []
    users: list[str] = []
    objectives: list[str] = []


class ReviewQuestion(CaseScope):
    """A question only a reviewer can answer, asked of every case in its scope."""

    id: str = TABLE_KEY
    ask: str
    unknown: UnknownFact | None = None


class SaferAlternative(CaseScope):
    """A safer way to reach the same objective."""

    id: str = TABLE_KEY
    way: str
    because: str


class RuleApplicability(CaseScope):
    """The cases some rules concern, where not every case; for triggers, the programs the text reaches.

    until_answered: the rules stay only while the review leaves open whether Congress must be notified.
    """

    rules: list[str] = Field(min_length=1)
    risks: list[Risk] = []
    reaches: list[str] = []
    until_answered: bool = False
    because: str


class TransferSetting(RulebookModel):
    """A text included in every output, or a global number."""

    id: Literal["warning", "matters_from"]
    text: str
    value: int | None = Field(default=None, ge=0, le=HIGHEST_SCORE)
