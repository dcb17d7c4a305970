"""Periods in which something is in force: first and last day, both included."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class RulebookModel(BaseModel):
    """Base of all rulebook types: unknown keys are refused, and values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_booleans(cls, content: Any) -> Any:
        for name, field in cls.model_fields.items() if isinstance(content, dict) else ():
            value = content.get(field.alias or name)
            if isinstance(value, bool) and field.annotation is not bool:
                raise ValueError(f"{name}: cannot be yes or no, got {value}")
        return content


class ValidityPeriod(RulebookModel):
    """From a first day to a last day; no last day means no end was known when the entry was written."""

    first: date = Field(alias="from")
    last: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _check_order(self) -> "ValidityPeriod":
        if self.last is not None and self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it starts on {self.first}")
        return self

    def is_in_force(self, on: date) -> bool:
        """Whether the day is in the period."""
        return self.first <= on and (self.last is None or on <= self.last)

    def lasts_until(self, day: date) -> bool:
        """Whether the period ends on that day or later, or has no end."""
        return self.last is None or self.last >= day


class DatedEntry(RulebookModel):
    """A rulebook entry with the periods in which it is in force."""

    in_force: list[ValidityPeriod] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_periods(self) -> "DatedEntry":
        clash = find_overlap(self.in_force)
        if clash:
            raise ValueError(f"in_force periods overlap: from {clash[0].first} and from {clash[1].first}")
        return self

    def is_in_force(self, on: date) -> bool:
        """Whether the entry is in force on that day."""
        return any(period.is_in_force(on) for period in self.in_force)


def find_overlap(periods: Iterable[ValidityPeriod]) -> tuple[ValidityPeriod, ValidityPeriod] | None:
    """Find the first two periods that share a day, or return None."""
    ordered = sorted(periods, key=lambda period: period.first)
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if earlier.lasts_until(later.first):
            return earlier, later
    return None


def add_years(day: date, years: int) -> date:
    """Shift a day by a number of years, negative for earlier; February 29 becomes February 28 in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
