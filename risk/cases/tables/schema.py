"""What each kind of entry in rulebook/transfers must say."""

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
    """How far something lends itself to each risk: 0 none, 1 slight, 2 some, 3 high, 4 very high."""

    repression: int = Field(ge=0, le=HIGHEST_SCORE)
    civilian_harm: int = Field(ge=0, le=HIGHEST_SCORE)
    coup: int = Field(ge=0, le=HIGHEST_SCORE)
    diversion: int = Field(ge=0, le=HIGHEST_SCORE)
    aggression: int = Field(ge=0, le=HIGHEST_SCORE)

    def list_scores(self) -> list[int]:
        """The five scores in the order of the risks."""
        return [getattr(self, one) for one in RISKS]


class SourcedEntry(RulebookModel):
    """A score's reason, its source, and the past cases it rests on."""

    id: str = TABLE_KEY
    title: str
    because: str
    source: str
    url: str | None = None
    precedents: list[str] = []


class TransferItem(SourcedEntry):
    """A category of goods or services, what it lends itself to, and what would do most of the same with less risk."""

    scores: RiskScores
    swap: str | None = None
    never_major: bool = False


class EndUser(SourcedEntry):
    """A force, and what it lends itself to; or several forces taken as one."""

    scores: RiskScores | None = None
    together: list[str] = []

    @model_validator(mode="after")
    def _check_scores_or_members(self) -> "EndUser":
        if (self.scores is None) == (not self.together):
            raise ValueError("an end user gives either scores or together")
        return self


class ItemPairs(RulebookModel):
    """The end users an item is expected with, the usual one, and the pairs that stand higher than the rule has them."""

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
            strange = [score for score in scores.values() if not 0 <= score <= HIGHEST_SCORE]
            if user not in self.users or strange:
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
    """What a case may be for, whose objective it is, and what a good statement of the gap names."""

    id: str = TABLE_KEY
    title: str
    owner: Literal["Defense", "State"]
    asks: str


class GapRequirement(RulebookModel):
    """How many words of its own a stated gap must have, once the empty ones are taken out."""

    id: str = TABLE_KEY
    least_words: int = Field(gt=0)
    least_words_of_another_objective: int = Field(gt=0)
    empty_words: list[str] = Field(min_length=1)
    because: str

    @model_validator(mode="after")
    def _check_empty_words(self) -> "GapRequirement":
        odd = [word for word in self.empty_words if not re.fullmatch(r"[a-z]{3,}", word)]
        if odd:
            raise ValueError(f"empty_words: {odd[0]!r} is not a word of three or more small letters")
        return self


class NotificationThreshold(RulebookModel):
    """One ground for notice: what counts, and the dollars or years from which it does."""

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
            raise ValueError(f"{self.counts} does not go with the amounts given: usd and group_usd, or years, or none")
        if self.usd is not None and self.group_usd is not None and self.group_usd < self.usd:
            raise ValueError(f"group_usd {self.group_usd:g} lies below usd {self.usd:g}")
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
        """The threshold of one kind, where the clause has it."""
        return next((one for one in self.thresholds if one.counts == counts), None)


class CaseScope(RulebookModel):
    """The cases an entry is about; an empty part means all."""

    programmes: list[str] = []
    items: list[str] = []
    users: list[str] = []
    objectives: list[str] = []


class ReviewQuestion(CaseScope):
    """What only a reviewer can answer, asked where every part given fits."""

    id: str = TABLE_KEY
    ask: str
    unknown: UnknownFact | None = None


class SaferAlternative(CaseScope):
    """Another way to the same objective."""

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
    """A text that every output carries, or a number that holds throughout."""

    id: Literal["warning", "matters_from"]
    text: str
    value: int | None = Field(default=None, ge=0, le=HIGHEST_SCORE)
