"""The tables of transfers, read from YAML and checked against each other and the rules."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl
from pydantic import BaseModel

from features.bad_input import BadInput
from features.files.yaml_with_lines import MarkedYaml, Place
from risk.cases.tables.pressure_schema import Pressure
from risk.cases.tables.schema import (
    RISKS,
    About,
    Channel,
    Clause,
    EndUser,
    Gap,
    Item,
    Narrowing,
    Objective,
    Pairs,
    Question,
    SaferWay,
)
from risk.rules.checks import check_texts
from risk.rules.conditions import parse_atom
from risk.rules.files import TRANSFERS, RulebookFiles
from risk.rules.rulebook import Rulebook

FILES: dict[str, type[BaseModel]] = {
    "items": Item,
    "end_users": EndUser,
    "pairs": Pairs,
    "programmes": Channel,
    "objectives": Objective,
    "gap": Gap,
    "notifications": Clause,
    "pressures": Pressure,
    "questions": Question,
    "safer": SaferWay,
    "narrowing": Narrowing,
    "about": About,
}
# Questions and safer ways are held as bits of one whole number a case.
MOST_BITS = 60
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Tables:
    """Everything read from rulebook/transfers."""

    items: tuple[Item, ...]
    end_users: tuple[EndUser, ...]
    pairs: tuple[Pairs, ...]
    programmes: tuple[Channel, ...]
    objectives: tuple[Objective, ...]
    gap: Gap
    notifications: tuple[Clause, ...]
    pressures: tuple[Pressure, ...]
    questions: tuple[Question, ...]
    safer: tuple[SaferWay, ...]
    narrowing: tuple[Narrowing, ...]
    warning: str
    matters_from: int

    def question(self, name: str) -> str:
        """The question behind an id."""
        return next(one.ask for one in self.questions if one.id == name)

    def safer_way(self, name: str) -> str:
        """The way behind an id; swap_<item> stands for the item's own swap."""
        if name.startswith("swap_"):
            return next(one.swap or "" for one in self.items if one.id == name.removeprefix("swap_"))
        return next(one.way for one in self.safer if one.id == name)


def read_tables(rulebook: RulebookFiles, book: Rulebook | None = None) -> Tables:
    """Check the tables of a rulebook; with its rules, also that every rule, precedent and column named exists.

    Raises BadInput with file and line at the first entry that does not hold.
    """
    folder = rulebook.folder / TRANSFERS
    _refuse_other_files(folder)
    files = {stem: rulebook.parse_file(f"{TRANSFERS}/{stem}.yaml") for stem in FILES}
    for file in files.values():
        check_texts(file)
    read = {stem: _entries(files[stem], model) for stem, model in FILES.items()}
    about = {entry.id: entry for entry in read["about"]}
    if set(about) != {"warning", "matters_from"} or about["matters_from"].value is None or len(read["gap"]) != 1:
        raise BadInput(f"{folder}: about.yaml needs warning and matters_from with a value, gap.yaml one entry")
    kept = {stem: tuple(entries) for stem, entries in read.items() if stem not in ("about", "gap")}
    tables = Tables(
        **kept,
        gap=read["gap"][0],
        warning=about["warning"].text,
        matters_from=about["matters_from"].value,
    )
    _check_names(files, tables)
    if book is not None:
        _check_against(files, tables, book)
    return tables


def _refuse_other_files(folder: Path) -> None:
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder; the tables of transfers stand in it")
    strange = sorted(path.name for path in folder.iterdir() if path.stem not in FILES or path.suffix != ".yaml")
    if strange:
        raise BadInput(f"{strange[0]}: the tables of transfers have no such file; they are {', '.join(FILES)}")


def _entries(file: MarkedYaml, model: type[BaseModel]) -> list:  # type: ignore[type-arg]
    entries = [file.validate(model, (position,)) for position in range(len(file.entries()))]
    key = "item" if model is Pairs else "id"
    names = [getattr(entry, key, None) for entry in entries]
    for position, name in enumerate(names):
        if name is not None and name in names[:position]:
            raise file.refusal((position, key), f"{name!r} is given twice")
    return entries


def _check_names(files: dict[str, MarkedYaml], tables: Tables) -> None:
    """Every item, user, programme and objective that an entry names must be in its own table."""
    known = {
        "items": [one.id for one in tables.items],
        "users": [one.id for one in tables.end_users],
        "programmes": [one.id for one in tables.programmes],
        "objectives": [one.id for one in tables.objectives],
    }
    known["reaches"] = known["programmes"]
    for stem, entries in vars(tables).items():
        for position, entry in enumerate(entries if isinstance(entries, tuple) else ()):
            for field, names in known.items():
                _all_known(files[stem], position, field, getattr(entry, field, []), names)
    single = [one.id for one in tables.end_users if one.scores]
    for position, user in enumerate(tables.end_users):
        _all_known(files["end_users"], position, "together", user.together, single)
    for position, pairs in enumerate(tables.pairs):
        _all_known(files["pairs"], position, "item", [pairs.item], known["items"])
        _all_known(files["pairs"], position, "users", pairs.users, single)
    _each_once(files["pairs"], "item", [one.item for one in tables.pairs], known["items"])
    _each_once(files["pressures"], "risk", [one.id for one in tables.pressures], RISKS)
    for stem in ("questions", "safer"):
        if len(getattr(tables, stem)) > MOST_BITS:
            raise files[stem].refusal((), f"more than {MOST_BITS} entries")
    _check_clauses(files["notifications"], tables)
    _check_narrowing(files["narrowing"], tables)


def _all_known(file: MarkedYaml, position: int, field: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise file.refusal((position, field), f"{field} names {name!r}, expected one of {', '.join(known)}")


def _each_once(file: MarkedYaml, what: str, found: Collection[str], expected: Collection[str]) -> None:
    missing = [name for name in expected if name not in found]
    if missing:
        raise file.refusal((), f"the {what} {missing[0]!r} has no entry")


def _check_clauses(file: MarkedYaml, tables: Tables) -> None:
    for channel in tables.programmes:
        if not any(channel.id in one.programmes and not one.items for one in tables.notifications):
            raise file.refusal((), f"no clause covers every item of the programme {channel.id!r}")
    for position, clause in enumerate(tables.notifications):
        due = any(one.counts not in ("never", "ask") for one in clause.thresholds)
        if due != (clause.days is not None and clause.group_days is not None):
            raise file.refusal((position,), "a clause with a threshold gives days and group_days, another gives none")


def _check_narrowing(file: MarkedYaml, tables: Tables) -> None:
    seen: set[str] = set()
    for position, entry in enumerate(tables.narrowing):
        for name in entry.rules:
            if name in seen:
                raise file.refusal((position, "rules"), f"{name!r} is narrowed twice")
            seen.add(name)


def _check_against(files: dict[str, MarkedYaml], tables: Tables, book: Rulebook) -> None:
    rules = {rule.id: rule for rule in book.rules}
    for position, entry in enumerate(tables.narrowing):
        for name in entry.rules:
            if name not in rules:
                raise files["narrowing"].refusal((position, "rules"), f"no rule has the id {name!r}")
            if (rules[name].kind == "trigger") != bool(entry.reaches) or (
                rules[name].kind == "trigger" and (entry.items or entry.users or entry.risks or entry.programmes)
            ):
                what = f"{name!r}: a trigger is narrowed by reaches alone, and nothing else has it"
                raise files["narrowing"].refusal((position, "rules"), what)
    for stem in ("items", "end_users"):
        for position, one in enumerate(getattr(tables, stem)):
            _all_known(files[stem], position, "precedents", one.precedents, book.precedents)
    for position, pressure in enumerate(tables.pressures):
        _check_columns(files["pressures"], position, pressure, book.schema)


def _check_columns(file: MarkedYaml, position: int, pressure: Pressure, schema: pl.Schema) -> None:
    named = [pressure.forecast, pressure.record.shows if pressure.record else None]
    named += [name for part in pressure.parts for name in (part.column, part.less)]
    for name in named:
        if name is not None and (name not in schema or not schema[name].is_numeric()):
            raise file.refusal((position,), f"{name!r} is no column of numbers of the standing")
    conditions: list[tuple[Place, str]] = []
    if pressure.record:
        conditions.append((("record", "applies_when"), pressure.record.applies_when))
    conditions += [(("parts", n), part.only_when) for n, part in enumerate(pressure.parts) if part.only_when]
    for place, condition in conditions:
        try:
            parse_atom(condition, schema)
        except ValueError as error:
            raise file.refusal((position, *place), str(error)) from None
