"""What each kind of entry in rulebook/portfolio must say."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from risk.outputs.table_rows import Standing
from risk.rules.designations import Iso3
from risk.rules.references import Reference
from risk.rules.validity import RulebookModel

Id = Annotated[str, Field(pattern="^[a-z][a-z0-9_]+$")]
Year = Annotated[int, Field(ge=1946, le=2100)]
Table = Literal["concentration", "accounts"]
Within = Literal["be_wary", "europe"]
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# A year standing alone, with or without FY; anything else with a digit in it is a figure.
YEAR = re.compile(r"(?<![\w.,$])(?:FY)?(?:19|20)\d\d(?![\w%]|[.,]\d| (?:thousand|million|billion|trillion|percent)\b)")


class Span(RulebookModel):
    """Years from a first to a last, both included."""

    first: Year = Field(alias="from")
    last: Year = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.last < self.first:
            raise ValueError(f"the years end in {self.last}, before they start in {self.first}")
        return self


class Window(Span):
    """The latest years of a series that can be read side by side with the others."""

    series: str
    because: str


class TablePeriod(Span):
    """A period that a table of the page tells of."""

    table: Table
    because: str


class DataGap(Span):
    """Years of a series that lack something, of one partner or of all, and whether what is there is kept."""

    id: Id
    series: str
    partner: Iso3 | None = None
    figure: Literal["none", "at least"]
    told: str
    because: str
    reference: Reference

    @property
    def lower_bound(self) -> bool:
        """Whether what is there is part of the truth, and shown as 'at least'."""
        return self.figure == "at least"


class SourceNote(RulebookModel):
    """What a reader must know of the sources as a whole."""

    id: Id
    note: str
    because: str


class NamedPartner(RulebookModel):
    """A partner named beside a sum that would be read wrongly without it; words hold {usd} once."""

    within: Within
    partner: Iso3
    words: str
    because: str

    @model_validator(mode="after")
    def _says_the_sum(self) -> "NamedPartner":
        refuse_typed_figures("words", self.words)
        if PLACEHOLDER.findall(self.words) != ["usd"]:
            raise ValueError("words: expected {usd} once, and no other placeholder")
        return self


class Fact(RulebookModel):
    """A column of the standing, what it says, and from where on it speaks for its side."""

    column: str
    label: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_cut(self) -> "Fact":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"{self.column}: expected at_least or at_most, one of the two")
        return self

    def speaks(self, standing: Standing) -> bool:
        """Whether the fact is known and beyond its cut."""
        value = standing.get(self.column)
        if value is None:
            return False
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is not None and value <= self.at_most


class Tension(RulebookModel):
    """Two objectives, each with the facts that make it urgent and the columns by which rules speak to it."""

    id: Id
    objective: str
    against: str
    urgent: list[Fact] = Field(min_length=1)
    record: list[Fact] = Field(min_length=1)
    urgent_read_by: list[str] = Field(min_length=1)
    record_read_by: list[str] = Field(min_length=1)
    because: str


class VerdictValue(Span):
    """A figure of the claims' table (or the lowest or highest of single years), how it is written, where it may lie."""

    of: str
    each_year: Literal["lowest", "highest"] | None = None
    written: Literal["percent", "billions"] | None = Field(default=None, alias="as")
    decimals: int = Field(default=0, ge=0, le=3)
    rounded: Literal["nearest", "down"] = Field(default="nearest", alias="round")
    between: list[float] | None = Field(default=None, min_length=2, max_length=2)

    @model_validator(mode="after")
    def _has_a_use(self) -> "VerdictValue":
        if self.written is None and self.between is None:
            raise ValueError("expected as (to be written) or between (to hold the wording), or both")
        if self.between is not None and self.between[0] >= self.between[1]:
            raise ValueError(f"between: expected the lower bound first, got {self.between}")
        return self


class Claim(RulebookModel):
    """A common figure, who says it, and what the data say of it: a text whose figures are computed."""

    id: Id
    said: str
    verdict: str
    values: dict[Id, VerdictValue] = Field(min_length=1)
    because: str
    reference: Reference

    @model_validator(mode="after")
    def _placeholders_known(self) -> "Claim":
        refuse_typed_figures("verdict", self.verdict)
        written = {name for name, value in self.values.items() if value.written is not None}
        named = set(PLACEHOLDER.findall(self.verdict))
        if named - written:
            raise ValueError(
                f"verdict: {{{min(named - written)}}} is not among the values that say how they are written"
            )
        if written - named:
            raise ValueError(
                f"values: {min(written - named)!r} says how it is written, and the verdict does not name it"
            )
        return self


def refuse_typed_figures(field: str, text: str) -> None:
    """Raise ValueError where a text holds a figure that is neither a year nor a placeholder, or a brace left open."""
    plain = PLACEHOLDER.sub("", text)
    typed = re.search(r"[^\s(]*\d[^\s),;:]*", YEAR.sub("", plain))
    if typed:
        raise ValueError(f"{field}: {typed.group()!r} is a figure typed by hand: name a value in braces instead")
    if "{" in plain or "}" in plain:
        raise ValueError(f"{field}: a brace stands alone")
