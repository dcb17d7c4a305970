"""The rulebook's tables on transfers as plain values, for the memo of a case and the page on case review."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from risk.marked_yaml import read_marked
from risk.rules import RULEBOOK

FOLDER = "transfers"
Entries = dict[str, dict[str, Any]]


def transfer_words(rulebook: Path = RULEBOOK) -> dict[str, Any]:
    """Titles, reasons and sources by kind and key; nothing where a rulebook has no tables on transfers.

    item, user, objective, programme: the entries by key, as the YAML has them. question, safer: texts by id. risk: by
    key title, forecast (an outcome in words, or none), because and starts. warning: a text. rule: nothing yet, since
    rules are told by the decisions on a partner.
    """
    folder = rulebook / FOLDER
    if not folder.is_dir():
        return {}
    items = _entries(folder, "items")
    ways = {f"swap_{key}": entry["swap"] for key, entry in items.items()}
    ways |= {key: f"{entry['way']}. {entry['because']}" for key, entry in _entries(folder, "safer").items()}
    return {
        "item": items,
        "user": _entries(folder, "end_users"),
        "objective": _entries(folder, "objectives"),
        "programme": _entries(folder, "programmes"),
        "question": {key: entry["ask"] for key, entry in _entries(folder, "questions").items()},
        "safer": ways,
        "risk": {key: _risk(entry) for key, entry in _entries(folder, "pressures").items()},
        "warning": " ".join(_entries(folder, "about")["warning"]["text"].split()),
        "rule": {},
    }


def _entries(folder: Path, name: str) -> Entries:
    return {entry["id"]: entry for entry in read_marked(folder / f"{name}.yaml").entries()}


def _risk(entry: Mapping[str, Any]) -> dict[str, Any]:
    forecast = entry.get("forecast")
    outcome = forecast.removesuffix("_probability").replace("_", " ") if forecast else None
    return {**{key: entry[key] for key in ("title", "because", "starts")}, "forecast": outcome}
