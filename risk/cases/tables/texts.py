"""The rulebook's tables on transfers as plain values, for the memo of a case and the page on case review."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from risk.cases.tables.loading import Tables, read_tables
from risk.cases.tables.pressure_schema import Pressure
from risk.rules.loading import RULEBOOK

FOLDER = "transfers"


def rulebook_words(rulebook: Path = RULEBOOK) -> dict[str, Any]:
    """The words of a rulebook's tables on transfers; nothing where it has none."""
    folder = rulebook / FOLDER
    return transfer_words(read_tables(folder)) if folder.is_dir() else {}


def transfer_words(tables: Tables) -> dict[str, Any]:
    """Titles, reasons and sources by kind and key, as plain values that JSON can hold.

    item, user, objective, programme: the entries by key, as the YAML has them. question, safer: texts by id. risk: by
    key title, forecast (an outcome in words, or none), because and starts. warning: a text. rule: nothing, since the
    decisions on a partner tell of rules.
    """
    ways = {f"swap_{one.id}": one.swap for one in tables.items if one.swap}
    return {
        "item": _by_key(tables.items),
        "user": _by_key(tables.end_users),
        "objective": _by_key(tables.objectives),
        "programme": _by_key(tables.programmes),
        "question": {one.id: one.ask for one in tables.questions},
        "safer": ways | {one.id: f"{one.way}. {one.because}" for one in tables.safer},
        "risk": {one.id: _risk(one) for one in tables.pressures},
        "warning": " ".join(tables.warning.split()),
        "rule": {},
    }


def _by_key(entries: Sequence[BaseModel]) -> dict[str, dict[str, Any]]:
    dumped = [entry.model_dump(mode="json") for entry in entries]
    return {entry["id"]: entry for entry in dumped}


def _risk(pressure: Pressure) -> dict[str, Any]:
    forecast = pressure.forecast
    outcome = forecast.removesuffix("_probability").replace("_", " ") if forecast else None
    return {**pressure.model_dump(mode="json", include={"title", "because", "starts"}), "forecast": outcome}
