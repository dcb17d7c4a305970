"""When the next step on a report of an incident is due, by its status; what may follow is data."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "incident_clock.yaml"
FIRST = "reported"


@cache
def statuses() -> dict[str, dict[str, Any]]:
    """Each status with the days it may last (none if it ends the matter), what is due, and what may follow."""
    read: dict[str, dict[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return read


def due(status: str, since: date) -> date | None:
    """The day by which a status has to give way to another, or none."""
    days = statuses()[status].get("days")
    return since + timedelta(days=days) if days else None


def due_for(status: str) -> str:
    """What has to be done by that day, in words."""
    return str(statuses()[status].get("what", ""))
