"""Deadlines for the next step on an incident report, by status, from the rulebook."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from features.files.yaml_with_lines import MarkedYaml, read_marked
from risk.rules.checks import check_texts
from risk.rules.references import Reference
from risk.rules.validity import RulebookModel

DEADLINES = Path(__file__).parents[1] / "rulebook" / "deadlines.yaml"
FIRST_STATUS = "reported"


class Deadline(RulebookModel):
    """A status of a report, the days it may last (None if final), the step due, and the allowed next statuses."""

    status: str
    days: int | None = Field(default=None, ge=1)
    what: str | None = None
    then: list[str] = Field(min_length=1)
    because: str
    reference: Reference

    @model_validator(mode="after")
    def _due_within_days(self) -> "Deadline":
        if (self.days is None) != (self.what is None):
            raise ValueError("days and what: expected both or neither")
        return self


def read_deadlines(file: MarkedYaml) -> dict[str, Deadline]:
    """Read every status by name; raises BadInput with file and line of the first invalid entry."""
    check_texts(file)
    entries = [file.validate(Deadline, (position,)) for position in range(len(file.entries()))]
    names = [entry.status for entry in entries]
    for position, entry in enumerate(entries):
        if names.index(entry.status) != position:
            raise file.refusal((position, "status"), f"{entry.status!r} is given twice")
    for position, entry in enumerate(entries):
        unknown = [name for name in entry.then if name not in names]
        if unknown:
            what = f"then names {unknown[0]!r}, expected one of {', '.join(names)}"
            raise file.refusal((position, "then"), what)
    if FIRST_STATUS not in names:
        raise file.refusal((), f"no entry for the status {FIRST_STATUS!r}")
    return dict(zip(names, entries, strict=True))


@cache
def load_statuses() -> Mapping[str, Deadline]:
    """Load the report statuses of the engine's own rulebook, by name."""
    return read_deadlines(read_marked(DEADLINES))


def compute_deadline(status: str, since: date) -> date | None:
    """Return the day by which a status must change, or None."""
    days = load_statuses()[status].days
    return since + timedelta(days=days) if days else None


def describe_next_step(status: str) -> str:
    """Describe the step due by that day."""
    return load_statuses()[status].what or ""
