"""Loads the transfer tables from YAML and checks them against each other and the rules."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl
from pydantic import BaseModel

from features.bad_input import BadInput
from features.files.yaml_with_lines import MarkedYaml, Place
from risk.cases.tables.entry_types import (
    RISKS,
    CaseObjective,
    EndUser,
    GapRequirement,
    ItemPairs,
    NotificationClause,
    ReviewQuestion,
    RuleApplicability,
    SaferAlternative,
    TransferChannel,
    TransferItem,
    TransferSetting,
)
from risk.cases.tables.pressure_schema import RiskPressure
from risk.rules.checks import check_texts
from risk.rules.conditions import build_condition
from risk.rules.rulebook import Rulebook
from risk.rules.rulebook_files import TRANSFERS, RulebookFiles

TABLE_FILES: dict[str, type[BaseModel]] = {
    "items": TransferItem,
    "end_users": EndUser,
    "pairs": ItemPairs,
    "programmes": TransferChannel,
    "objectives": CaseObjective,
    "gap": GapRequirement,
    "notifications": NotificationClause,
    "pressures": RiskPressure,
    "questions": ReviewQuestion,
    "safer": SaferAlternative,
    "narrowing": RuleApplicability,
    "about": TransferSetting,
}
# Questions and safer alternatives are stored as bits of one integer per case.
MOST_BITS = 60
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class TransferTables:
    """All tables of rulebook/transfers."""

    items: tuple[TransferItem, ...]
    end_users: tuple[EndUser, ...]
    pairs: tuple[ItemPairs, ...]
    programmes: tuple[TransferChannel, ...]
    objectives: tuple[CaseObjective, ...]
    gap: GapRequirement
    notifications: tuple[NotificationClause, ...]
    pressures: tuple[RiskPressure, ...]
    questions: tuple[ReviewQuestion, ...]
    safer: tuple[SaferAlternative, ...]
    narrowing: tuple[RuleApplicability, ...]
    warning: str
    matters_from: int

    def find_question(self, name: str) -> str:
        """Find a question by its id."""
        return next(question.ask for question in self.questions if question.id == name)

    def find_safer_alternative(self, name: str) -> str:
        """Find a safer alternative by its id; swap_<item> is the item's own swap."""
        if name.startswith("swap_"):
            return next(item.swap or "" for item in self.items if item.id == name.removeprefix("swap_"))
        return next(other.way for other in self.safer if other.id == name)


def load_transfer_tables(rulebook: RulebookFiles, book: Rulebook | None = None) -> TransferTables:
    """Load and check the tables of a rulebook; with its rules, also check the rules, precedents and columns named.

    Raises BadInput with file and line at the first invalid entry.
    """
    folder = rulebook.folder / TRANSFERS
    _refuse_other_files(folder)
    files = {stem: rulebook.parse_file(f"{TRANSFERS}/{stem}.yaml") for stem in TABLE_FILES}
    for file in files.values():
        check_texts(file)
    entries = {stem: _validate_entries(files[stem], model) for stem, model in TABLE_FILES.items()}
    settings = {entry.id: entry for entry in entries["about"]}
    if (
        set(settings) != {"warning", "matters_from"}
        or settings["matters_from"].value is None
        or len(entries["gap"]) != 1
    ):
        raise BadInput(f"{folder}: about.yaml needs warning, and matters_from with a value; gap.yaml needs one entry")
    tuples = {stem: tuple(rows) for stem, rows in entries.items() if stem not in ("about", "gap")}
    tables = TransferTables(
        **tuples,
        gap=entries["gap"][0],
        warning=settings["warning"].text,
        matters_from=settings["matters_from"].value,
    )
    _check_named_entries(files, tables)
    if book is not None:
        _check_rulebook(files, tables, book)
    return tables


def _refuse_other_files(folder: Path) -> None:
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder; it must contain the transfer tables")
    unexpected = sorted(
        path.name for path in folder.iterdir() if path.stem not in TABLE_FILES or path.suffix != ".yaml"
    )
    if unexpected:
        raise BadInput(f"{unexpected[0]}: not a transfer table; the tables are {', '.join(TABLE_FILES)}")


def _validate_entries(file: MarkedYaml, model: type[BaseModel]) -> list:  # type: ignore[type-arg]
    entries = [file.validate(model, (position,)) for position in range(len(file.entries()))]
    key = "item" if model is ItemPairs else "id"
    names = [getattr(entry, key, None) for entry in entries]
    for position, name in enumerate(names):
        if name is not None and name in names[:position]:
            raise file.refusal((position, key), f"{name!r} appears twice")
    return entries


def _check_named_entries(files: dict[str, MarkedYaml], tables: TransferTables) -> None:
    """Refuse an item, user, program or objective that is not in its own table."""
    known = {
        "items": [item.id for item in tables.items],
        "users": [user.id for user in tables.end_users],
        "programmes": [channel.id for channel in tables.programmes],
        "objectives": [objective.id for objective in tables.objectives],
    }
    known["reaches"] = known["programmes"]
    for stem, entries in vars(tables).items():
        for position, entry in enumerate(entries if isinstance(entries, tuple) else ()):
            for field, names in known.items():
                _check_known_names(files[stem], position, field, getattr(entry, field, []), names)
    single = [user.id for user in tables.end_users if user.scores]
    for position, user in enumerate(tables.end_users):
        _check_known_names(files["end_users"], position, "together", user.together, single)
    for position, pairs in enumerate(tables.pairs):
        _check_known_names(files["pairs"], position, "item", [pairs.item], known["items"])
        _check_known_names(files["pairs"], position, "users", pairs.users, single)
    _check_all_present(files["pairs"], "item", [pairs.item for pairs in tables.pairs], known["items"])
    _check_all_present(files["pressures"], "risk", [pressure.id for pressure in tables.pressures], RISKS)
    for stem in ("questions", "safer"):
        if len(getattr(tables, stem)) > MOST_BITS:
            raise files[stem].refusal((), f"more than {MOST_BITS} entries")
    _check_clauses(files["notifications"], tables)
    _check_narrowing(files["narrowing"], tables)


def _check_known_names(
    file: MarkedYaml, position: int, field: str, names: Iterable[str], known: Collection[str]
) -> None:
    for name in names:
        if name not in known:
            raise file.refusal((position, field), f"{field} names {name!r}, expected one of {', '.join(known)}")


def _check_all_present(file: MarkedYaml, what: str, present: Collection[str], expected: Collection[str]) -> None:
    missing = [name for name in expected if name not in present]
    if missing:
        raise file.refusal((), f"the {what} {missing[0]!r} has no entry")


def _check_clauses(file: MarkedYaml, tables: TransferTables) -> None:
    for channel in tables.programmes:
        if not any(channel.id in clause.programmes and not clause.items for clause in tables.notifications):
            raise file.refusal((), f"no clause covers every item of the program {channel.id!r}")
    for position, clause in enumerate(tables.notifications):
        due = any(threshold.counts not in ("never", "ask") for threshold in clause.thresholds)
        if due != (clause.days is not None and clause.group_days is not None):
            raise file.refusal(
                (position,), "days and group_days are required with a threshold, and not allowed without one"
            )


def _check_narrowing(file: MarkedYaml, tables: TransferTables) -> None:
    seen: set[str] = set()
    for position, entry in enumerate(tables.narrowing):
        for name in entry.rules:
            if name in seen:
                raise file.refusal((position, "rules"), f"{name!r} has two entries")
            seen.add(name)


def _check_rulebook(files: dict[str, MarkedYaml], tables: TransferTables, book: Rulebook) -> None:
    rules = {rule.id: rule for rule in book.rules}
    for position, entry in enumerate(tables.narrowing):
        for name in entry.rules:
            if name not in rules:
                raise files["narrowing"].refusal((position, "rules"), f"no rule has the id {name!r}")
            if (rules[name].kind == "trigger") != bool(entry.reaches) or (
                rules[name].kind == "trigger" and (entry.items or entry.users or entry.risks or entry.programmes)
            ):
                what = f"{name!r}: a trigger needs reaches and no other limit; other rules cannot have reaches"
                raise files["narrowing"].refusal((position, "rules"), what)
    for stem in ("items", "end_users"):
        for position, sourced in enumerate(getattr(tables, stem)):
            _check_known_names(files[stem], position, "precedents", sourced.precedents, book.precedents)
    for position, pressure in enumerate(tables.pressures):
        _check_pressure_columns(files["pressures"], position, pressure, book.schema)


def _check_pressure_columns(file: MarkedYaml, position: int, pressure: RiskPressure, schema: pl.Schema) -> None:
    named = [pressure.forecast, pressure.record.shows if pressure.record else None]
    named += [name for part in pressure.parts for name in (part.column, part.less)]
    for name in named:
        if name is not None and (name not in schema or not schema[name].is_numeric()):
            raise file.refusal((position,), f"{name!r} is not a numeric column of the rule inputs")
    conditions: list[tuple[Place, str]] = []
    if pressure.record:
        conditions.append((("record", "applies_when"), pressure.record.applies_when))
    conditions += [(("parts", n), part.only_when) for n, part in enumerate(pressure.parts) if part.only_when]
    for location, condition in conditions:
        try:
            build_condition(condition, schema)
        except ValueError as error:
            raise file.refusal((position, *location), str(error)) from None
