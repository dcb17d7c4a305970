"""What a rule rests on: the text it cites, and the past cases it follows or is warned by."""

from datetime import date
from typing import Literal

from pydantic import Field

from risk.rules.designations import ReadingStatus
from risk.rules.validity import RulebookModel

PrecedentResult = Literal["complied", "partly", "hedged", "ignored", "reversed"]


class Reference(RulebookModel):
    """The text a rule rests on, the day it was last looked at, and whether that reading confirmed it."""

    cite: str = Field(max_length=500)
    status: ReadingStatus
    as_of: date


class RulePrecedents(RulebookModel):
    """Ids of past cases: those whose method the rule follows, and those that show how it fails."""

    follows: list[str] = []
    warned_by: list[str] = []


class PrecedentSource(RulebookModel):
    """Who wrote and who published an account of a case, and where it stands."""

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
