"""Loads and validates the rulebook: invalid rules and repealed citations are refused with file, rule and line."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import polars as pl
from pydantic import BaseModel

from features.bad_input import BadInput
from features.files.yaml_with_lines import MarkedYaml
from risk.rules.checks import (
    check_benchmark,
    check_conflicts,
    check_group_entries,
    check_measures,
    check_outcomes,
    check_repealed,
    check_texts,
)
from risk.rules.conditions import build_condition, list_condition_columns, list_condition_texts
from risk.rules.interactions import CheckGroup, RuleConflict
from risk.rules.references import Precedent
from risk.rules.rule_types import (
    Caution,
    LegalCheck,
    Offramp,
    PartnerMessage,
    PositiveCondition,
    Redline,
    Rule,
    Trigger,
)
from risk.rules.rulebook import Measure, PostureMatrix, RepealedLaw, Rulebook, TierThresholds
from risk.rules.rulebook_files import RulebookFiles, read_rulebook
from risk.rules.satisfiability import can_all_apply
from risk.rules.validity import DatedEntry, find_overlap

RULEBOOK_FOLDER = Path(__file__).resolve().parents[1] / "rulebook"
RULE_FILES: dict[str, type[Rule]] = {
    "triggers": Trigger,
    "checks": LegalCheck,
    "positive_conditions": PositiveCondition,
    "redlines": Redline,
    "offramps": Offramp,
    "messages": PartnerMessage,
}
# Cautions are validated like rules, but add no line to the decisions.
CAUTION_FILES: dict[str, type[Rule]] = {"cautions": Caution}
OTHER_FILES = ("tiers", "postures", "measures", "repealed", "precedents")
# Rulebooks written before these files existed can still be read, so that two can be compared.
LATER_FILES = ("cautions", "conflicts", "joined")
# Worked cases are for people and tests, deadlines for the ledger; nothing here reads them.
UNREAD_FILES = ("cases", "deadlines")
Model = TypeVar("Model", bound=BaseModel)
DatedModel = TypeVar("DatedModel", bound=DatedEntry)


def load_rulebook(folder: Path, schema: pl.Schema) -> Rulebook:
    """Read a rulebook and validate it in one step, when the columns are known before it is read."""
    return validate_rulebook(read_rulebook(folder), schema)


def validate_rulebook(rulebook_files: RulebookFiles, schema: pl.Schema) -> Rulebook:
    """Validate a rulebook against the columns of the rule inputs it will be applied to.

    Raises BadInput with file, rule and line at the first invalid entry.
    """
    _check_rulebook_files(rulebook_files)
    files = {stem: rulebook_files.parse_file(f"{stem}.yaml") for stem in (*RULE_FILES, *OTHER_FILES)}
    files |= {stem: _parse_later(rulebook_files, f"{stem}.yaml") for stem in LATER_FILES}
    rules = {stem: _validate_entries(files[stem], kind) for stem, kind in {**RULE_FILES, **CAUTION_FILES}.items()}
    book = Rulebook(
        schema=schema,
        rules=tuple(rule for stem in RULE_FILES for rule in rules[stem]),
        cautions=tuple(rule for rule in rules["cautions"] if isinstance(rule, Caution)),
        conflicts=tuple(_validate_entries(files["conflicts"], RuleConflict)),
        joined=tuple(_validate_entries(files["joined"], CheckGroup)),
        tiers=tuple(_validate_dated_entries(files["tiers"], TierThresholds, "outcome")),
        postures=tuple(_validate_dated_entries(files["postures"], PostureMatrix, None)),
        measures=tuple(_validate_entries(files["measures"], Measure)),
        repealed=tuple(_validate_entries(files["repealed"], RepealedLaw)),
        precedents={entry.id: entry for entry in _validate_entries(files["precedents"], Precedent)},
        designations={entry.id: entry for entry in rulebook_files.lists},
    )
    _check_entries(files, book)
    seen: set[str] = set()
    for stem, entries in rules.items():
        for position, rule in enumerate(entries):
            _check_rule(files[stem], position, rule, book, seen)
    check_conflicts(files["conflicts"], book)
    check_group_entries(files["joined"], book)
    return book


def read_rules(folder: Path) -> list[Rule]:
    """Read the rules of a rulebook in file order, without checking their conditions against a schema."""
    rulebook_files = read_rulebook(folder)
    return [
        rule
        for stem, kind in RULE_FILES.items()
        for rule in _validate_entries(rulebook_files.parse_file(f"{stem}.yaml"), kind)
    ]


def _check_entries(files: dict[str, MarkedYaml], book: Rulebook) -> None:
    for file in files.values():
        check_texts(file)
    check_measures(files["measures"], book.measures)
    check_repealed(files["repealed"], book.repealed)
    check_outcomes(files["tiers"], book.tiers)


def _parse_later(rulebook_files: RulebookFiles, name: str) -> MarkedYaml:
    return rulebook_files.parse_file(name) if name in rulebook_files.contents else MarkedYaml(name, [], {})


def _check_rulebook_files(rulebook_files: RulebookFiles) -> None:
    folder = rulebook_files.folder
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder")
    misnamed = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in (".yml", ".json", ".toml"))
    if misnamed:
        raise BadInput(f"{misnamed[0]}: rename it: rulebook files must end in .yaml")
    present = {name.removesuffix(".yaml") for name in rulebook_files.contents if "/" not in name}
    missing = sorted({*RULE_FILES, *OTHER_FILES} - present)
    if missing:
        raise BadInput(f"the rulebook in {folder} has no file {missing[0]}.yaml")
    unknown = sorted(present - {*RULE_FILES, *OTHER_FILES, *LATER_FILES, *UNREAD_FILES})
    if unknown:
        raise BadInput(f"{unknown[0]}.yaml: not a rulebook file; put rules in {', '.join(RULE_FILES)}")


def _validate_entries(file: MarkedYaml, model: type[Model]) -> list[Model]:
    entries = [file.validate(model, (position,)) for position in range(len(file.entries()))]
    ids = [getattr(entry, "id", None) for entry in entries]
    for position, name in enumerate(ids):
        if name is not None and name in ids[:position]:
            raise file.refusal((position, "id"), f"the id {name!r} is used twice")
    return entries


def _validate_dated_entries(file: MarkedYaml, model: type[DatedModel], by: str | None) -> list[DatedModel]:
    """Validate entries of which only one may be in force at a time, per value of the field `by` if set."""
    entries = _validate_entries(file, model)
    for last, entry in enumerate(entries):
        alike = [other for other in entries[: last + 1] if by is None or getattr(other, by) == getattr(entry, by)]
        if find_overlap(period for other in alike for period in other.in_force):
            raise file.refusal((last, "in_force"), "in force at the same time as an earlier entry")
    return entries


def _check_rule(file: MarkedYaml, position: int, rule: Rule, book: Rulebook, seen: set[str]) -> None:
    if rule.id in seen:
        raise file.refusal((position, "id"), f"the id {rule.id!r} is used twice")
    seen.add(rule.id)
    _check_rule_conditions(file, position, rule, book)
    _check_precedents(file, position, rule, book)
    _check_reference(file, position, rule, book.repealed)
    if isinstance(rule, PositiveCondition):
        check_benchmark(file, position, rule, book)


def _check_rule_conditions(file: MarkedYaml, position: int, rule: Rule, book: Rulebook) -> None:
    for number, condition in enumerate(rule.applies_when):
        location = (position, "applies_when", number)
        try:
            build_condition(condition, book.schema)
        except ValueError as error:
            raise file.refusal(location, str(error)) from None
        words = [
            word
            for column in list_condition_columns(condition)
            for word in getattr(book.find_measure(column), "words", [])
        ]
        unexpected = [text for text in list_condition_texts(condition) if words and text not in words]
        if unexpected:
            raise file.refusal(
                location, f"{condition!r} compares with {unexpected[0]!r}, expected one of {', '.join(words)}"
            )
    if not can_all_apply(rule.applies_when, book):
        raise file.refusal((position, "applies_when"), "can never apply: no partner could meet all its conditions")


def _check_precedents(file: MarkedYaml, position: int, rule: Rule, book: Rulebook) -> None:
    for use in ("follows", "warned_by"):
        for number, name in enumerate(getattr(rule.precedents, use)):
            if name not in book.precedents:
                raise file.refusal((position, "precedents", use, number), f"no precedent has the id {name!r}")


def _check_reference(file: MarkedYaml, position: int, rule: Rule, repealed: Sequence[RepealedLaw]) -> None:
    for instrument in repealed:
        cited = re.search(instrument.pattern, rule.reference.cite, re.IGNORECASE)
        if cited and any(period.lasts_until(instrument.ended) for period in rule.in_force):
            ended = f"{instrument.title} ended on {instrument.ended}: {instrument.by}"
            what = f"cites {cited.group()!r} as law; {ended}"
            raise file.refusal((position, "reference", "cite"), what)
