"""The fields of each kind of entry in rulebook/portfolio."""

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
# A year by itself, with or without FY; anything else that contains a digit is a figure.
YEAR = re.compile(r"(?<![\w.,$])(?:FY)?(?:19|20)\d\d(?![\w%]|[.,]\d| (?:thousand|million|billion|trillion|percent)\b)")


class Span(RulebookModel):
    """A range of years, both ends included."""

    first: Year = Field(alias="from")
    last: Year = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.last < self.first:
            raise ValueError(f"the years end in {self.last}, before they start in {self.first}")
        return self


class Window(Span):
    """The latest years in which a series can be compared with the others."""

    series: str
    because: str


class TablePeriod(Span):
    """A period shown in a table of the page."""

    table: Table
    because: str


class DataGap(Span):
    """Years with missing data in a series, for one partner or for all, and whether the partial figure is kept."""

    id: Id
    series: str
    partner: Iso3 | None = None
    figure: Literal["none", "at least"]
    told: str
    because: str
    reference: Reference

    @property
    def lower_bound(self) -> bool:
        """Whether the figure is a lower bound, shown as 'at least'."""
        return self.figure == "at least"


class SourceNote(RulebookModel):
    """A note on the sources as a whole."""

    id: Id
    note: str
    because: str


class NamedPartner(RulebookModel):
    """A partner named next to a sum that would mislead without it; words contain {usd} once."""

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
    """A column of the rule inputs, its label, and the cutoff beyond which it counts for its side."""

    column: str
    label: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_cut(self) -> "Fact":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"{self.column}: expected at_least or at_most, one of the two")
        return self

    def speaks(self, rule_inputs: Standing) -> bool:
        """Whether the fact is known and beyond its cutoff."""
        value = rule_inputs.get(self.column)
        if value is None:
            return False
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is not None and value <= self.at_most


class Tension(RulebookModel):
    """Two competing objectives, each with its facts and the columns that its rules read."""

    id: Id
    objective: str
    against: str
    urgent: list[Fact] = Field(min_length=1)
    record: list[Fact] = Field(min_length=1)
    urgent_read_by: list[str] = Field(min_length=1)
    record_read_by: list[str] = Field(min_length=1)
    because: str


class VerdictValue(Span):
    """A figure from the claims table (or the lowest or highest single year), its format and its allowed range."""

    of: str
    each_year: Literal["lowest", "highest"] | None = None
    written: Literal["percent", "billions"] | None = Field(default=None, alias="as")
    decimals: int = Field(default=0, ge=0, le=3)
    rounded: Literal["nearest", "down"] = Field(default="nearest", alias="round")
    between: list[float] | None = Field(default=None, min_length=2, max_length=2)

    @model_validator(mode="after")
    def _has_a_use(self) -> "VerdictValue":
        if self.written is None and self.between is None:
            raise ValueError("expected as (to format it), between (to bound it), or both")
        if self.between is not None and self.between[0] >= self.between[1]:
            raise ValueError(f"between: expected the lower bound first, got {self.between}")
        return self


class Claim(RulebookModel):
    """A common claim, its source, and the verdict of the data as a text with computed figures."""

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
            raise ValueError(f"verdict: {{{min(named - written)}}} is not a value with the key as")
        if written - named:
            raise ValueError(f"values: {min(written - named)!r} has the key as, but the verdict does not use it")
        return self


def refuse_typed_figures(field: str, text: str) -> None:
    """Raise ValueError if a text has a figure that is neither a year nor a placeholder, or an unmatched brace."""
    plain = PLACEHOLDER.sub("", text)
    typed = re.search(r"[^\s(]*\d[^\s),;:]*", YEAR.sub("", plain))
    if typed:
        raise ValueError(f"{field}: {typed.group()!r} is a typed figure; use a value in braces instead")
    if "{" in plain or "}" in plain:
        raise ValueError(f"{field}: unmatched brace")
