"""The basis of a rule: the text it cites, and the precedents it follows or is warned by."""

from datetime import date
from typing import Literal

from pydantic import Field

from risk.rules.designations import ReadingStatus
from risk.rules.validity import RulebookModel

PrecedentResult = Literal["complied", "partly", "hedged", "ignored", "reversed"]


class Reference(RulebookModel):
    """The text a rule cites, the day it was last read, and whether that reading confirmed it."""

    cite: str = Field(max_length=500)
    status: ReadingStatus
    as_of: date


class RulePrecedents(RulebookModel):
    """Ids of precedents: those whose method the rule follows, and those that show how it fails."""

    follows: list[str] = []
    warned_by: list[str] = []


class PrecedentSource(RulebookModel):
    """The author, publisher and address of an account of a case."""

    author: str
    publisher: str
    url: str | None = None


class Precedent(RulebookModel):
    """A condition, redline or offramp tried before: with whom, what was asked, the result, the lesson."""

    id: str = Field(pattern="^[a-z][a-z0-9_]+$")
    partners: list[str] = Field(min_length=1)
    years: str = Field(pattern=r"^\d{4}(-\d{4})?$|^\d{4}-$")
    asked: str
    result: list[PrecedentResult] = Field(min_length=1)
    lesson: str
    source: PrecedentSource
    status: ReadingStatus
