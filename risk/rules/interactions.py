"""How rules interact: conflicts, and groups of checks shown as one line."""

from typing import Literal

from pydantic import Field, model_validator

from risk.rules.validity import DatedEntry


class RuleConflict(DatedEntry):
    """Rules of `yields` give way to those of `to` when both apply to one partner.

    barred: the line stays and says what bars it; left_out: it is dropped once the other is certain; never: the
    conditions exclude each other and the postures listed, which is proved when the rulebook is loaded.
    """

    id: str = Field(pattern="^[a-z][a-z0-9_]+$")
    yields: list[str] = Field(min_length=1)
    to: list[str] = Field(min_length=1)
    then: Literal["barred", "left_out", "never"]
    postures: list[Literal["invest", "condition", "limit", "be_wary"]] = []
    because: str

    @model_validator(mode="after")
    def _check_sides(self) -> "RuleConflict":
        both = sorted(set(self.yields) & set(self.to))
        if both:
            raise ValueError(f"{both[0]!r} cannot give way to itself")
        if self.postures and self.then != "never":
            raise ValueError("postures are allowed only if `then` is never")
        return self


class CheckGroup(DatedEntry):
    """Checks merged into one line, under the id of the first that applies, and who answers them."""

    id: str = Field(pattern="^[a-z][a-z0-9_]+$")
    checks: list[str] = Field(min_length=2)
    because: str
